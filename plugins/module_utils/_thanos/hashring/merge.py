# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rings the file may have now: those that are wanted, as far as their ingestors are ready; else those of before.

A ring is decided as a whole. So are rings between which a tenant moves: were only one of them written, the tenant would
be in two rings, or in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .ring_file import in_file
from .rings import GLOB, Hashring, Ingestor, IngestorState, RingFacts, RingPolicy

States = Mapping[str, IngestorState]
# Whatever no ring names.
_REST = ""


@dataclass(frozen=True)
class Merged:
    """``rings`` may be in the file now; ``held`` says of each that is not yet what was asked for, why."""

    rings: tuple[Hashring, ...]
    held: tuple[str, ...] = ()


def planned(wanted: Iterable[Hashring], facts: RingFacts | None, policy: RingPolicy) -> Merged:
    """The rings that a run is to end with, told before it begins: ingestors that it starts are taken for ready.

    A static ring waits for the others too, so all are; a dynamic one takes those that are there as they are. Zones of
    nodes that pods are not put on yet are empty.
    """
    facts, rings = facts or RingFacts(), tuple(wanted)
    expected = dict(facts.live)
    for member in (member for ring in rings for member in ring.members):
        if not policy.dynamic or member.ordinal >= facts.sizes.get(member.workload, 0):
            expected[member.address] = replace(expected.get(member.address, IngestorState(True)), ready=True)
    return _merged(in_file(rings), expected, facts.current or (), policy, zones_known=False)


def merge(wanted: Iterable[Hashring], live: States, current: Sequence[Hashring] | None, policy: RingPolicy) -> Merged:
    """The rings that may be written now.

    A guard gives it what ``planned`` told, and a static policy: that is then waited for, whatever fails meanwhile.

    :param wanted: with all members that a ring shall have in the end, in the order of their ordinals.
    :param live: ingestors that have an address, by that.
    :param current: the rings of the live file, None without one.
    """
    return _merged(in_file(wanted), live, current or (), policy, zones_known=True)


def _merged(
    wanted: Sequence[Hashring], live: States, current: Sequence[Hashring], policy: RingPolicy, *, zones_known: bool
) -> Merged:
    before = {ring.name: ring for ring in current}
    moves = list(_moves(wanted, current))
    gaining = {there for _here, there in moves}
    rings: dict[str, Hashring] = {}
    held: dict[str, str] = {}
    for ring in wanted:
        rings[ring.name] = _following(ring, before.get(ring.name), live, policy)
        why = _reason(ring, rings[ring.name], before.get(ring.name), live, ring.name in gaining)
        if not why and zones_known and ring.zones:
            why = _without_zone(rings[ring.name]) or _uneven(rings[ring.name], policy.replication_factor)
        if why:
            held[ring.name] = why
    kept = _tied(held, moves)
    result = [before.get(ring.name) if ring.name in kept else rings[ring.name] for ring in wanted]
    result += [ring for ring in current if ring.name in kept and ring.name not in rings]
    return Merged(in_file(ring for ring in result if ring), tuple(f"ring {name} {why}" for name, why in held.items()))


def _following(ring: Hashring, before: Hashring | None, live: States, policy: RingPolicy) -> Hashring:
    """The ring with the zones of its members, and where it is dynamic, without those that are not ready."""
    known = {member.address: member for member in before.members} if before else {}
    members = [_placed(member, known.get(member.address), live) for member in ring.members] if ring.zones else None
    placed = replace(ring, members=tuple(members)) if members else ring
    if not policy.dynamic or before is None:
        return placed
    ready = tuple(member for member in placed.members if _is_ready(member, live))
    if len(ready) >= policy.replication_factor:
        return replace(placed, members=ready)
    # Too few are left: those of before stay, since a smaller ring would end the routers.
    there = tuple(member for member in placed.members if member.address in known)
    return replace(placed, members=there) if len(there) >= policy.replication_factor else placed


def _placed(member: Ingestor, before: Ingestor | None, live: States) -> Ingestor:
    """A member with the zone of its node; one that is down has the zone that it had."""
    state = live.get(member.address)
    zone = state.zone if state and state.zone else before.zone if before else ""
    return replace(member, zone=zone)


def _reason(wanted: Hashring, ring: Hashring, before: Hashring | None, live: States, gains: bool) -> str:
    """Why ``ring`` may not be written, empty where it may: a ring that gets no more to do than it had, always may."""
    if before and not gains and _same(ring, before):
        return ""
    missing = [member for member in ring.members if not _is_ready(member, live)]
    if not missing:
        return ""
    told = ", ".join(f"{each.pod} ({'not ready' if each.address in live else 'not there'})" for each in missing[:3])
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return f"waits for {told}{more} of {len(wanted.members)} ingestors"


def _without_zone(ring: Hashring) -> str:
    """Why a ring that tells zones apart may not be written although all are ready."""
    missing = [member.pod for member in ring.members if not member.zone]
    if not missing:
        return ""
    return (
        f"is to tell zones apart, and the nodes of {', '.join(missing[:3])} have none: give them the label "
        "topology.kubernetes.io/zone, or do without zones"
    )


def _uneven(ring: Hashring, copies: int) -> str:
    """Why a ring may not be written whose zones have too different sizes.

    Thanos puts no further copy into a zone that has more than the one with the fewest. Where that one has no member
    left, it looks for a place for ever: a router never gets ready, and one that runs keeps the ring before, though it
    shows the hash of the new one.
    """
    sizes = Counter(member.zone for member in ring.members)
    fewest = min(sizes.values())
    if sum(min(size, fewest + 1) for size in sizes.values()) >= copies:
        return ""
    told = ", ".join(f"{size} in {zone}" for zone, size in sorted(sizes.items()))
    return (
        f"has {told}, and Thanos finds no place for {copies} copies in zones of such different sizes: spread its "
        "ingestors evenly, or do without zones"
    )


def _same(ring: Hashring, before: Hashring) -> bool:
    """Whether series stay where they are: the same members by the same algorithm."""
    return set(ring.members) == set(before.members) and ring.algorithm == before.algorithm


def _is_ready(member: Ingestor, live: States) -> bool:
    state = live.get(member.address)
    return state is not None and state.ready


def _moves(wanted: Sequence[Hashring], current: Sequence[Hashring]) -> Iterator[tuple[str, str]]:
    """(ring it is in now, ring it goes to) of everything that changes its ring; empty where it is in none."""
    here, there = _Homes(current), _Homes(wanted)
    for tenant in {_REST, *here.named, *there.named}:
        now, then = here.of(tenant), there.of(tenant)
        if now != then:
            yield now, then


class _Homes:
    """Which ring of a file a tenant, a pattern of tenants, or the rest goes to."""

    def __init__(self, rings: Sequence[Hashring]) -> None:
        self.named: dict[str, str] = {}
        for ring in rings:
            for tenant in ring.tenants:
                self.named.setdefault(tenant, ring.name)
        # Go writes the negation of a class as [^a].
        self._globs = [(t.replace("[^", "[!"), r.name) for r in rings if r.matcher == GLOB for t in r.tenants]
        self._default = next((ring.name for ring in rings if not ring.tenants), "")

    def of(self, tenant: str) -> str:
        if tenant in self.named:
            return self.named[tenant]
        if tenant:
            return next((name for glob, name in self._globs if fnmatchcase(tenant, glob)), self._default)
        return self._default


def _tied(held: Iterable[str], moves: Iterable[tuple[str, str]]) -> set[str]:
    """The rings that stay as they are: those that are held, and those with which these exchange tenants."""
    kept, pairs = set(held), [pair for pair in set(moves) if all(pair)]
    while more := {name for pair in pairs if kept & set(pair) for name in pair} - kept:
        kept |= more
    return kept
