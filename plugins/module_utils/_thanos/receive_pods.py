# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of a receive: what those of routers and those of ingestors have alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .model import Context, Manifest
from .parts.command_line import LOG_FLAGS
from .parts.pod_template import DATA_DIR, POD_NAME, thanos_pod
from .parts.tls_files import tls_digests, tls_mounts, tls_volumes
from .receive_tenancy import OF_TENANCY
from .workloads import Workload

# Thanos looks for the tenant in both places.
OF_BOTH = {**LOG_FLAGS, **OF_TENANCY}


def pod(
    workload: Workload,
    ctx: Context,
    *,
    volumes: Sequence[Mapping[str, Any]],
    mounts: Mapping[str, str],
    env: Sequence[Mapping[str, Any]],
    grace: int,
    lifecycle: Mapping[str, Any] | None = None,
    digests: Mapping[str, str] | None = None,
) -> Manifest:
    """The template of the workload's pods. ``volumes`` and ``mounts`` are what it has beside data and TLS."""
    instance = workload.instance
    return thanos_pod(
        workload,
        ctx,
        mounts={"data": DATA_DIR, **mounts, **tls_mounts(instance)},
        env=[POD_NAME, *env],
        volumes=[*volumes, *tls_volumes(instance)],
        grace=grace,
        digests={**(digests or {}), **tls_digests(instance, ctx)},
        account=workload.name,
        lifecycle=lifecycle,
    )
