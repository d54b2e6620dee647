# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists whose items the server tells apart by keys: it applies no object with two items of one key, or one without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_OF_CONTAINER = {
    "env": ("name",),
    "ports": ("containerPort", "protocol"),
    "resources.claims": ("name",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
}
_OF_POD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_CONTAINERS, ("name",)),
    **{f"{name}.{path}": keys for name in _CONTAINERS for path, keys in _OF_CONTAINER.items()},
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "resourceClaims": ("name",),
    "resources.claims": ("name",),
    "schedulingGates": ("name",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumes": ("name",),
}
_OF_TEMPLATE = {f"spec.template.spec.{path}": keys for path, keys in _OF_POD.items()}
# Kind → path of a list → its keys, as the server's OpenAPI document has them (x-kubernetes-list-map-keys).
MAP_KEYS: dict[str, Mapping[str, tuple[str, ...]]] = {
    "Deployment": _OF_TEMPLATE,
    "StatefulSet": _OF_TEMPLATE,
    "Service": {"spec.ports": ("port", "protocol")},
    "ServiceAccount": {"secrets": ("name",)},
}
# The server fills these in before it compares.
_DEFAULTS = {"protocol": "TCP"}


@dataclass(frozen=True)
class Clash:
    """An item that the server would refuse: ``path`` of the list, and its ``key``.

    ``lacks`` is the key field that it does not have, empty where another item has the same key.
    """

    path: str
    key: Mapping[str, Any]
    lacks: str = ""


def clashes(manifest: Mapping[str, Any]) -> list[Clash]:
    """What the server would refuse in the lists of an object."""
    return [
        clash
        for path, keys in MAP_KEYS.get(manifest["kind"], {}).items()
        for items in _lists(manifest, path.split("."))
        for clash in _of_list(path, keys, items)
    ]


def _of_list(path: str, keys: tuple[str, ...], items: list[Any]) -> Iterator[Clash]:
    seen = []
    for item in items:
        key = {name: item.get(name, _DEFAULTS.get(name)) for name in keys}
        lacks = next((name for name in keys if key[name] is None), "")
        if lacks or key in seen:
            yield Clash(path, key, lacks)
        seen.append(key)


def _lists(value: Any, path: list[str]) -> Iterator[list[Any]]:
    """The lists at a path, which may lead through other lists."""
    if isinstance(value, list) and path:
        for item in value:
            yield from _lists(item, path)
    elif isinstance(value, Mapping) and path:
        yield from _lists(value.get(path[0]), path[1:])
    elif isinstance(value, list):
        yield value
