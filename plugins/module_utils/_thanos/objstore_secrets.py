# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets of one object store: one for each access role that is named, one for the rest."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import InvalidInput
from .._findings import Finding, mistake
from .._kubernetes.client import Client
from .._kubernetes.manifest import INSTANCE_LABEL, PODS_ANNOTATION, Manifest, label_of
from .._kubernetes.secret import secret
from .._objstore.credentials import ALL, ROLES, Access, needs_of_pods
from .._objstore.identity import Identity, identity, same
from .._objstore.needs import secret_label, secret_of
from .._objstore.objstore_yml import FILE, render
from .._objstore.options import for_pods, read_ca
from .objstores import moved as moved_to


class Place(NamedTuple):
    """Which object store of which stack."""

    stack: str
    namespace: str
    store: str

    def label(self, role: str) -> str:
        """The instance that the Secret of an access role belongs to."""
        return secret_label(self.store, role)


def labels_of(place: Place) -> list[str]:
    """The instances of all its possible Secrets."""
    return [place.label(role) for role in (ALL, *ROLES)]


def names(place: Place, store: Mapping[str, Any]) -> dict[str, str]:
    """Access role → name of its Secret, also where somebody else makes it."""
    return {role: secret_of(place.stack, place.store, access) for role, access in for_pods(store).items()}


def manifests(client: Client, place: Place, store: Mapping[str, Any], version: str) -> list[Manifest]:
    """The Secrets that are ours to make. Raises InvalidInput when one that a credential comes from is of no use."""
    accesses = [access for access in for_pods(store).values() if access.mode != "external"]
    found = _read(client, place.namespace, accesses)
    return [_manifest(place, access, found, version) for access in accesses]


def moved(place: Place, live: Iterable[Manifest], wanted: Iterable[Manifest]) -> list[str]:
    """A sentence for every bucket that a Secret of the store named until now, and that it names no longer."""
    coming = {item["metadata"]["name"]: identity(_text(item)) for item in wanted}
    pairs: dict[tuple[Identity, tuple[Identity, ...]], None] = {}
    for item in live:
        name, old = item["metadata"]["name"], identity(_text(item))
        # One that goes is followed by those of the access roles, or the other way round.
        new = [one for one in ([coming[name]] if name in coming else coming.values()) if one]
        if label_of(item, INSTANCE_LABEL) in labels_of(place) and old and new and not any(same(old, n) for n in new):
            pairs[old, tuple(dict.fromkeys(new))] = None
    whose = f"the pods of the stack {place.stack} with the object store {place.store}"
    return [moved_to(whose, old, new) for old, new in pairs]


def _text(item: Manifest) -> str:
    return base64.b64decode((item.get("data") or {}).get(FILE, "")).decode("utf-8", "replace")


def _manifest(place: Place, access: Access, found: Mapping[str, Mapping[str, str]], version: str) -> Manifest:
    # A Secret made from a file often has the end of its line.
    values = {key: found[access.source][name].rstrip("\r\n") for key, name in access.taken.items()}
    keys = {**access.keys, **values} if access.mode == "existing" else access.keys
    files = render(read_ca(keys), version).files
    name = secret_of(place.stack, place.store, access)
    made = secret(name, place.namespace, place.stack, place.label(access.role), files)
    needs = needs_of_pods(access)
    if needs:
        made["metadata"]["annotations"] = {PODS_ANNOTATION: json.dumps(needs, sort_keys=True)}
    return made


def _read(client: Client, namespace: str, accesses: Iterable[Access]) -> dict[str, dict[str, str]]:
    """Secret → key → text, of those that credentials come from."""
    found: dict[str, dict[str, str]] = {}
    problems = []
    for access in accesses:
        if not access.source:
            continue
        if access.source not in found:
            answer = client.request("GET", f"/api/v1/namespaces/{namespace}/secrets/{access.source}", ok=(404,))
            data = (answer.body.get("data") or {}) if answer.status != 404 else {}
            found[access.source] = {k: base64.b64decode(text).decode("utf-8", "replace") for k, text in data.items()}
        problems += _unusable(access, f"{namespace}/{access.source}", found[access.source])
    if problems:
        raise InvalidInput(list(dict.fromkeys(problems)))
    return found


def _unusable(access: Access, name: str, data: Mapping[str, str]) -> list[Finding]:
    where = f"store.{access.where}credentials_from"
    if not data:
        what = f"the Secret {name} does not exist or is empty"
        return [mistake("objstore-secret-missing", f"{where}.name", what, "make it first")]
    wanted = access.taken.items()
    problems = [
        mistake(
            "objstore-secret-missing",
            f"{where}.keys.{key}",
            f"the Secret {name} has no key '{taken}'",
            f"it has {', '.join(sorted(data))}",
        )
        for key, taken in wanted
        if not data.get(taken)
    ]
    if access.mode == "env":
        problems += [
            mistake(
                "credential-invalid",
                f"{where}.keys.{key}",
                f"the value at '{taken}' of the Secret {name} has several lines, which objstore.yml cannot take from "
                "the environment",
                "write it in one line, or use credentials_mode: existing",
            )
            for key, taken in wanted
            if "\n" in data.get(taken, "").rstrip("\n")
        ]
    return problems
