# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who reads whom in a fleet: the model that follows from all hosts' variables. Pure.

Wherever hosts are ordered it is by name, so that the same inventory gives the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .._errors import nearest
from .._findings import Finding, mistake
from . import roles
from .members import Member

READERS, READ = (roles.HUB, roles.BOTH), (roles.EDGE, roles.BOTH)


class Link(NamedTuple):
    """A hub that reads an edge."""

    hub: str
    edge: str


@dataclass(frozen=True)
class Topology:
    """The fleet.

    ``reads`` and ``read_by``: host → hosts; ``levels``: host → 0 where it reads nobody, else one more than the highest
    of those it reads; ``cycles``: hosts that read each other in a circle, each in the order in which they do;
    ``mistakes``: what is wrong with ``thanos_reads``.
    """

    members: Mapping[str, Member]
    reads: Mapping[str, tuple[str, ...]]
    read_by: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, int]
    cycles: tuple[tuple[str, ...], ...]
    mistakes: tuple[Finding, ...]

    @property
    def links(self) -> list[Link]:
        """Every link, hubs by name and their edges by name."""
        return [Link(hub, edge) for hub, edges in self.reads.items() for edge in edges]

    def seen(self) -> dict[str, frozenset[str]]:
        """Hub → the hosts whose series its queriers see: its own, those it reads, and what these see."""
        found: dict[str, frozenset[str]] = {}
        for host in sorted(self.reads, key=lambda name: (self.levels[name], name)):
            # In a circle there is no first one; it is refused, so what is missing here does not matter.
            theirs = (found.get(edge, frozenset({edge})) for edge in self.reads[host])
            found[host] = frozenset({host}).union(*theirs)
        return {host: found[host] for host in self.reads if self.members[host].role in READERS}


def derive(members: Iterable[Member]) -> Topology:
    """The fleet of these hosts."""
    hosts = {member.host: member for member in sorted(members, key=lambda member: member.host)}
    groups: dict[str, list[str]] = {}
    for member in hosts.values():
        for group in member.groups:
            groups.setdefault(group, []).append(member.host)
    mistakes: list[Finding] = []
    reads = {
        host: _reads(member, hosts, groups, mistakes) if member.role in READERS else ()
        for host, member in hosts.items()
    }
    read_by: dict[str, list[str]] = {host: [] for host in hosts}
    for host, theirs in reads.items():
        for edge in theirs:
            read_by[edge].append(host)
    levels, cycles = _levels(reads)
    by = {host: tuple(theirs) for host, theirs in read_by.items()}
    return Topology(hosts, reads, by, levels, cycles, tuple(mistakes))


def _reads(
    member: Member, hosts: Mapping[str, Member], groups: Mapping[str, list[str]], mistakes: list[Finding]
) -> tuple[str, ...]:
    """The hosts that a hub reads; a name in ``thanos_reads`` that leads to none is put on the ``mistakes``."""
    if member.reads is None:
        return tuple(host for host in groups.get(roles.EDGES, ()) if host != member.host)
    found: set[str] = set()
    for name in member.reads:
        edges = [host for host in groups.get(name, ()) if hosts[host].role in READ]
        if name == member.host:
            what, advice = "is this host itself, which reads what it has itself in any case", "Leave it out."
        elif name in hosts and hosts[name].role in READ:
            found.add(name)
            continue
        elif name in hosts:
            what, advice = f"is not in the group {roles.EDGES}, so nobody can read it", "Put it there, or leave it out."
        elif edges:
            found.update(edges)
            continue
        elif name in groups:
            what, advice = f"is a group without a host of the group {roles.EDGES}", "Put some there, or leave it out."
        else:
            what = "is no host or group of this inventory, or of those that thanos_hosts chooses"
            advice = nearest(name, [*hosts, *groups]).strip() or "Correct the name, or leave it out."
        mistakes.append(mistake("fleet-reads", f"{member.host}: thanos_reads", f"'{name}' {what}", advice))
    return tuple(sorted(found - {member.host}))


def _levels(reads: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, int], tuple[tuple[str, ...], ...]]:
    """The level of each host, and circles: at least one of every set of hosts that read each other."""
    levels: dict[str, int] = {}
    cycles: list[tuple[str, ...]] = []
    told: set[str] = set()
    for start in reads:
        if start in levels:
            continue
        # The way from the start to where we are, and who is left to be looked at beside each step of it.
        path, place = [start], {start: 0}
        left = [iter(reads[start])]
        while path:
            edge = next(left[-1], None)
            if edge is None:
                host = path.pop()
                left.pop()
                del place[host]
                levels[host] = 1 + max((levels.get(each, -1) for each in reads[host]), default=-1)
            elif edge in place:
                # Hosts that are told once are not told in every other circle that they are in.
                if not {edge, path[-1]} & told:
                    cycles.append(tuple(path[place[edge] :]))
                    told.update(cycles[-1])
            elif edge not in levels:
                place[edge] = len(path)
                path.append(edge)
                left.append(iter(reads[edge]))
    return levels, tuple(cycles)
