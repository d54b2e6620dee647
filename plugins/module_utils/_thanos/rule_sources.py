# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule files of rulers that are not inline: files on the controller and ConfigMaps of the namespace."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable

from .._errors import InvalidInput
from .._findings import Finding, mistake
from .._kubernetes.client import Client
from .model import Instance, Stack
from .tier import Duty


def rule_sources(client: Client, stack: Stack) -> dict[str, dict[str, str]]:
    """Text by file name, by ruler instance. Raises InvalidInput for sources that are missing or collide."""
    problems: list[Finding] = []
    result = {}
    for instance in stack.doing(Duty.RULES):
        files: dict[str, str] = {}
        for where, name, text in [
            *_from_files(instance, problems),
            *_from_config_maps(client, stack, instance, problems),
        ]:
            if name in files or name in instance["rules"]:
                problems.append(mistake("rules-source", where, f"there are two rule files named {name}", "rename one"))
            files[name] = text
        result[instance.name] = files
    if problems:
        raise InvalidInput(problems)
    return result


def _from_files(instance: Instance, problems: list[Finding]) -> Iterable[tuple[str, str, str]]:
    where = f"instances.{instance.name}.rule_files"
    for pattern in instance["rule_files"]:
        paths = sorted(glob.glob(os.path.expanduser(pattern)))
        if not paths:
            what = f"no file matches '{pattern}' on the host where this task runs"
            problems.append(mistake("rules-source", where, what))
        for path in paths:
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except (OSError, UnicodeDecodeError) as e:
                reason = getattr(e, "strerror", "") or "it is not UTF-8"
                what = f"the file {path}, which '{pattern}' matches, cannot be read: {reason}"
                problems.append(mistake("rules-source", where, what))
                continue
            yield where, os.path.basename(path), text


def _from_config_maps(
    client: Client, stack: Stack, instance: Instance, problems: list[Finding]
) -> Iterable[tuple[str, str, str]]:
    where = f"instances.{instance.name}.rule_config_maps"
    for name in instance["rule_config_maps"]:
        answer = client.request("GET", f"/api/v1/namespaces/{stack.namespace}/configmaps/{name}", ok=(404,))
        if answer.status == 404:
            what = f"there is no ConfigMap {name} in namespace {stack.namespace}"
            problems.append(mistake("rules-source", where, what))
            continue
        for file, text in (answer.body.get("data") or {}).items():
            yield where, file, text
