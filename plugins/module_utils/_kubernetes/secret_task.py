# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of ``secret``: one Secret with what the user gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._body import Mode, body
from .._errors import InvalidInput, nearest
from .connection import ARGUMENT_SPEC
from .manifest import Scope
from .secret import ensure, secret
from .task import connect, result, settings

SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "stack": {"type": "str", "default": "thanos"},
    "namespace": {"type": "str", "default": "monitoring"},
    "items": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "value": {"type": "str", "no_log": True},
            "file": {"type": "path"},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **ARGUMENT_SPEC,
}


def contents(items: list[Mapping[str, Any]]) -> dict[str, str]:
    """The Secret's data as text by key. Raises InvalidInput with every item that is incomplete."""
    data: dict[str, str] = {}
    problems = []
    for i, item in enumerate(items):
        where = f"items[{i}] ({item['key']})"
        if (item.get("value") is None) == (item.get("file") is None):
            problems.append(f"{where}: give either value or file.")
        elif item["key"] in data:
            problems.append(f"{where}: the key is there twice.")
        elif item.get("file") is None:
            data[item["key"]] = item["value"]
        else:
            try:
                with open(item["file"], encoding="utf-8") as file:
                    data[item["key"]] = file.read()
            except (OSError, UnicodeDecodeError) as e:
                problems.append(
                    f"{where}: the file {item['file']} cannot be read: {getattr(e, 'strerror', 'no text')}."
                )
    if not items:
        problems.append("items is required with state: present.")
    if problems:
        raise InvalidInput(problems)
    return data


def mistakes(raw: Mapping[str, Any]) -> list[str]:
    """What is wrong with the form of ``items``; the rest is found where the files are read."""
    items, known = raw.get("items"), SPEC["items"]["options"]
    if items in (None, ""):
        return []
    if not isinstance(items, list):
        return ["items must be a list of mappings with key and value, or key and file."]
    found = []
    for i, item in enumerate(items):
        if not isinstance(item, Mapping):
            found.append(f"items[{i}] must be a mapping with key and value, or key and file.")
            continue
        found += [f"items[{i}].{k}: there is no such key.{nearest(str(k), known)}" for k in item if k not in known]
        found += [f"items[{i}].{k}: this is not a text." for k in known if isinstance(item.get(k), (list, Mapping))]
        if item.get("key") in (None, ""):
            found.append(f"items[{i}].key is required.")
    return found


def run(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Make or remove one Secret."""
    instance = f"secret-{params['name']}"
    scope = Scope(params["stack"], params["namespace"], frozenset({instance}))
    manifests = []
    if params["state"] == "present":
        data = contents(params["items"])
        manifests.append(secret(params["name"], params["namespace"], params["stack"], instance, data))
    return result(ensure(connect(params, mode), scope, manifests, settings(params, mode)))


SECRET = body(SPEC, mistakes, run)
