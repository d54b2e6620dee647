# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with requests and limits of containers, wherever among the options of an instance they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._findings import Finding, mistake
from .._kubernetes.manifest import quantity
from .._options.rows import Option, Options
from .common import RESOURCES
from .model import Instance


def problems_of_resources(instance: Instance) -> list[Finding]:
    """Requests above the limit of the same resource, for which the server refuses the pod."""
    return [
        mistake(
            "option-conflict",
            f"{where}.requests.{name}",
            f"{amount} is more than the limit, which is {limit}",
            "lower the one, or raise the other",
        )
        for where, given in _given(instance.tier.options, instance.options, "")
        for name, amount, limit in _pairs(given)
        if (quantity(amount) or 0) > (quantity(limit) or 0)
    ]


def _pairs(given: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(resource, request, limit) of what has both."""
    requests, limits = given.get("requests") or {}, given.get("limits") or {}
    return [(name, requests[name], limits[name]) for name in requests if limits.get(name) and requests[name]]


def _given(options: Options, values: Mapping[str, Any], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping with requests and limits, by its path."""
    for name, row in options.items():
        value, path = values.get(name), f"{where}{name}"
        below = row.elements.options if isinstance(row.elements, Option) else row.options
        if not value or not below:
            continue
        if below is RESOURCES:
            yield path, value
            continue
        entries = [(f"{path}[{i}]", each) for i, each in enumerate(value)] if row.type == "list" else [(path, value)]
        for entry, each in entries:
            yield from _given(below, each or {}, f"{entry}.")
