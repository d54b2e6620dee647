# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each option of a stack was typed: option path → variable path, so that messages name it as its user did. Pure.

Only what differs is listed: the variable of an option is that of the longest path above it, and the rest of the path.
``instances.store: thanos_store`` is thus enough for every option of the store, unless another layer sets one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._objstore.options import AT
from .._thanos.tiers import TIERS
from .arguments import declared_instances, external_access, store_of
from .pki_passes import LASTING
from .variables import declared_stores, layers_apart, mapping

# Options that the roles take from one variable each.
PLAIN = {
    "name": "thanos_stack",
    "namespace": "thanos_namespace",
    "cluster": "thanos_cluster",
    "version": "thanos_version",
    "kubeconfig": "thanos_kubeconfig",
    "context": "thanos_context",
    "wait_timeout": "thanos_wait_timeout",
    "timeout": "thanos_verify_timeout",
    "instances": "thanos_instances",
    **{name: f"thanos_pki.{name}" for name in LASTING},
    "rotate": "thanos_pki_rotate",
    "new_ca": "thanos_pki_new_ca",
}


def sources(variables: Mapping[str, Any], store: str = "") -> dict[str, str]:
    """Option path of a module → the variable, and the path in it, that says it; ``store``: the object store it is for.

    Mistakes in the variables are told by ``instances``; what is not well formed has no source here.
    """
    found = dict(PLAIN)
    found.update(_typed("common", layers_apart(variables, "common", [])))
    for tier in TIERS:
        found.update(_typed(f"instances.{tier}", layers_apart(variables, tier, [])))
    return {
        **found,
        **_secrets_of_somebody_else(variables),
        **(_of_store(said(variables, store)) if store else {}),
    }


def _of_store(variable: str) -> dict[str, str]:
    """Of a task for one object store, which has the store's name and that of the stack apart."""
    return {AT.rstrip("."): variable, "name": variable, "stack": PLAIN["name"]}


def said(variables: Mapping[str, Any], store: str) -> str:
    """The variable, and the path in it, that says an object store."""
    short = mapping(variables, "thanos_objstore", [])
    return "thanos_objstore" if short and store == "default" else f"thanos_objstores.{store}"


def _typed(option: str, layers: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """The sources of ``option`` and of what is in it; ``layers`` are (variable path, value), the last one wins."""
    given = _that_count([layer for layer in layers if layer[1] != {}])
    if not given:
        return {option: layers[0][0]}
    variable = given[0][0]
    found = {option: variable}
    if len(given) == 1:
        return found
    for key in dict.fromkeys(key for _path, value in given for key in value):
        inside = _typed(f"{option}.{key}", [(f"{path}.{key}", value[key]) for path, value in given if key in value])
        if inside[f"{option}.{key}"] == f"{variable}.{key}":
            del inside[f"{option}.{key}"]
        found.update(inside)
    return found


def _that_count(layers: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The last layers that are merged: all mappings after the last one that is none, or that one alone."""
    for below in range(len(layers) - 1, -1, -1):
        if not isinstance(layers[below][1], Mapping):
            return list(layers[below + 1 :]) or [layers[below]]
    return list(layers)


def _secrets_of_somebody_else(variables: Mapping[str, Any]) -> dict[str, str]:
    stores, found = declared_stores(variables, []), {}
    for name, options in declared_instances(variables, []).items():
        store = store_of(options)
        access = external_access(name, options, stores, f"{said(variables, store)}.")
        if access:
            found[f"instances.{name}.objstore_secret"] = f"{access.where}credentials_from"
    return found
