# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Thanos logs in at Swift, as measured with Keystone. Pure.

Unlike other clients it does not look for the versions that an address offers, and takes domains from other keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake

# Keys that Thanos accepts and ignores → the keys from which it takes the user's domain.
DOMAINS = {"user_domain_name": "domain_name", "user_domain_id": "domain_id"}


def version_of(values: Mapping[str, Any]) -> int:
    """Version of the identity service: the option, else the first of 3, 2, 1 that the URL names; 0 for none."""
    url = str(values.get("auth_url", ""))
    return int(values.get("auth_version") or 0) or next((n for n in (3, 2, 1) if f"v{n}" in url), 0)


def with_domain(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values``, with the user's domain also under the keys from which Thanos takes it."""
    return {**values, **{theirs: values[ours] for ours, theirs in DOMAINS.items() if ours in values}}


def problems(values: Mapping[str, Any]) -> list[Finding]:
    """What would keep Thanos from logging in."""
    found = []
    url, version = str(values.get("auth_url", "")), version_of(values)
    if url and not version:
        advice = "end it with /v3 for Keystone, or set auth_version"
        found.append(mistake("option-form", "auth_url", "Thanos finds no version in it", advice))
    if version == 3 and url and not url.rstrip("/").endswith("/v3"):
        what = "must end with /v3: Thanos does not look for the address of Keystone's version 3"
        found.append(mistake("option-form", "auth_url", what, joint=" "))
    known = {"user_id", "application_credential_id", *DOMAINS, *DOMAINS.values()}
    if version == 3 and "username" in values and not values.keys() & known:
        what = "needs user_domain_name or user_domain_id: a name is unique within a domain only"
        found.append(mistake("option-incomplete", "username", what, joint=" "))
    return found
