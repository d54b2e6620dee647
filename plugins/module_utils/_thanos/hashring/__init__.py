# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashrings: which ingestors a tenant's samples go to. Pure: what is wanted, what runs, and what the file says now."""
