# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bucket shall be: what was asked for, and the profile's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._options.convert import convert
from .access import wanted
from .bucket_model import Desired, LifecycleRule, Wish
from .credentials import ROLES
from .feature_options import FEATURES, OPTIONS
from .keys import STORE

# Owned lifecycle rules; every other rule of a bucket is somebody else's and stays.
ABORT_RULE = "o11y.thanos/abort-incomplete-multipart"
NONCURRENT_RULE = "o11y.thanos/noncurrent-versions"
ABORT_DAYS = 7


def desired(store: Mapping[str, Any], provider_profile: Mapping[str, Any]) -> Desired:
    """What the bucket shall be: what the user asked for, and what the profile adds for this provider.

    ``provider_profile`` is the adapter's table of feature → value that suits Thanos; options are typed and not wrong.
    """
    # Ansible leaves true and false, and what means the same, as they are.
    plain = {name: OPTIONS[name] for name in ("versioning", "public_access", "ownership", "tls_only")}
    asked: dict[str, Any] = convert(plain, {n: store[n] for n in plain if store.get(n) is not None}, "", [], STORE)
    if store.get("encryption"):
        asked["encryption"] = {"bucket_key": True, **{k: v for k, v in store["encryption"].items() if v is not None}}
    if store.get("soft_delete_days") is not None:
        asked["soft_delete"] = int(store["soft_delete_days"])
    if store.get("lifecycle") is not None:
        asked["lifecycle"] = _rules(store["lifecycle"])
    if store.get("tags") is not None:
        asked["tags"] = {str(k): tag_text(v) for k, v in store["tags"].items()}
    profile = dict(provider_profile) if store.get("profile", "thanos") == "thanos" else {}
    if asked.get("versioning") == "enabled" and "lifecycle" in profile and "lifecycle" not in asked:
        profile["lifecycle"] = _rules({"noncurrent_days": ABORT_DAYS, "abort_incomplete_multipart_days": ABORT_DAYS})
    unmanaged = set(store.get("unmanaged") or [])
    wishes = [
        Wish(name, asked.get(name, profile.get(name)), asked=name in asked)
        for name in FEATURES
        if name not in unmanaged and (name in asked or name in profile)
    ]
    granted = grants(store)
    if granted:
        wishes.append(Wish("access", wanted(store, granted), asked=True))
    return Desired(
        wishes=tuple(wishes),
        # Google ignores upper case in places; elsewhere a request is signed with the region as it is written.
        region=str(store.get("region") or str(store.get("location") or "").lower()),
        prefix=str(store.get("prefix") or "").strip("/"),
        unsupported=store.get("unsupported") or "",
        allow=frozenset(store.get("allow") or []),
        purge_tags=bool(store.get("purge_tags")),
    )


def tag_text(value: Any) -> str:
    """What a tag's raw value is as a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def grants(store: Mapping[str, Any]) -> dict[str, list[str]]:
    """Access role → who is let into the bucket for it."""
    levels = {role: (store.get("access") or {}).get(role) or {} for role in ROLES}
    return {role: [str(name) for name in level["grant_to"]] for role, level in levels.items() if level.get("grant_to")}


def _rules(lifecycle: Mapping[str, Any]) -> tuple[LifecycleRule, ...]:
    """The owned rules. Delete markers left behind by expired versions are removed by the same rule."""
    abort, noncurrent = lifecycle.get("abort_incomplete_multipart_days"), lifecycle.get("noncurrent_days")
    rules = [LifecycleRule(ABORT_RULE, abort_days=int(abort))] if abort else []
    if noncurrent:
        rules.append(LifecycleRule(NONCURRENT_RULE, noncurrent_days=int(noncurrent), delete_markers=True))
    return tuple(rules)


DEFAULT_RULES = _rules({"abort_incomplete_multipart_days": ABORT_DAYS})
