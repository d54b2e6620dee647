# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of a fleet: what one host must know of the others, from the results of their tasks. Pure work is below."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from ansible_collections.o11y.thanos.plugins.plugin_utils._variables import Ours, told

# Where the role pki keeps what its two passes returned.
_PASSES = ("pki_own", "pki_result")


def edges_first(hosts: Collection[str], groups: Mapping[str, Collection[str]]) -> list[str]:
    """See edges_first.yml."""
    from ansible_collections.o11y.thanos.plugins.module_utils._inventory.roles import EDGES, HUBS

    hubs, edges = (set(map(str, groups.get(name, ()))) for name in (HUBS, EDGES))
    return sorted(map(str, hosts), key=lambda host: (host in hubs) + (host in hubs - edges))


def fleet_of(hostvars: Mapping[str, Any], host: str, topology: Mapping[str, Any]) -> dict[str, Any]:
    """See fleet_of.yml."""
    if not topology:
        return {}
    there = topology["hosts"].get(str(host))
    if there is None:
        return {}
    published = {edge: _address(hostvars, edge, topology) for edge in there["reads"]}
    endpoints = {
        edge: {**settings, "address": published[edge] or settings["address"]}
        for edge, settings in there["fleet"]["endpoints"].items()
    }
    return {"endpoints": endpoints, "read_by": list(there["read_by"])}


@pass_context
def certificates(
    context: Context, hostvars: Mapping[str, Any], host: str, topology: Mapping[str, Any], step: str
) -> Any:
    """See certificates.yml."""
    # Imported here, since Ansible loads every file of filters for the first filter of a run.
    from ansible_collections.o11y.thanos.plugins.module_utils._inventory import pki_passes

    check_mode, played = bool(context.resolve("ansible_check_mode")), context.resolve("ansible_play_hosts")
    of_fleet = [str(each) for each in played if topology and str(each) in topology["hosts"]]
    if step == "due":
        needing = [each for each in of_fleet if pki_passes.needed(each, topology)]
        return _any_due(hostvars[each].get(name) for each in needing for name in _PASSES)

    def known(of: str) -> dict[str, Any]:
        return _told(hostvars, of, topology["hosts"][of], () if check_mode else played, check_mode)

    if step == "peers":
        found = (hub for each in of_fleet for hub in pki_passes.peers(each, topology, known(each)))
        return [hub for hub in dict.fromkeys(found) if _is_local(hostvars, hub)]
    if not topology or str(host) not in topology["hosts"]:
        return {}
    own = Ours(context, hostvars[host])
    if step == "own":
        return told(lambda: pki_passes.first_pass(host, topology, own))
    others = known(host)
    others |= _answered(hostvars[host], others, check_mode)
    return told(lambda: pki_passes.second_pass(host, topology, own, others))


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """As Ansible asks for them."""
        return {"edges_first": edges_first, "fleet_of": fleet_of, "certificates": certificates}


def _any_due(results: Iterable[Mapping[str, Any] | None]) -> bool:
    """Whether a trial found something to do, or there was no trial."""
    found = [result or {} for result in results]
    return any(result.get("changed", True) or result.get("failed", False) for result in found)


def _address(hostvars: Mapping[str, Any], edge: str, topology: Mapping[str, Any]) -> str:
    """Where this run published the querier of an edge; empty where it did not, or not yet."""
    result = hostvars[edge].get("stack_result") if edge in hostvars else None
    published = (result or {}).get("published") or {}
    return str(published.get(topology["hosts"][edge]["querier"]) or "")


def _told(
    hostvars: Mapping[str, Any], host: str, there: Mapping[str, Any], played: Collection[str], check_mode: bool
) -> dict[str, Any]:
    """Host → the result of its own first pass, of the host and those that it has to do with.

    Of a host that has failed meanwhile it may be that of the trial before, which made CAs up that are kept nowhere.
    """
    names = [name for name in (host, *there["reads"], *there["read_by"]) if name in hostvars]
    results = {name: hostvars[name].get("pki_own") for name in names}
    return {
        name: {**result, "trial": not check_mode and name not in played}
        for name, result in results.items()
        if result and not result.get("skipped")
    }


def _answered(own: Mapping[str, Any], told: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Host → what its cluster answered to this host, in check mode so that nothing was made there."""
    answers = {str(asked.get("item")): asked for asked in (own.get("pki_asked") or {}).get("results") or ()}
    return {
        name: {**asked, "trial": not check_mode}
        for name, asked in answers.items()
        if not asked.get("skipped") and (name not in told or told[name].get("failed"))
    }


def _is_local(hostvars: Mapping[str, Any], host: str) -> bool:
    """Whether a host's cluster is asked from here: behind a bastion, its kubeconfig is that of another machine."""
    return str(hostvars[host].get("ansible_connection") or "local") == "local"
