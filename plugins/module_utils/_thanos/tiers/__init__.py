# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiers by name: a row here for each file beside this one."""

from __future__ import annotations

from ..tier import Tier, table
from . import bucket_web, compact, query, query_frontend, receive, ruler, sidecar, store

TIERS: dict[str, Tier] = table(
    sidecar.TIER,
    store.TIER,
    query.TIER,
    query_frontend.TIER,
    compact.TIER,
    ruler.TIER,
    receive.TIER,
    bucket_web.TIER,
)
