# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with rendered objects that the server would tell only in the middle of a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._findings import Finding, mistake
from .._kubernetes.lists import Clash, clashes
from .._kubernetes.manifest import INSTANCE_LABEL, label_of
from .._kubernetes.phases import Phase
from .._objstore.credentials import SECRETS_DIR
from .files import CONFIG_MAPS_DIR
from .model import Instance, Manifest, Stack

# The last part of a list's path → the options that its items come from.
_OPTIONS_OF: Mapping[str, tuple[str, ...]] = {
    "env": ("env",),
    "imagePullSecrets": ("image_pull_secrets",),
    "topologySpreadConstraints": ("topology_spread_constraints",),
}
_MOUNTS = {SECRETS_DIR: "secrets", CONFIG_MAPS_DIR: "config_maps"}


def would_be_refused(stack: Stack, phases: Iterable[Phase]) -> list[Finding]:
    """Items of lists that have a key twice, or lack it; each is said once, at its option where there is one."""
    instances = {instance.name: instance for instance in stack.instances}
    found = [
        _finding(instances[label_of(manifest, INSTANCE_LABEL)], manifest, clash)
        for phase in phases
        for manifest in phase.objects
        for clash in clashes(manifest)
    ]
    return list(dict.fromkeys(found))


def _finding(instance: Instance, manifest: Manifest, clash: Clash) -> Finding:
    names = [name for name in _options(clash) if instance[name]]
    where = f"instances.{instance.name}" + (f".{names[0]}" if names else "")
    key = ", ".join(f"{name} {value}" for name, value in clash.key.items() if value is not None)
    place = "" if names else f"{manifest['kind']} {manifest['metadata']['name']}, {clash.path}: "
    if clash.lacks:
        what = f"{place}an entry{f' with {key}' if key else ''} has no {clash.lacks}"
        return mistake("option-required", where, what, "give it one")
    ours = bool(names) and sum(_has(item, clash.key) for name in names for item in instance[name]) < 2
    what, advice = (
        (f"{key} is set by the collection itself", "use another name")
        if ours
        else (f"{place}{key} is given twice", "leave one of them out")
    )
    return mistake("option-conflict", where, what, advice)


def _options(clash: Clash) -> tuple[str, ...]:
    """The options from which entries with this key come."""
    if path := clash.key.get("mountPath"):
        return tuple(option for folder, option in _MOUNTS.items() if str(path).startswith(f"{folder}/"))
    return _OPTIONS_OF.get(clash.path.rpartition(".")[2], ())


def _has(item: Any, key: Mapping[str, Any]) -> bool:
    """Whether an entry of an option, a mapping or a name, has this key."""
    if isinstance(item, Mapping):
        return all(item.get(name) == value for name, value in key.items())
    return any(str(value).rpartition("/")[2] == item for value in key.values())
