# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint file of a querier: which StoreAPIs it reads. Thanos reloads it, so a new endpoint restarts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fronts import fronts_of
from .grpc_tls import client_config
from .model import Context, Instance
from .plain_json import plain_json
from .remote_endpoints import Endpoint, has_tls, is_dynamic
from .tier import Duty


def local_addresses(ctx: Context) -> list[str]:
    """SRV names of this stack's StoreAPIs: instances of this run, and live Services of instances that are not in it.

    The names have no cluster domain: the resolver's search path completes them, whatever the domain is.
    """
    ours = ctx.stack.doing(Duty.STORE_API)
    services = [f"{w.name}-headless" for i in ours for w in ctx.stack.workloads(i) if Duty.STORE_API in w.duties]
    known = {i.name for i in (*ours, *ctx.stack.absent)}
    services += [service for service, name in ctx.facts.store_apis.items() if name not in known]
    return [f"dnssrv+_grpc._tcp.{service}.{ctx.stack.namespace}.svc" for service in sorted(services)]


def endpoint_file(instance: Instance, ctx: Context) -> str:
    """The text of the querier's endpoint file: YAML with a line for each thing that is said of an endpoint."""
    entries: dict[str, dict[str, Any]] = {address: {} for address in local_addresses(ctx)}
    entries.update((address, {}) for address in ctx.facts.discovered.get(instance.name, ()))
    remembered = any(front.remembers for front in fronts_of(instance, ctx.stack))
    for endpoint in instance["endpoints"]:
        # A lost endpoint that is not strict is left out without a word, and a cache would keep what it is left out of.
        strict = {"strict": True} if remembered and _may_be_strict(endpoint) else {}
        entries.setdefault(endpoint["address"], {**strict, **settings_of(instance, endpoint)})
    local = instance["local_tls"]
    default = {"default_client_config": client_config(instance, local, local["server_name"])} if local else {}
    lines = [*_lines("", default), "endpoints:" if entries else "endpoints: []"]
    for address, settings in entries.items():
        lines += [f"- address: {plain_json(address)}", *_lines("  ", settings)]
    return "\n".join(lines) + "\n"


def _may_be_strict(endpoint: Endpoint) -> bool:
    return endpoint["strict"] is None and not is_dynamic(endpoint) and not endpoint["group"]


def _lines(indent: str, settings: Mapping[str, Any]) -> list[str]:
    return [f"{indent}{name}: {plain_json(value)}" for name, value in settings.items()]


def settings_of(instance: Instance, endpoint: Endpoint) -> dict[str, Any]:
    """What is said of an endpoint beside its address."""
    result: dict[str, Any] = {name: True for name in ("strict", "group") if endpoint[name]}
    if endpoint["service_config"]:
        result["service_config"] = plain_json(endpoint["service_config"])
    if has_tls(endpoint):
        result["client_config"] = client_config(instance, endpoint["tls"], endpoint["server_name"])
    elif endpoint["tls"] or (instance["local_tls"] and (endpoint["group"] or not is_dynamic(endpoint))):
        # The default of the file, or of the flags, is for the StoreAPIs of the stack.
        result["client_config"] = {"tls_config": {"enabled": False}}
    return result
