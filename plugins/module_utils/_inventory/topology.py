# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hosts' variables → the fleet as plain data: what each is, who reads whom, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .hosts import Labels, Series
from .links import Link, Topology, derive
from .members import Member, member
from .topology_checks import refusals, warnings


def topology(variables: Mapping[str, Mapping[str, Any]], played: Collection[str] | None = None) -> dict[str, Any]:
    """The fleet that the hosts' ``variables`` describe, Ansible's ``group_names`` among them.

    ``played`` are those that a run plays; without it all are.
    """
    names = variables.keys() if played is None else played
    return told([member(host, own, host in names) for host, own in variables.items()], names)


def told(members: Iterable[Member], played: Collection[str]) -> dict[str, Any]:
    """The fleet of these members as plain data, with refusals and warnings."""
    topology = derive(members)
    found = refusals(topology, played)
    return {
        "hosts": {host: _host(topology, member) for host, member in topology.members.items()},
        "links": [_link(topology, link) for link in topology.links],
        "refusals": [str(finding) for finding in found],
        "findings": [finding.as_dict() for finding in found],
        "warnings": warnings(topology),
    }


def _host(topology: Topology, member: Member) -> dict[str, Any]:
    read_by = list(topology.read_by[member.host])
    return {
        "role": member.role,
        "level": topology.levels[member.host],
        "known": not member.unknown,
        "partial": member.partial,
        "cluster": member.cluster,
        "stack": member.site.stack,
        "namespace": member.site.namespace,
        "version": member.version,
        "tiers": list(dict.fromkeys(member.instances.values())),
        "instances": dict(member.instances),
        "querier": member.queriers[0].instance if member.queriers else "",
        "reads": list(topology.reads[member.host]),
        "read_by": read_by,
        "server_name": member.server_name,
        "tls": member.encrypted,
        "labels": _labels(member.written),
        "fleet": {
            "endpoints": {
                edge: {"address": there.published, "server_name": there.server_name}
                for edge in topology.reads[member.host]
                for there in [topology.members[edge]]
            },
            "read_by": read_by,
        },
    }


def _labels(written: Iterable[Series]) -> dict[str, dict[str, str]]:
    """Instance → the labels of all that it writes: of a receive those that its hashrings have in common."""
    found: dict[str, Labels] = {}
    for one in written:
        if one.labels is not None:
            found[one.instance] = found.get(one.instance, one.labels) & one.labels
    return {instance: dict(sorted(labels)) for instance, labels in found.items()}


def _link(topology: Topology, link: Link) -> dict[str, Any]:
    edge = topology.members[link.edge]
    tls = edge.encrypted and topology.members[link.hub].encrypted
    return {
        "hub": link.hub,
        "edge": link.edge,
        "address": edge.published or None,
        "server_name": edge.server_name,
        "tls": tls,
    }
