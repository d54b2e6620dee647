# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle rules of Google Cloud Storage: the server's form ↔ ours. Pure.

They have no names, so ours are recognised by what they do: a rule with nothing but the age of unfinished uploads, or
nothing but the days since an object was replaced, counts as ours. It may be somebody else's after all, so it is only
ever replaced by a rule of the same kind and never just removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..bucket_model import LifecycleRule
from ..features import ABORT_RULE, NONCURRENT_RULE

_OLD_VERSIONS = ("daysSinceNoncurrentTime", "noncurrentTimeBefore", "numNewerVersions")


def read(rules: Iterable[Mapping[str, Any]]) -> tuple[LifecycleRule, ...]:
    """What a bucket's ``lifecycle.rule`` lists."""
    return tuple(_rule(raw, position) for position, raw in enumerate(rules, start=1))


def _rule(raw: Mapping[str, Any], position: int) -> LifecycleRule:
    action, condition = raw.get("action") or {}, raw.get("condition") or {}
    kind = action.get("type", "")
    if kind == "AbortIncompleteMultipartUpload" and set(condition) == {"age"}:
        return LifecycleRule(ABORT_RULE, abort_days=int(condition["age"]), raw=dict(raw), nameless=True)
    if kind == "Delete" and set(condition) == {"daysSinceNoncurrentTime"}:
        days = int(condition["daysSinceNoncurrentTime"])
        return LifecycleRule(NONCURRENT_RULE, noncurrent_days=days, delete_markers=True, raw=dict(raw), nameless=True)
    old_only = condition.get("isLive") is False or any(key in condition for key in _OLD_VERSIONS)
    spares = old_only or _spares_blocks(condition.get("matchesSuffix") or ())
    return LifecycleRule(
        f"(rule {position})",
        prefixes=tuple(condition.get("matchesPrefix") or [""]),
        expires=kind == "Delete" and not spares,
        # No ``archives``: objects of every class can be read at once here, it only costs more.
        cools=(str(action.get("storageClass", "")),) if kind == "SetStorageClass" and not spares else (),
        raw=dict(raw),
    )


def _spares_blocks(suffixes: Collection[str]) -> bool:
    """Whether surely no file of a block has such a suffix: ``.json`` is the only extension that they have."""
    return bool(suffixes) and all(suffix.startswith(".") and not ".json".endswith(suffix) for suffix in suffixes)


def write(rules: Iterable[LifecycleRule]) -> list[dict[str, Any]]:
    """The whole list to set: other people's rules as they were read, ours from their fields."""
    return [rule.raw if rule.raw is not None else _native(rule) for rule in rules]


def _native(rule: LifecycleRule) -> dict[str, Any]:
    if rule.abort_days:
        return {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": rule.abort_days}}
    return {"action": {"type": "Delete"}, "condition": {"daysSinceNoncurrentTime": rule.noncurrent_days}}
