# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path before the HTTP APIs of a Thanos that is already running, told from its pod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def path_prefix(pod: Mapping[str, Any]) -> str:
    """The path that Thanos puts before its APIs, not before /metrics: ``/r``, or empty."""
    return next(filter(None, (_prefix(c.get("args") or ()) for c in pod["spec"]["containers"])), "")


def _prefix(args: Sequence[str]) -> str:
    """Only query takes the external prefix for its route."""
    values = dict(argument.split("=", 1) for argument in args if argument.startswith("--web.") and "=" in argument)
    external = values.get("--web.external-prefix", "") if "query" in args[:1] else ""
    path = values.get("--web.route-prefix", external).strip("/")
    return f"/{path}" if path else ""
