# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules about buckets do: parameters → one bucket → result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._body import Mode, body
from .._findings import Finding, mistake
from .._options.convert import convert
from .._options.forms import FORMS
from .._options.rows import Option, Options, argument_spec
from .adapters.table import open_store
from .converge import BucketOutcome, absent, present, shown
from .feature_options import FEATURES
from .features import desired
from .keys import PROVIDERS
from .options import ANY_VERSION, for_bucket, mistakes, read_ca, rows, typed_at

# What Thanos has no key for.
FOR_ADAPTERS = ("api_version", "location", "project")

_UPPER = "This module looks at the upper level of the store, with manage: false too."

OPTIONS = {
    "store": Option("dict", required=True, options=rows()),
    "state": Option(choices=("present", "absent"), default="present"),
    "force": Option("bool", False),
    "delete_blocks": Option("bool", False),
    "timeout": Option("int", 60, form="seconds", wording=FORMS["seconds"].wording),
}
SPEC = argument_spec(OPTIONS)


INFO_SPEC: dict[str, Any] = {name: SPEC[name] for name in ("store", "timeout")}


def mistakes_in(raw: Mapping[str, Any], options: Options | None = None) -> list[Finding]:
    """Every mistake in the raw parameters of a module with these ``options``, but names that are no option.

    ``options``: those of ``bucket`` where none are given.
    """
    found: list[Finding] = []
    beside = {name: row for name, row in (options or OPTIONS).items() if name != "store"}
    convert(beside, {name: raw[name] for name in beside if name in raw}, "", found)
    where = typed_at(raw)
    if raw.get("store") is None:
        what = "is required: a mapping with at least type and the bucket"
        return [*found, mistake("option-required", where.rstrip("."), what, joint=" ")]
    return found + mistakes(raw["store"], ANY_VERSION, where)


def mistakes_in_upper(raw: Mapping[str, Any], bare: bool = False, options: Options | None = None) -> list[Finding]:
    """As ``mistakes_in``, for a module that needs the upper level of a store, whatever ``manage`` says.

    ``bare``: no more of it than what names the bucket.
    """
    found, store = mistakes_in(raw, options), raw.get("store")
    if not isinstance(store, Mapping):
        return found
    provider = PROVIDERS.get(str(store.get("type")))
    named = [name for name, key in provider.keys.items() if not key.secret] if provider else []
    needed = {f"store.{name}" for name in named}
    whole = mistakes({**store, "manage": True}, ANY_VERSION)
    more = [
        finding
        for finding in whole
        if finding not in found and (not bare or (finding.id == "option-required" and finding.where in needed))
    ]
    return [*found, *(_of_upper(finding) for finding in more)]


def _of_upper(finding: Finding) -> Finding:
    stop = "" if finding.advice.endswith((".", "?")) or not finding.advice else "."
    return replace(finding, advice=f"{finding.advice}{stop} {_UPPER}".strip())


def run(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Make, change or remove the bucket and return the module's result. Raises Failure."""
    store = connection(params["store"])
    if not params["store"]["manage"]:
        return result(store, "", BucketOutcome(False, "unmanaged", str(store.get("region") or ""), None, None))
    adapter = open_store(store, params["timeout"], mode.directory)
    if params["state"] == "absent":
        outcome = absent(adapter, params["force"], params["delete_blocks"], mode.check_mode, store.get("prefix"))
    else:
        wishes = desired(params["store"], adapter.profile)
        outcome = present(adapter, wishes, mode.check_mode, params["timeout"])
    return result(store, adapter.describe(), outcome)


def inspect(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Read everything that there is to know and return the result of ``bucket_info``. Raises Failure."""
    store = connection(params["store"])
    adapter = open_store(store, params["timeout"], mode.directory)
    found = adapter.observe(FEATURES)
    return {
        "changed": False,
        "type": store["type"],
        "bucket": store[PROVIDERS[store["type"]].bucket],
        "location": adapter.describe(),
        "exists": found.exists,
        "region": found.region,
        "features": {
            name: {"state": read.state.value, "value": shown(read.value), "detail": read.detail}
            for name, read in found.features.items()
        },
    }


def connection(store: Mapping[str, Any]) -> dict[str, Any]:
    """What an adapter needs of a store: the keys of Thanos, and those that Thanos does not have."""
    more = {key: store[key] for key in FOR_ADAPTERS if store.get(key)}
    return {**read_ca(for_bucket(store)), **more}


def result(store: Mapping[str, Any], location: str, outcome: BucketOutcome) -> dict[str, Any]:
    return {
        "changed": outcome.changed,
        "action": outcome.action,
        "type": store["type"],
        "bucket": store.get(PROVIDERS[store["type"]].bucket, ""),
        "location": location,
        "region": outcome.region,
        "features": outcome.after or {},
        "warnings": list(outcome.warnings),
        "diff": {
            "before_header": location,
            "after_header": location,
            "before": outcome.before if outcome.before is not None else "",
            "after": outcome.after if outcome.after is not None else "",
        },
    }


def bucket_of(params: Mapping[str, Any]) -> str:
    """The name of the bucket as a result has it, which is of no use with a hole in it; empty for one that goes."""
    store = params["store"]
    return "" if params.get("state") == "absent" else str(store.get(PROVIDERS[store["type"]].bucket) or "")


BUCKET_INFO = body(INFO_SPEC, mistakes_in_upper, inspect, whole={"bucket": bucket_of}, rows=OPTIONS)
