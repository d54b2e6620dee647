# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of ``secret``: one Secret with what the user gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._body import Mode, body
from .._errors import InvalidInput
from .._findings import Finding, mistake
from .._options.convert import convert
from .._options.rows import Option, Reading, argument_spec
from .connection import ARGUMENT_SPEC
from .manifest import Scope
from .secret import ensure, secret
from .task import connect, result, settings

_ITEM = "mapping{} with key and value, or key and file"
OPTIONS = {
    "name": Option(required=True, form="dns_name"),
    "stack": Option(default="thanos", form="service_name"),
    "namespace": Option(default="monitoring", form="dns_label"),
    "items": Option(
        "list",
        [],
        strict=True,
        must=f"a list of {_ITEM.format('s')}",
        elements=Option(
            "dict",
            strict=True,
            must=f"a {_ITEM.format('')}",
            options={"key": Option(required=True), "value": Option(secret=True), "file": Option("path")},
        ),
    ),
    "state": Option(choices=("present", "absent"), default="present"),
}
SPEC = {**argument_spec(OPTIONS), **ARGUMENT_SPEC}


def contents(items: list[Mapping[str, Any]]) -> dict[str, str]:
    """The Secret's data as text by key. Raises InvalidInput with every item that is incomplete."""
    data: dict[str, str] = {}
    problems = []
    for i, item in enumerate(items):
        where = f"items[{i}] ({item['key']})"
        if (item.get("value") is None) == (item.get("file") is None):
            problems.append(mistake("secret-items", where, "give either value or file"))
        elif item["key"] in data:
            problems.append(mistake("secret-items", where, "the key is there twice"))
        elif item.get("file") is None:
            data[item["key"]] = item["value"]
        else:
            try:
                with open(item["file"], encoding="utf-8") as file:
                    data[item["key"]] = file.read()
            except (OSError, UnicodeDecodeError) as e:
                what = f"the file {item['file']} cannot be read: {getattr(e, 'strerror', 'no text')}"
                problems.append(mistake("option-file", where, what))
    if not items:
        problems.append(mistake("option-required", "items", "is required with state: present", joint=" "))
    if problems:
        raise InvalidInput(problems)
    return data


def mistakes(raw: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with the options; the rest is found where the files are read."""
    found: list[Finding] = []
    convert(OPTIONS, {name: raw[name] for name in OPTIONS if name in raw}, "", found, Reading("key"))
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
