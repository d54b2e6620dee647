# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module that talks to Kubernetes has in common: options, connection, result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from . import connection
from .client import Client
from .engine import Outcome, Settings
from .kinds import KINDS


def connect(module: AnsibleModule) -> Client:
    """The API server that the module's connection options name."""
    return connection.connect({name: module.params[name] for name in connection.ARGUMENT_SPEC})


def cluster_uid(client: Client) -> str:
    """The uid of the namespace kube-system, which tells clusters apart; empty where it may not be read."""
    answer = client.request("GET", KINDS["Namespace"].path("", "kube-system"), ok=(403, 404))
    return str(answer.body["metadata"]["uid"]) if answer.status == 200 else ""


def settings(module: AnsibleModule) -> Settings:
    """How the run behaves, from the module's options and mode."""
    wait_timeout = module.params.get("wait_timeout")
    return Settings(
        check_mode=module.check_mode,
        wait=module.params.get("wait", False),
        wait_timeout=60 if wait_timeout is None else wait_timeout,
        with_diff=bool(module._diff),
    )


def result(module: AnsibleModule, outcome: Outcome, **more: Any) -> Mapping[str, Any]:
    """The module's result; warnings are handed to Ansible."""
    for warning in outcome.warnings:
        module.warn(warning)
    return {**outcome.result(), **more}
