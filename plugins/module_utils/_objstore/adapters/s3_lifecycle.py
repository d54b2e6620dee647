# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle rules of S3: the server's form ↔ ours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..bucket_model import LifecycleRule

# Objects in these must be restored, for hours, before they can be read.
_ARCHIVES = {"GLACIER", "DEEP_ARCHIVE"}


def read(rules: Iterable[Mapping[str, Any]]) -> tuple[LifecycleRule, ...]:
    """What GetBucketLifecycleConfiguration lists. Rules without an id get their position."""
    return tuple(_rule(raw, position) for position, raw in enumerate(rules, start=1))


def _rule(raw: Mapping[str, Any], position: int) -> LifecycleRule:
    where = raw.get("Filter") or {}
    both = where.get("And") or {}
    expiration = raw.get("Expiration") or {}
    classes = sorted({t.get("StorageClass", "") for t in raw.get("Transitions") or ()} - {""})
    # Thanos tags no object, so a rule for tagged ones never meets a block.
    tagged = "Tag" in where or "Tags" in both
    return LifecycleRule(
        id=raw.get("ID") or f"(rule {position})",
        # Servers answer with the older form, a Prefix beside the filter, to the newer one.
        prefixes=(where.get("Prefix") or both.get("Prefix") or raw.get("Prefix") or "",),
        enabled=raw.get("Status") == "Enabled",
        abort_days=(raw.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation") or 0,
        noncurrent_days=(raw.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays") or 0,
        delete_markers=bool(expiration.get("ExpiredObjectDeleteMarker")),
        expires=not tagged and ("Days" in expiration or "Date" in expiration),
        archives=() if tagged else tuple(c for c in classes if c in _ARCHIVES),
        cools=() if tagged else tuple(c for c in classes if c not in _ARCHIVES),
        raw=dict(raw),
    )


def write(rules: Iterable[LifecycleRule]) -> list[dict[str, Any]]:
    """The whole list to put: other people's rules as they were read, ours from their fields."""
    return [rule.raw if rule.raw is not None else _native(rule) for rule in rules]


def _native(rule: LifecycleRule) -> dict[str, Any]:
    native: dict[str, Any] = {
        "ID": rule.id,
        "Status": "Enabled" if rule.enabled else "Disabled",
        "Filter": {"Prefix": rule.prefixes[0]},
    }
    if rule.abort_days:
        native["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule.abort_days}
    if rule.noncurrent_days:
        native["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule.noncurrent_days}
    if rule.delete_markers:
        native["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    return native
