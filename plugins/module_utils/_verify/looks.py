# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a component last looked through its bucket, and whether it could, as its list of blocks tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_NEVER = "0001-01-01"


def failed_to_look(view: Mapping[str, Any]) -> bool:
    """Whether the last look failed. The reason is not told: Thanos writes an empty mapping in its place."""
    return view.get("err") is not None


def has_looked(view: Mapping[str, Any]) -> bool:
    """Whether there was a look at all."""
    return not str(view["refreshedAt"]).startswith(_NEVER)


def looked_at(view: Mapping[str, Any]) -> float:
    """When the last look was, in seconds since 1970. Python 3.10 reads no nanoseconds, which Thanos writes."""
    return datetime.fromisoformat(str(view["refreshedAt"])[:19] + "+00:00").timestamp()
