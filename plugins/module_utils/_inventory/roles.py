# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is in a fleet, by its groups, and what follows from that for its instances. Pure.

A hub's queriers read the published querier of each edge. Each end takes its certificates from a Secret that is made
for it in its own cluster; which edges a hub reads, and where, comes in the variable ``thanos_fleet``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from .._findings import Finding, mistake
from .._options.convert import entries
from .._options.switches import is_false, is_true
from .._thanos.tier import Duty
from .._thanos.tiers import TIERS
from .variables import listed, mapping, merged

HUB, EDGE, BOTH, ALONE = "hub", "edge", "both", "alone"
# Ansible's groups: those that read, and those that are read.
HUBS, EDGES = "thanos_hub", "thanos_edge"
STACK = "thanos"


def doing(duty: Duty) -> tuple[str, ...]:
    """The names of the tiers with this duty."""
    return tuple(name for name, tier in TIERS.items() if duty in tier.duties)


# What a hub has for the bucket that its rulers write.
FOR_RULES = (*doing(Duty.BLOCKS), *doing(Duty.COMPACT))
# The tiers of a host that does not list them.
_USUAL = tuple(name for name, tier in TIERS.items() if tier.by_default)
TIERS_OF = {
    ALONE: _USUAL,
    BOTH: _USUAL,
    EDGE: tuple(name for name in _USUAL if name not in doing(Duty.RULES)),
    HUB: (*doing(Duty.QUERY), *doing(Duty.RULES)),
}


def role_of(groups: Iterable[Any]) -> str:
    """What a host in these groups is."""
    names = {str(group) for group in groups}
    return {(True, True): BOTH, (True, False): HUB, (False, True): EDGE}.get((HUBS in names, EDGES in names), ALONE)


def role(variables: Mapping[str, Any]) -> str:
    """What the host with these variables is, Ansible's ``group_names`` among them."""
    return role_of(variables.get("group_names") or ())


def encrypted(variables: Mapping[str, Any]) -> bool:
    """Whether the host speaks TLS with other clusters."""
    return not is_false(variables.get("thanos_fleet_tls", ""))


@lru_cache(maxsize=4096)
def dns_label(host: str) -> str:
    """The name of an inventory host as a DNS label: part of its server name, and of its CA's key in a hub's Secret."""
    return re.sub(r"[^a-z0-9-]+", "-", host.lower())[:63].strip("-")


def server_name(stack: str, host: str) -> str:
    """The name in the certificate of an edge's querier."""
    return f"query.{stack}.{dns_label(host)}.thanos.internal"


def queriers(instances: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The names of the queriers that shall be there; the first one is the one that an edge publishes."""
    names = [name for name, options in instances.items() if options.get("tier", name) in doing(Duty.QUERY)]
    return [name for name in names if instances[name].get("state") != "absent"]


def completed(
    instances: Mapping[str, dict[str, Any]], variables: Mapping[str, Any], problems: list[Finding]
) -> dict[str, dict[str, Any]]:
    """The instances with what follows from the host's groups below what its user set."""
    what = role(variables)
    result = dict(instances)
    if what == ALONE:
        return result
    found = queriers(instances)
    stack, secure = str(variables.get("thanos_stack") or STACK), encrypted(variables)
    fleet = mapping(variables, "thanos_fleet", problems)
    if what in (HUB, BOTH):
        seen = _endpoints(fleet, stack, secure, problems)
        # A run may see a part of the fleet: what it does not name stays, until somebody says that it is gone.
        gone = forgotten(variables, problems)
        below = {"keep_endpoints": True, **({"forget_endpoints": gone} if gone else {})}
        if secure:
            below["client_tls"] = {"secret": f"{stack}-grpc-client"}
        for name in found:
            result[name] = _reading(result[name], seen, below)
    # A hub that collects as well, and that no other hub reads, has no reason to be reached from outside. Whether one
    # does is not to be seen in a part of the fleet.
    unread = fleet.get("read_by") == [] and not is_true(variables.get("thanos_part_of_fleet"))
    if found and (what == EDGE or (what == BOTH and not unread)):
        # Whoever leaves TLS out for the whole fleet has said so, and is not asked again for the querier.
        called = {"names": [server_name(stack, str(host))]} if (host := variables.get("inventory_hostname")) else {}
        tls = {"grpc_tls": {"secret": f"{stack}-grpc-server", **called}}
        served = tls if secure else {"publish": {"insecure": True}}
        result[found[0]] = _published(result[found[0]], served)
    return result


def for_rules(instances: Mapping[str, dict[str, Any]], store: str) -> dict[str, dict[str, Any]]:
    """The instances of a hub, those that are there for its rulers on the object store which these write."""
    return {
        name: merged([{"objstore": store}, options]) if name in FOR_RULES and store != "default" else options
        for name, options in instances.items()
    }


def forgotten(variables: Mapping[str, Any], problems: list[Finding]) -> list[str]:
    """The hosts in ``thanos_fleet_forget``."""
    names = listed(variables.get("thanos_fleet_forget") or [])
    if not isinstance(names, (list, tuple)):
        problems.append(mistake("variable-form", "thanos_fleet_forget", "this must be a list of hosts"))
        return []
    return [str(name) for name in names]


def _reading(options: dict[str, Any], seen: list[dict[str, Any]], below: dict[str, Any]) -> dict[str, Any]:
    own = [] if options.get("endpoints") in (None, "") else entries(options["endpoints"])
    addresses = {each.get("address") if isinstance(each, Mapping) else each for each in own}
    more = [endpoint for endpoint in seen if endpoint.get("address", "") not in addresses]
    result = merged([below, options])
    return {**result, "endpoints": [*own, *more]} if more else result


def _published(options: dict[str, Any], below: dict[str, Any]) -> dict[str, Any]:
    own = options.get("publish")
    # With an address of the user's own there is nothing to make a Service of.
    given = isinstance(own, Mapping) and own.get("address")
    return merged([below, {} if given else {"publish": {"type": "LoadBalancer"}}, options])


def _endpoints(fleet: Mapping[str, Any], stack: str, secure: bool, problems: list[Finding]) -> list[dict[str, Any]]:
    """The endpoints of a hub's queriers for the edges in ``thanos_fleet.endpoints``: host → address, or a mapping."""
    given = fleet.get("endpoints") or {}
    if not isinstance(given, Mapping):
        problems.append(mistake("variable-form", "thanos_fleet.endpoints", "this must be a mapping of hosts"))
        return []
    result = []
    for host in sorted(given):
        told = given[host] if isinstance(given[host], Mapping) else {"address": given[host]}
        address, name = str(told.get("address") or ""), str(told.get("server_name") or server_name(stack, str(host)))
        tls = {"tls": {"ca": f"{dns_label(str(host))}.crt"}, "server_name": name} if secure else {}
        # One that is not known now stays as the querier knows it.
        result.append({"name": str(host), **({"address": address} if address else {}), **tls, "strict": True})
    return result
