# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ring file may say: a table of situations, each with what is wanted, what runs, and what it says now.

A ring is written as its name and ordinals (``hot: 0 1 2``), with its tenants behind a bar, ``*`` in one makes a glob.
What runs is a list of pods; a pod with ``!`` is not ready. Rings stand in the order in which they are given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.merge import merge, planned
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import (
    Hashring,
    Ingestor,
    IngestorState,
    RingFacts,
    RingPolicy,
)

STATIC, DYNAMIC = RingPolicy(replication_factor=3), RingPolicy(True, 3)


def address(pod: str) -> str:
    return f"{pod}.{pod.rpartition('-')[0]}-headless.monitoring.svc:10901"


def ring(text: str) -> Hashring:
    """``hot: 0 1 2 | team-a team-*``."""
    name, _colon, rest = text.partition(":")
    ordinals, _bar, tenants = rest.partition("|")
    members = tuple(Ingestor(address(f"{name}-{ordinal}")) for ordinal in ordinals.split())
    return Hashring(name, members, tuple(tenants.split()), "glob" if "*" in tenants else "exact")


def rings(*texts: str) -> tuple[Hashring, ...]:
    return tuple(map(ring, texts))


def running(text: str) -> dict[str, IngestorState]:
    """``hot: 0 1 2!, cold: 0``."""
    found: dict[str, IngestorState] = {}
    for part in filter(None, text.split(", ")):
        name, _colon, ordinals = part.partition(":")
        found |= {address(f"{name}-{o.rstrip('!')}"): IngestorState("!" not in o) for o in ordinals.split()}
    return found


def written(found: tuple[Hashring, ...]) -> list[str]:
    """The same notation for what came out."""
    return [
        f"{each.name}: {' '.join(str(m.ordinal) for m in each.members)}"
        + (f" | {' '.join(each.tenants)}" if each.tenants else "")
        for each in found
    ]


@dataclass(frozen=True)
class Case:
    what: str
    wanted: tuple[str, ...]
    runs: str
    now: tuple[str, ...]
    result: list[str]
    held: tuple[str, ...] = ()


CASES = [
    Case("the first ring waits for all its members", ("hot: 0 1 2",), "hot: 0 1", (), [], ("hot",)),
    Case("the first ring is written once all are ready", ("hot: 0 1 2",), "hot: 0 1 2", (), ["hot: 0 1 2"]),
    Case("a first ring of five waits although a quorum is there", ("hot: 0 1 2 3 4",), "hot: 0 1 2", (), [], ("hot",)),
    Case(
        "of two first rings the one that is ready is written",
        ("hot: 0 1 2 | a", "rest: 0 1 2"),
        "hot: 0 1 2!, rest: 0 1 2",
        (),
        ["rest: 0 1 2"],
        ("hot",),
    ),
    Case("nothing changes", ("hot: 0 1 2",), "hot: 0 1 2", ("hot: 0 1 2",), ["hot: 0 1 2"]),
    Case("a member that is not ready stays", ("hot: 0 1 2",), "hot: 0 1! 2", ("hot: 0 1 2",), ["hot: 0 1 2"]),
    Case("a member that is gone stays", ("hot: 0 1 2",), "hot: 0 2", ("hot: 0 1 2",), ["hot: 0 1 2"]),
    Case("a ring whose members are all gone stays", ("hot: 0 1 2",), "", ("hot: 0 1 2",), ["hot: 0 1 2"]),
    Case("a ring grows", ("hot: 0 1 2 3",), "hot: 0 1 2 3", ("hot: 0 1 2",), ["hot: 0 1 2 3"]),
    Case(
        "it does not while a new member is not ready",
        ("hot: 0 1 2 3",),
        "hot: 0 1 2 3!",
        ("hot: 0 1 2",),
        ["hot: 0 1 2"],
        ("hot",),
    ),
    Case("nor while one is not there", ("hot: 0 1 2 3 4",), "hot: 0 1 2 3", ("hot: 0 1 2",), ["hot: 0 1 2"], ("hot",)),
    Case(
        "nor while an old one is not ready",
        ("hot: 0 1 2 3",),
        "hot: 0! 1 2 3",
        ("hot: 0 1 2",),
        ["hot: 0 1 2"],
        ("hot",),
    ),
    Case("a ring of one member that is to have three", ("hot: 0 1 2",), "hot: 0", ("hot: 0",), ["hot: 0"], ("hot",)),
    Case("a ring shrinks", ("hot: 0 1 2",), "hot: 0 1 2 3 4", ("hot: 0 1 2 3 4",), ["hot: 0 1 2"]),
    Case("a dead member is taken out", ("hot: 0 1 2",), "hot: 0 1 2 3!", ("hot: 0 1 2 3",), ["hot: 0 1 2"]),
    Case(
        "no ring shrinks onto a member that is not ready",
        ("hot: 0 1 2",),
        "hot: 0 1! 2 3",
        ("hot: 0 1 2 3",),
        ["hot: 0 1 2 3"],
        ("hot",),
    ),
    Case(
        "a tenant that a class without its letter takes moves from that ring: both stay as they are",
        ("own: 0 1 2 | team-b", "most: 0 1 2 3 | team-[^a]*", "rest: 0 1 2"),
        "own: 0 1 2!, most: 0 1 2 3, rest: 0 1 2",
        ("most: 0 1 2 | team-[^a]*", "rest: 0 1 2"),
        ["most: 0 1 2 | team-[^a]*", "rest: 0 1 2"],
        ("own",),
    ),
    Case(
        "ten and more members: the last ordinals leave and not 10",
        ("hot: 0 1 2 3 4 5 6 7 8 9 10",),
        "hot: 0 1 10 11 2 3 4 5 6 7 8 9",
        ("hot: 0 1 2 3 4 5 6 7 8 9 10 11",),
        ["hot: 0 1 2 3 4 5 6 7 8 9 10"],
    ),
    Case(
        "what runs beside the ring is not taken into it",
        ("hot: 0 1 2",),
        "hot: 0 1 2 3",
        ("hot: 0 1 2",),
        ["hot: 0 1 2"],
    ),
    Case(
        "one ring grows while the other is sick",
        ("hot: 0 1 2 3 | a", "rest: 0 1 2"),
        "hot: 0 1 2 3, rest: 0!",
        ("hot: 0 1 2 | a", "rest: 0 1 2"),
        ["hot: 0 1 2 3 | a", "rest: 0 1 2"],
    ),
    Case(
        "one that may not grow keeps no other from it",
        ("hot: 0 1 2 3 | a", "rest: 0 1 2 3"),
        "hot: 0 1 2 3, rest: 0 1 2",
        ("hot: 0 1 2 | a", "rest: 0 1 2"),
        ["hot: 0 1 2 3 | a", "rest: 0 1 2"],
        ("rest",),
    ),
    Case(
        "a new ring is left out while it is not ready",
        ("hot: 0 1 2 | new", "rest: 0 1 2"),
        "hot: 0 1!, rest: 0 1 2",
        ("rest: 0 1 2",),
        ["rest: 0 1 2"],
        ("hot",),
    ),
    Case(
        "a new ring comes before the default one",
        ("rest: 0 1 2", "hot: 0 1 2 | new"),
        "hot: 0 1 2, rest: 0 1 2",
        ("rest: 0 1 2",),
        ["hot: 0 1 2 | new", "rest: 0 1 2"],
    ),
    Case(
        "a ring that nobody wants goes",
        ("rest: 0 1 2",),
        "hot: 0 1 2, rest: 0 1 2",
        ("hot: 0 1 2 | a", "rest: 0 1 2"),
        ["rest: 0 1 2"],
    ),
    Case(
        "but not while the ring that gets its tenants is not ready",
        ("rest: 0 1 2",),
        "hot: 0 1 2, rest: 0 1 2!",
        ("hot: 0 1 2 | a", "rest: 0 1 2"),
        ["hot: 0 1 2 | a", "rest: 0 1 2"],
        ("rest",),
    ),
    Case(
        "a tenant moves between rings",
        ("hot: 0 1 2 | a", "cold: 0 1 2 | b c"),
        "hot: 0 1 2, cold: 0 1 2",
        ("hot: 0 1 2 | a b", "cold: 0 1 2 | c"),
        ["hot: 0 1 2 | a", "cold: 0 1 2 | b c"],
    ),
    Case(
        "it leaves a ring that is sick",
        ("hot: 0 1 2 | a", "cold: 0 1 2 | b c"),
        "hot: 0!, cold: 0 1 2",
        ("hot: 0 1 2 | a b", "cold: 0 1 2 | c"),
        ["hot: 0 1 2 | a", "cold: 0 1 2 | b c"],
    ),
    Case(
        "it does not move to a ring that is sick, and is never in two rings or none",
        ("hot: 0 1 2 | a", "cold: 0 1 2 | b c"),
        "hot: 0 1 2, cold: 0 1! 2",
        ("hot: 0 1 2 | a b", "cold: 0 1 2 | c"),
        ["hot: 0 1 2 | a b", "cold: 0 1 2 | c"],
        ("cold",),
    ),
    Case(
        "a third ring goes on meanwhile",
        ("hot: 0 1 2 | a", "cold: 0 1 2 | b c", "rest: 0 1 2 3"),
        "hot: 0 1 2, cold: 0 1! 2, rest: 0 1 2 3",
        ("hot: 0 1 2 | a b", "cold: 0 1 2 | c", "rest: 0 1 2"),
        ["hot: 0 1 2 | a b", "cold: 0 1 2 | c", "rest: 0 1 2 3"],
        ("cold",),
    ),
    Case(
        "a tenant gets a ring of its own out of a glob",
        ("own: 0 1 2 | team-a", "teams: 0 1 2 | team-*"),
        "own: 0 1!, teams: 0 1 2 3",
        ("teams: 0 1 2 | team-*",),
        ["teams: 0 1 2 | team-*"],
        ("own",),
    ),
    Case(
        "a new tenant that no ring takes so far waits for its ring only",
        ("hot: 0 1 2 | a new", "cold: 0 1 2 3 | c"),
        "hot: 0 1! 2, cold: 0 1 2 3",
        ("hot: 0 1 2 | a", "cold: 0 1 2 | c"),
        ["hot: 0 1 2 | a", "cold: 0 1 2 3 | c"],
        ("hot",),
    ),
    Case(
        "a default ring that comes to be gets all that no ring took",
        ("hot: 0 1 2 | a", "rest: 0 1 2"),
        "hot: 0 1 2, rest: 0 1",
        ("hot: 0 1 2 | a",),
        ["hot: 0 1 2 | a"],
        ("rest",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_static_ring(case: Case) -> None:
    found = merge(rings(*case.wanted), running(case.runs), rings(*case.now), STATIC)
    assert written(found.rings) == case.result
    assert [text.split()[1] for text in found.held] == list(case.held)


@dataclass(frozen=True)
class Plan:
    what: str
    wanted: str
    sizes: int
    runs: str
    now: tuple[str, ...]
    dynamic: list[str]
    static: list[str]


# A dynamic ring is decided by what a run finds; ``sizes`` is how many ingestors there are to be before it.
PLANS = [
    Plan("a first ring", "hot: 0 1 2", 0, "", (), ["hot: 0 1 2"], ["hot: 0 1 2"]),
    Plan("all is well", "hot: 0 1 2", 3, "hot: 0 1 2", ("hot: 0 1 2",), ["hot: 0 1 2"], ["hot: 0 1 2"]),
    Plan("one is not ready", "hot: 0 1 2 3", 4, "hot: 0 1! 2 3", ("hot: 0 1 2 3",), ["hot: 0 2 3"], ["hot: 0 1 2 3"]),
    Plan("one is gone", "hot: 0 1 2 3", 4, "hot: 0 1 2", ("hot: 0 1 2 3",), ["hot: 0 1 2"], ["hot: 0 1 2 3"]),
    Plan(
        "two of five are gone",
        "hot: 0 1 2 3 4",
        5,
        "hot: 0 2 4",
        ("hot: 0 1 2 3 4",),
        ["hot: 0 2 4"],
        ["hot: 0 1 2 3 4"],
    ),
    Plan("too few would be left", "hot: 0 1 2", 3, "hot: 0 1 2!", ("hot: 0 1 2",), ["hot: 0 1 2"], ["hot: 0 1 2"]),
    Plan("fewer than ever wanted", "hot: 0 1 2 3", 4, "hot: 0 3", ("hot: 0 2 3",), ["hot: 0 2 3"], ["hot: 0 1 2 3"]),
    Plan("one is still sick", "hot: 0 1 2 3", 4, "hot: 0 1! 2 3", ("hot: 0 2 3",), ["hot: 0 2 3"], ["hot: 0 1 2 3"]),
    Plan("one is back", "hot: 0 1 2 3", 4, "hot: 0 1 2 3", ("hot: 0 2 3",), ["hot: 0 1 2 3"], ["hot: 0 1 2 3"]),
    Plan("it grows", "hot: 0 1 2 3", 3, "hot: 0 1 2", ("hot: 0 1 2",), ["hot: 0 1 2 3"], ["hot: 0 1 2 3"]),
    Plan(
        "it grows beside a sick one",
        "hot: 0 1 2 3 4",
        4,
        "hot: 0! 1 2 3",
        ("hot: 0 1 2 3",),
        ["hot: 1 2 3 4"],
        ["hot: 0 1 2 3 4"],
    ),
    Plan("it shrinks", "hot: 0 1 2", 4, "hot: 0 1 2 3", ("hot: 0 1 2 3",), ["hot: 0 1 2"], ["hot: 0 1 2"]),
    Plan("a first ring that was not ready in time", "hot: 0 1 2", 3, "hot: 0 1! 2", (), [], ["hot: 0 1 2"]),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.what)
@pytest.mark.parametrize("policy", [STATIC, DYNAMIC], ids=["static", "dynamic"])
def test_what_a_run_is_to_end_with(plan: Plan, policy: RingPolicy) -> None:
    facts = RingFacts(rings(*plan.now) or None, running(plan.runs), {"hot": plan.sizes})
    found = planned(rings(plan.wanted), facts, policy)
    assert written(found.rings) == (plan.dynamic if policy.dynamic else plan.static)


def test_what_is_planned_is_waited_for_also_by_a_dynamic_ring() -> None:
    now, wanted = rings("hot: 0 1 2"), rings("hot: 0 1 2 3")
    plan = planned(wanted, RingFacts(now, running("hot: 0 1 2"), {"hot": 3}), DYNAMIC)
    early = merge(plan.rings, running("hot: 0 1 2 3!"), now, STATIC)
    assert written(early.rings) == ["hot: 0 1 2"]
    assert early.held == ("ring hot waits for hot-3 (not ready) of 4 ingestors",)
    assert merge(plan.rings, running("hot: 0 1 2 3"), now, STATIC).held == ()


def test_a_held_ring_says_for_whom_it_waits() -> None:
    held = merge(rings("hot: 0 1 2 3 4"), running("hot: 0! 1 2!"), (), STATIC).held
    waits = "hot-0 (not ready), hot-2 (not ready), hot-3 (not there) and 1 more of 5 ingestors"
    assert held == (f"ring hot waits for {waits}",)


def test_a_standby_that_is_not_ready_does_not_take_over() -> None:
    hot, rest = rings("hot: 0 1 2 | a", "rest: 0 1 2")
    spare = replace(ring("spare: 0 1 2"), standby_for="hot", takes_over=True)
    found = merge((hot, spare, rest), running("spare: 0 1!, rest: 0 1 2"), (hot, rest), STATIC)
    assert written(found.rings) == ["hot: 0 1 2 | a", "rest: 0 1 2"]


def test_a_standby_takes_over_from_a_dead_ring_and_gives_back() -> None:
    hot, rest = rings("hot: 0 1 2 | a", "rest: 0 1 2")
    spare = replace(ring("spare: 0 1 2"), standby_for="hot", takes_over=True)
    taken = merge((hot, spare, rest), running("spare: 0 1 2, rest: 0 1 2"), (hot, rest), STATIC)
    assert written(taken.rings) == ["spare: 0 1 2 | a", "rest: 0 1 2"]
    back = replace(spare, takes_over=False)
    everything = running("hot: 0 1 2, spare: 0 1 2, rest: 0 1 2")
    assert written(merge((hot, back, rest), everything, taken.rings, STATIC).rings) == written((hot, rest))


ZONED = replace(ring("hot: 0 1 2"), zones=True)


def in_zones(*zones: str, ready: bool = True) -> dict[str, IngestorState]:
    return {member.address: IngestorState(ready, zone) for member, zone in zip(ZONED.members, zones, strict=True)}


def test_members_have_the_zone_of_their_node() -> None:
    found = merge((ZONED,), in_zones("a", "b", "c"), None, STATIC)
    assert [member.zone for member in found.rings[0].members] == ["a", "b", "c"]


def test_a_member_that_is_down_keeps_its_zone() -> None:
    current = merge((ZONED,), in_zones("a", "b", "c"), None, STATIC).rings
    assert merge((ZONED,), in_zones("a", "", "c", ready=False), current, STATIC).rings == current
    assert merge((ZONED,), {}, current, STATIC).rings == current


def test_a_node_without_a_zone_holds_a_ring_that_tells_zones_apart() -> None:
    (held,) = merge((ZONED,), in_zones("a", "", ""), None, STATIC).held
    assert "hot-1, hot-2" in held
    assert "topology.kubernetes.io/zone" in held


@pytest.mark.parametrize(
    ("zones", "copies", "told"),
    [
        ("abbb", 3, ""),
        ("aaaa", 4, ""),
        ("aabbc", 5, ""),
        ("abccc", 4, ""),
        ("abccc", 5, "ring hot has 1 in a, 1 in b, 3 in c, and Thanos finds no place for 5 copies"),
        ("abbb", 4, "ring hot has 1 in a, 3 in b, and Thanos finds no place for 4 copies"),
    ],
)
def test_zones_too_uneven_for_the_copies_hold_a_ring(zones: str, copies: int, told: str) -> None:
    wide = replace(ring("hot: " + " ".join(map(str, range(len(zones))))), zones=True)
    live = {member.address: IngestorState(True, zone) for member, zone in zip(wide.members, zones, strict=True)}
    held = merge((wide,), live, None, RingPolicy(replication_factor=copies)).held
    assert [why.split(" in zones")[0] for why in held] == ([told] if told else [])


def test_zones_that_are_not_known_yet_do_not_hold_a_plan() -> None:
    assert planned((ZONED,), None, STATIC).held == ()


def test_a_ring_without_zones_forgets_them() -> None:
    current = merge((ZONED,), in_zones("a", "b", "c"), None, STATIC).rings
    plain = replace(ZONED, zones=False)
    assert merge((plain,), in_zones("a", "b", "c"), current, STATIC).rings == (plain,)


def test_another_algorithm_moves_series_and_waits_for_all() -> None:
    other = replace(ring("hot: 0 1 2"), algorithm="hashmod")
    found = merge((other,), running("hot: 0 1 2!"), rings("hot: 0 1 2"), STATIC)
    assert written(found.rings) == ["hot: 0 1 2"]
    assert found.rings[0].algorithm == "ketama"


def test_the_order_in_which_members_are_given_stays() -> None:
    thirty = ring("hot: " + " ".join(map(str, range(30))))
    states = {member.address: IngestorState(True) for member in reversed(thirty.members)}
    found = merge((thirty,), states, rings("hot: 0 1 2"), STATIC)
    assert [member.ordinal for member in found.rings[0].members] == list(range(30))
