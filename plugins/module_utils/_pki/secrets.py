# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets of certificates on the API server: read, reserved and written, so that nothing is signed twice."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._errors import Failure
from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import INSTANCE_LABEL, KEEP_ANNOTATION, Manifest, Scope, field_manager, label_of
from .._kubernetes.record import record_ref
from .._kubernetes.response import ApiError
from .._kubernetes.secret import secret
from .asked import AUTHORITIES, Asked
from .material import SUFFIXES, Holding, Live, instance_of

# What the server says of an object that is not any more as the run read it.
_CONFLICT = "the object has been modified"
_REMEMBERED = "authority."
_MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Seen:
    """What is there, and in which version each Secret of ours was read."""

    live: Live
    versions: Mapping[str, str]


def read(client: Client, asked: Asked) -> Seen:
    """The Secrets of the stack, those that are given, and what the record remembers."""
    scope = scope_of(asked, SUFFIXES)
    # First what is remembered: a CA that another run makes meanwhile is remembered after its Secret is written, and
    # with the Secrets read first it would be taken for one that was lost.
    record = client.request("GET", record_ref(scope).path, ok=(404,))
    items = {item["metadata"]["name"]: item for item in stored(client, scope)}
    own = {name: _texts(item) for name, item in items.items()}
    annotations = {name: item["metadata"].get("annotations") or {} for name, item in items.items()}
    given = {name: _given(client, asked.namespace, name) for name in _given_names(asked)}
    kept = (record.body.get("data") or {}) if record.status != 404 else {}
    remembered = frozenset(name for name in AUTHORITIES if f"{_REMEMBERED}{SUFFIXES[name]}" in kept)
    # One that was reserved and not filled is as good as none.
    live = Live({name: data for name, data in own.items() if data}, annotations, given, remembered)
    return Seen(live, {name: item["metadata"]["resourceVersion"] for name, item in items.items()})


def scope_of(asked: Asked, options: Iterable[str]) -> Scope:
    """What a run may touch: the Secrets that these options are about."""
    return Scope(asked.stack, asked.namespace, frozenset(map(instance_of, options)))


def stored(client: Client, scope: Scope) -> list[Manifest]:
    """The live Secrets of a scope."""
    items = client.list(KINDS["Secret"], scope.namespace, scope.selector)
    return [item for item in items if scope.includes(label_of(item, INSTANCE_LABEL))]


def reserve(client: Client, asked: Asked, holding: Holding) -> str | None:
    """Make an empty Secret of this name, which only one of several runs can; its version, None where it was there.

    Raises ApiError, with status 404 where the namespace does not exist.
    """
    body = _manifest(asked, holding, "", {})
    query = {"fieldManager": field_manager(asked.stack, instance_of(holding.option))}
    path = KINDS["Secret"].path(asked.namespace)
    try:
        answer = client.request("POST", path, query=query, body=body)
    except ApiError as error:
        if error.reason == "AlreadyExists":
            return None
        raise
    return str(answer.body["metadata"]["resourceVersion"])


def manifests(asked: Asked, holdings: Iterable[Holding], versions: Mapping[str, str]) -> list[Manifest]:
    """The Secrets as they shall be; the server refuses what was changed since it was read in ``versions``."""
    return [_manifest(asked, each, versions.get(each.name, ""), each.data) for each in holdings]


def is_conflict(error: Failure) -> bool:
    """Whether a write failed since somebody else wrote in between."""
    return (isinstance(error, ApiError) and error.status == 409) or _CONFLICT in str(error)


def remember(client: Client, asked: Asked, options: Iterable[str], now: datetime | None) -> None:
    """Note in the stack's record that there is a CA since ``now``, or for None that there is none any longer."""
    data = {f"{_REMEMBERED}{SUFFIXES[name]}": now.strftime("%Y-%m-%d") if now else None for name in options}
    if data:
        path = record_ref(scope_of(asked, options)).path
        query = {"fieldManager": field_manager(asked.stack, "")}
        client.request("PATCH", path, query=query, body={"data": data}, content_type=_MERGE, ok=(404,))


def _manifest(asked: Asked, holding: Holding, version: str, data: Mapping[str, str]) -> Manifest:
    made = secret(holding.name, asked.namespace, asked.stack, instance_of(holding.option), data)
    annotations = dict(holding.annotations)
    if holding.option in AUTHORITIES:
        annotations[KEEP_ANNOTATION] = "true"
    if annotations:
        made["metadata"]["annotations"] = annotations
    if version:
        made["metadata"]["resourceVersion"] = version
    return made


def _given_names(asked: Asked) -> set[str]:
    wishes: list[Any] = [*asked.authorities.values(), *asked.leaves.values()]
    return {each.secret for each in wishes if each.secret}


def _given(client: Client, namespace: str, name: str) -> dict[str, str]:
    answer = client.request("GET", KINDS["Secret"].path(namespace, name), ok=(404,))
    return _texts(answer.body) if answer.status != 404 else {}


def _texts(item: Mapping[str, Any]) -> dict[str, str]:
    return {key: base64.b64decode(text).decode("utf-8", "replace") for key, text in (item.get("data") or {}).items()}
