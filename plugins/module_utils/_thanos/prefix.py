# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path before the HTTP APIs of a Thanos, told from its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .channels import HTTP, Channel
from .tier import Tier

if TYPE_CHECKING:
    from .model import Instance


def prefix_of(args: Sequence[str], *, external_route: bool) -> str:
    """The path that Thanos puts before its APIs, not before /metrics: ``/r``, or empty.

    ``external_route`` as in Tier.
    """
    values = dict(argument.split("=", 1) for argument in args if argument.startswith("--web.") and "=" in argument)
    external = values.get("--web.external-prefix", "") if external_route else ""
    path = values.get("--web.route-prefix", external).strip("/")
    return f"/{path}" if path else ""


def as_run_by(channel: Channel, args: Sequence[str], tier: Tier) -> Channel:
    """``channel`` as a program of the tier serves it that runs with these arguments; a live pod's may be older ones."""
    return replace(channel, prefix=prefix_of(args, external_route=tier.external_route))


def web_channel(instance: Instance, args: Sequence[str]) -> Channel:
    """The web port of an instance whose program has the arguments ``args``, and the user's own behind them."""
    return as_run_by(HTTP, [*args, *instance["extra_args"]], instance.tier)


def args_of(pod: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The arguments of a live pod's containers by name."""
    return {container["name"]: tuple(container.get("args") or ()) for container in pod["spec"]["containers"]}
