# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant may write: the file with limits that routers read again whenever it changes.

Thanos counts a tenant's active series by asking a querier. That sees every copy which replication makes of a series, so
the query divides by their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake
from .._options.rows import Option
from .model import Instance, Stack
from .plain_json import plain_json
from .queriers import queriers_of, urls
from .tier import Duty

# A request with a single sample has some hundred bytes.
_LEAST_BYTES = 1024
_LIMIT = {
    "size_bytes_limit": Option("int", minimum=_LEAST_BYTES),
    "series_limit": Option("int", minimum=1),
    "samples_limit": Option("int", minimum=1),
    "head_series_limit": Option("int", minimum=1),
}
LIMITS = {
    "limits": Option(
        "dict",
        options={
            "max_concurrency": Option("int", minimum=1),
            "meta_monitoring_url": Option(form="http_url"),
            "meta_monitoring_limit_query": Option(),
            "default": Option("dict", options=_LIMIT),
            "tenants": Option("dict", keys="tenant", elements=Option("dict", options=_LIMIT)),
        },
    )
}
_ACTIVE = "head_series_limit"


def problems_of_limits(instance: Instance) -> list[Finding]:
    """Limits that would bind somebody else than the one whom they name."""
    limits = instance["limits"]
    if not limits:
        return []
    problems = []
    if instance["split_tenant_label"]:
        what = (
            "Thanos counts by the tenant of the request, and split_tenant_label makes tenants of its series: a "
            "tenant's limit would not bind it, and the default would bind all senders"
        )
        advice = "leave one of them out, or have senders name their tenant in the header"
        problems.append(mistake("option-conflict", "limits", what, advice))
    if not _counts_series(limits):
        problems += [
            mistake("option-without-effect", f"limits.{name}", "no head_series_limit is given", "give one")
            for name in ("meta_monitoring_limit_query", "meta_monitoring_url")
            if limits[name]
        ]
    return problems


def warnings_of_limits(stack: Stack) -> list[str]:
    """Sentences about limits that bind nobody, since there is no querier to ask: Thanos then lets every write pass."""
    if any(queriers_of(stack)):
        return []
    return [
        f"{instance.name} has a head_series_limit, for which its routers ask the stack's querier, and the stack has "
        "none: until one is deployed, or meta_monitoring_url in limits names another one, it binds nobody"
        for instance in stack.doing(Duty.ROUTE)
        if instance["limits"] and _counts_series(instance["limits"]) and not instance["limits"]["meta_monitoring_url"]
    ]


def _each(limits: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in (limits["default"], *limits["tenants"].values()) if each]


def _counts_series(limits: Mapping[str, Any]) -> bool:
    return any(each[_ACTIVE] for each in _each(limits))


def limits_file(instance: Instance, stack: Stack) -> str:
    """The text of the file, as JSON, which is YAML too."""
    limits = instance["limits"]
    globally: dict[str, Any] = {}
    if limits["max_concurrency"]:
        globally["max_concurrency"] = limits["max_concurrency"]
    if _counts_series(limits):
        factor = instance["replication_factor"]
        share = f" / {factor}" if factor > 1 else ""
        globally["meta_monitoring_url"] = limits["meta_monitoring_url"] or urls(stack)[0]
        globally["meta_monitoring_limit_query"] = limits["meta_monitoring_limit_query"] or (
            f'sum by (tenant) (prometheus_tsdb_head_series{{tenant!=""}}){share}'
        )
    write: dict[str, Any] = {"global": globally} if globally else {}
    if limits["default"]:
        write["default"] = _limit(limits["default"])
    if limits["tenants"]:
        write["tenants"] = {tenant: _limit(each) for tenant, each in sorted(limits["tenants"].items()) if each}
    return plain_json({"write": write}, indent=2) + "\n"


def _limit(given: Mapping[str, Any]) -> dict[str, Any]:
    request = {name: value for name, value in given.items() if value and name != _ACTIVE}
    return {
        **({"request": request} if request else {}),
        **({_ACTIVE: given[_ACTIVE]} if given[_ACTIVE] else {}),
    }
