# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint file of a querier: which StoreAPIs it reads. Thanos reloads it, so a new endpoint restarts nothing."""

from __future__ import annotations

from .model import Context, Instance
from .tier import Duty


def local_addresses(ctx: Context) -> list[str]:
    """SRV names of this stack's StoreAPIs: instances of this run, and live Services of instances that are not in it.

    The names have no cluster domain: the resolver's search path completes them, whatever the domain is.
    """
    ours = ctx.stack.doing(Duty.STORE_API)
    services = [f"{w.name}-headless" for i in ours for w in ctx.stack.workloads(i) if Duty.STORE_API in w.duties]
    known = {i.name for i in (*ours, *ctx.stack.absent)}
    services += [service for name, service in ctx.facts.store_apis.items() if name not in known]
    return [f"dnssrv+_grpc._tcp.{service}.{ctx.stack.namespace}.svc" for service in sorted(services)]


def endpoint_file(instance: Instance, ctx: Context) -> str:
    """The text of the querier's endpoint file."""
    addresses = [*local_addresses(ctx), *instance["endpoints"]]
    lines = [f'- address: "{address}"' for address in dict.fromkeys(addresses)]
    return "\n".join(["endpoints:", *lines]) + "\n" if lines else "endpoints: []\n"
