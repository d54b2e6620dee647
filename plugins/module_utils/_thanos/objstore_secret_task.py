# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of ``objstore_secret``: the Secrets of one object store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._body import Mode, body, sourced
from .._findings import Finding, mistake
from .._kubernetes.connection import ARGUMENT_SPEC
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import STACK_LABEL, Scope
from .._kubernetes.secret import ensure
from .._kubernetes.task import connect, result, settings
from .._objstore.credentials import emptied
from .._objstore.options import for_pods, mistakes, rows, typed_at
from .._options.convert import convert
from .._options.rows import SOURCES, Option, argument_spec, is_set
from .objstore_secrets import Place, labels_of, manifests, moved, names
from .versions import DEFAULT_THANOS

_BESIDE = {
    "name": Option(default="default", form="dns_label"),
    "stack": Option(default="thanos", form="service_name"),
    "namespace": Option(default="monitoring", form="dns_label"),
    "version": Option(default=DEFAULT_THANOS),
    "state": Option(choices=("present", "absent"), default="present"),
    "sources": SOURCES,
}
_OPTIONS = {**_BESIDE, "store": Option("dict", required=True, options=rows())}
SPEC = {**argument_spec(_OPTIONS), **ARGUMENT_SPEC}


def problems(raw: Mapping[str, Any]) -> list[Finding]:
    """Every mistake in the raw parameters."""
    found: list[Finding] = []
    values = convert(_BESIDE, {name: raw[name] for name in _BESIDE if name in raw}, "", found)
    if not is_set(raw.get("store")):
        what = "is required: say its type and bucket, and how to reach it"
        return [*found, mistake("option-required", typed_at(raw).rstrip("."), what, joint=" ")]
    return found + mistakes(raw["store"], values["version"], typed_at(raw), whole=values["state"] != "absent")


def run(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Make or remove the Secrets of one object store."""
    store, present = params["store"], params["state"] == "present"
    place = Place(params["stack"], params["namespace"], params["name"])
    client = connect(params, mode)
    wanted = manifests(client, place, store, params["version"]) if present else []
    warnings = (
        [str(found) for found in emptied(store, for_pods(store), typed_at(params), several=False)] if present else []
    )
    if wanted:
        selector = f"{STACK_LABEL}={place.stack}"
        warnings += moved(place, client.list(KINDS["Secret"], place.namespace, selector), wanted)
    scope = Scope(place.stack, place.namespace, frozenset(labels_of(place)))
    done = ensure(client, scope, wanted, settings(params, mode))
    return result(done, warnings, secrets=_names(params))


def _names(params: Mapping[str, Any]) -> dict[str, str]:
    """The result by which others find the Secrets: none where they go."""
    place = Place(params["stack"], params["namespace"], params["name"])
    return names(place, params["store"]) if params["state"] == "present" else {}


OBJSTORE_SECRET = sourced(body(SPEC, problems, run, whole={"secrets": _names}, rows=_OPTIONS))
