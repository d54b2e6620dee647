# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of ``objstore_secret``: the Secrets of one object store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._body import Mode, body
from .._kubernetes.connection import ARGUMENT_SPEC
from .._kubernetes.manifest import Scope
from .._kubernetes.secret import ensure
from .._kubernetes.task import connect, result, settings
from .._objstore.credentials import emptied
from .._objstore.options import argument_spec, for_pods, mistakes
from .objstore_secrets import Place, labels_of, manifests, names

SPEC: dict[str, Any] = {
    "name": {"type": "str", "default": "default"},
    "stack": {"type": "str", "default": "thanos"},
    "namespace": {"type": "str", "default": "monitoring"},
    "version": {"type": "str", "default": "0.42.4"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "store": {"type": "dict", "required": True, "options": argument_spec()},
    **ARGUMENT_SPEC,
}


def problems(raw: Mapping[str, Any]) -> list[str]:
    """Every mistake in the raw parameters."""
    if raw.get("store") in (None, "", {}):
        return ["store is required: say its type and bucket, and how to reach it."]
    version = str(raw.get("version") or SPEC["version"]["default"])
    return mistakes(raw["store"], version, whole=raw.get("state") != "absent")


def run(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Make or remove the Secrets of one object store."""
    store, present = params["store"], params["state"] == "present"
    place = Place(params["stack"], params["namespace"], params["name"])
    client = connect(params, mode)
    wanted = manifests(client, place, store, params["version"]) if present else []
    warnings = emptied(store, for_pods(store), "store.", several=False) if present else []
    scope = Scope(place.stack, place.namespace, frozenset(labels_of(place)))
    done = ensure(client, scope, wanted, settings(params, mode))
    return result(done, warnings, secrets=names(place, store) if present else {})


OBJSTORE_SECRET = body(SPEC, problems, run)
