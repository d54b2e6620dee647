# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashrings as users type them."""

from __future__ import annotations

from typing import Any

DEFAULT = {"name": "default"}


def exact(name: str, *tenants: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "tenants": list(tenants), **more}


def globs(name: str, *tenants: str) -> dict[str, Any]:
    return exact(name, *tenants, tenant_matcher="glob")
