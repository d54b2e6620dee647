# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every task that talks to Kubernetes has in common: options, connection, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._body import Mode
from . import connection
from .client import Client
from .connection import ARGUMENT_SPEC
from .engine import Outcome, Settings
from .kinds import KINDS

_CONNECTION_NAMES = {name for key, row in ARGUMENT_SPEC.items() for name in (key, *row.get("aliases", []))}


def own(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without those of the connection."""
    return {name: value for name, value in params.items() if name not in _CONNECTION_NAMES}


def connect(params: Mapping[str, Any], mode: Mode) -> Client:
    """The API server that the connection options name."""
    return connection.connect({name: params[name] for name in ARGUMENT_SPEC}, mode.directory)


def cluster_uid(client: Client) -> str:
    """The uid of the namespace kube-system, which tells clusters apart; empty where it may not be read."""
    answer = client.request("GET", KINDS["Namespace"].path("", "kube-system"), ok=(403, 404))
    return str(answer.body["metadata"]["uid"]) if answer.status == 200 else ""


def settings(params: Mapping[str, Any], mode: Mode) -> Settings:
    """How the run behaves, from the options and the mode."""
    wait_timeout = params.get("wait_timeout")
    return Settings(
        check_mode=mode.check_mode,
        wait=params.get("wait", False),
        wait_timeout=60 if wait_timeout is None else wait_timeout,
        with_diff=mode.diff,
        tell=mode.tell,
    )


def result(outcome: Outcome, warnings: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """The result of a task that changed objects."""
    return {**outcome.result(), **more, "warnings": [*outcome.warnings, *warnings]}
