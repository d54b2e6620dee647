# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files for pods that somebody else keeps in Secrets and ConfigMaps: where they are, and which flags may name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake
from .._objstore.credentials import SECRETS_DIR
from .flags import Flag, name_of
from .model import Facts, Instance, Stack
from .remote_write import remote_write_secrets

CONFIG_MAPS_DIR = "/etc/thanos/config-maps"
# What images have in any case.
_EVERYWHERE = ("/dev/", "/etc/ssl/", "/proc/", "/var/run/secrets/kubernetes.io/")


def sources(instance: Instance) -> list[tuple[str, str, str]]:
    """(kind, name, path in the pods) of each of the instance's own Secrets and ConfigMaps."""
    return [
        *(("Secret", name, f"{SECRETS_DIR}/{name}") for name in _secrets(instance)),
        *(("ConfigMap", name, f"{CONFIG_MAPS_DIR}/{name}") for name in instance["config_maps"]),
    ]


def _secrets(instance: Instance) -> list[str]:
    """Those that an option names as a whole, and those with the certificates of remote writes."""
    needed = dict.fromkeys(name for name, _key in remote_write_secrets(instance))
    return [*instance["secrets"], *(name for name in needed if name not in instance["secrets"])]


def file_volumes(instance: Instance) -> list[dict[str, Any]]:
    """A volume for each of the instance's own Secrets and ConfigMaps."""
    secrets, config_maps = enumerate(_secrets(instance)), enumerate(instance["config_maps"])
    return [
        *({"name": f"secret-{i}", "secret": {"secretName": name}} for i, name in secrets),
        *({"name": f"config-map-{i}", "configMap": {"name": name}} for i, name in config_maps),
    ]


def file_mounts(instance: Instance) -> dict[str, str]:
    """Where each of these volumes is in the containers."""
    return {
        **{f"secret-{i}": f"{SECRETS_DIR}/{name}" for i, name in enumerate(_secrets(instance))},
        **{f"config-map-{i}": f"{CONFIG_MAPS_DIR}/{name}" for i, name in enumerate(instance["config_maps"])},
    }


def file_exists(instance: Instance, path: str) -> bool:
    """Whether the containers may have a file: in their image, in a volume of theirs, or from Kubernetes itself."""
    return path.startswith((*_EVERYWHERE, *(f"{below}/" for below in file_mounts(instance).values())))


# The names below are arguments of requests and labels, not keys of Prometheus.
_NAMED_BY_USERS = frozenset({"params", "labels"})


def job_files(value: Any, where: str) -> list[tuple[str, str]]:
    """(place, path) of every file that scrape jobs name."""
    if isinstance(value, Mapping):
        below = {key: item for key, item in value.items() if key not in _NAMED_BY_USERS}
        found = [pair for key, item in below.items() for pair in job_files(item, f"{where}.{key}")]
        named = {key: item for key, item in value.items() if str(key).endswith("_file") and isinstance(item, str)}
        several = [("files", item) for item in value.get("files") or () if isinstance(item, str)]
        return found + [(f"{where}.{key}", path) for key, path in [*named.items(), *several] if path]
    if isinstance(value, (list, tuple)):
        return [pair for i, item in enumerate(value) for pair in job_files(item, f"{where}[{i}]")]
    return []


def problems_of_files(instance: Instance, known: Mapping[str, Flag], where: str) -> list[Finding]:
    """Flags in extra_args that name a file which no container has.

    An image of the user's own may hold any file, and what pod annotations ask for may put one there.
    """
    if instance["image"] or instance["pod_annotations"]:
        return []
    problems = []
    for argument in instance["extra_args"]:
        name, path = name_of(argument), argument.partition("=")[2]
        if name in known and known[name].file and path and "$(" not in path and not file_exists(instance, path):
            advice = (
                f"name its Secret in secrets (or its ConfigMap in config_maps), and the file as "
                f"{SECRETS_DIR}/<Secret>/<key>"
            )
            problems.append(mistake("file-missing", where, f"--{name}: the pods have no file {path}", advice))
    return problems


def missing_files(stack: Stack, facts: Facts) -> list[Finding]:
    """Secrets and ConfigMaps that pods have files from and that are not there, or lack the key that a flag names."""
    problems = []
    for instance in stack.instances:
        for kind, name, path in sources(instance):
            keys = facts.files.get(f"{kind}/{name}")
            what, where = f"the {kind} {stack.namespace}/{name}", f"instances.{instance.name}"
            if keys is None:
                option = "secrets" if kind == "Secret" else "config_maps"
                advice = "make it, or leave it out"
                problems.append(mistake("file-missing", f"{where}.{option}", f"{what} does not exist", advice))
                continue
            problems += [
                mistake("file-missing", f"{where}.{place}", f"{what} has no key {key}", f"it has: {', '.join(keys)}")
                for place, key in sorted(_keys_below(f"{path}/", instance))
                if key not in keys and not set("$*").intersection(key)
            ]
    return problems


def _keys_below(path: str, instance: Instance) -> set[tuple[str, str]]:
    """(option, key) of the files in a folder that flags and scrape jobs name."""
    named = [("extra_args", argument.partition("=")[2]) for argument in instance["extra_args"]]
    if "scrape_configs" in instance.options:
        named += job_files(instance["scrape_configs"], "scrape_configs")
    named += [("remote_write", f"{SECRETS_DIR}/{name}/{key}") for name, key in remote_write_secrets(instance)]
    return {(place, file.removeprefix(path).partition("/")[0]) for place, file in named if file.startswith(path)}
