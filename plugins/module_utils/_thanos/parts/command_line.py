# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thanos' arguments from options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..channels import GRPC, HTTP
from ..model import Instance

LOG_FLAGS = {"log_level": "log.level", "log_format": "log.format"}
# Without a host, a port is listened to on every address of either family that the pod has.
HTTP_ADDRESS = f"--http-address=:{HTTP.port}"
GRPC_ADDRESS = f"--grpc-address=:{GRPC.port}"


def arguments(instance: Instance, table: Mapping[str, str]) -> list[str]:
    """Flags from options. ``table`` is option → flag; a dot walks into a mapping, empty values are left out."""
    result = []
    for option, flag in table.items():
        value: Any = instance.options
        for part in option.split("."):
            value = value[part] if value else None
        if value is None or value == "" or value == []:
            continue
        if isinstance(value, bool):
            result.append(f"--{flag}" if value else f"--no-{flag}")
        elif isinstance(value, list):
            result.extend(f"--{flag}={item}" for item in value)
        else:
            result.append(f"--{flag}={value}")
    return result
