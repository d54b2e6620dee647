# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order ingestors, ring file and routers change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Phase
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import read_rings
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import IngestorState, RingFacts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts, Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.receive_rings import wanted_rings
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.ring_phases import ring_warnings
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS

FILE, ROUTER = "thanos-receive-hashrings", "thanos-receive-router"
HOT, REST = "thanos-receive-hot", "thanos-receive-rest"
TWO_RINGS = {"hashrings": [{"name": "hot", "tenants": ["a"]}, {"name": "rest"}]}


def stack(options: dict[str, Any], **others: Any) -> Stack:
    return parse({"cluster": "eu", "instances": {"receive": options, **others}})


def facts(now: dict[str, Any] | None, *, ready: bool = True, **others: Any) -> Facts:
    """A cluster in which these options were deployed, or nothing yet."""
    if now is None:
        return FACTS
    before = stack(now, **others)
    (receive,) = [instance for instance in before.instances if instance.name == "receive"]
    rings = wanted_rings(receive, before)
    live = {member.address: IngestorState(ready) for ring in rings for member in ring.members}
    sizes = {w.name: w.replicas for w in before.workloads(receive) if w.kind == "StatefulSet"}
    names = frozenset(w.name for i in before.instances for w in before.workloads(i))
    return replace(FACTS, workloads=names, rings={"receive": RingFacts(rings, live, sizes)})


def shown(phase: Phase) -> list[str]:
    """The workloads and the ring file of a phase."""
    kinds = ("StatefulSet", "Deployment")
    found = [m["metadata"]["name"] for m in phase.objects]
    return sorted(name for name, m in zip(found, phase.objects, strict=True) if m["kind"] in kinds or name == FILE)


def order(now: dict[str, Any] | None, then: dict[str, Any], **others: Any) -> list[tuple[str, list[str]]]:
    """The phases with what they hold of rings."""
    return [(phase.name, shown(phase)) for phase in phases(stack(then, **others), facts(now, **others))]


def test_a_first_ring_file_comes_between_ingestors_and_routers() -> None:
    assert order(None, TWO_RINGS) == [
        ("configuration", []),
        ("new workloads", [HOT, REST]),
        ("receive: hashrings", [FILE]),
        ("receive: routers", [ROUTER]),
        ("receive: rings loaded", []),
    ]


def test_ingestors_that_route_have_their_first_ring_file_before_they_start() -> None:
    found = order(None, {"mode": "combined"})
    assert found[:2] == [("configuration", [FILE]), ("new workloads", ["thanos-receive-default"])]


def test_a_ring_file_that_is_there_waits_for_new_ingestors_that_route_too() -> None:
    found = dict(order({"mode": "combined"}, {"mode": "combined", "replicas": 4}))
    assert (found["receive: ingestors"], found["receive: hashrings"]) == (["thanos-receive-default"], [FILE])


def test_new_ingestors_come_before_the_ring_file_and_leaving_ones_go_after_it() -> None:
    now = {"hashrings": [{"name": "hot", "tenants": ["a"], "replicas": 3}, {"name": "rest", "replicas": 5}]}
    then = {"hashrings": [{"name": "hot", "tenants": ["a"], "replicas": 4}, {"name": "rest", "replicas": 4}]}
    assert order(now, then) == [
        ("configuration", []),
        ("receive: ingestors", [HOT]),
        ("receive: hashrings", [FILE]),
        ("receive: leaving ingestors", [REST]),
        ("receive: roll", []),
        ("receive: routers", [ROUTER]),
        ("receive: rings loaded", []),
    ]


def test_ingestors_of_a_ring_that_is_wanted_no_more_are_removed_when_they_are_drained() -> None:
    found = phases(stack({"hashrings": [{"name": "rest"}]}), facts(TWO_RINGS))
    (leaving,) = [phase for phase in found if phase.prunes]
    assert (leaving.name, leaving.objects) == ("receive: leaving ingestors", [])
    assert leaving.guard is not None


def leaving(**more: Any) -> Phase:
    """The phase in which one of four ingestors leaves."""
    found = phases(stack({"replicas": 3, **more}), facts({"replicas": 4}))
    return next(phase for phase in found if phase.name == "receive: leaving ingestors")


def test_a_guard_stands_before_ingestors_leave_and_their_claims_stay() -> None:
    phase = leaving()
    assert phase.guard is not None
    assert phase.guard.action is not None
    assert phase.ends == ()


@pytest.mark.parametrize(
    ("options", "claims"),
    [
        ({"delete_claims_of_removed_ingestors": True}, ["data-thanos-receive-default-3"]),
        ({"delete_claims_of_removed_ingestors": True, "shrink_without_proof": True}, []),
    ],
    ids=["proven", "without a proof"],
)
def test_claims_go_only_when_asked_for_and_with_a_proof(options: dict[str, Any], claims: list[str]) -> None:
    assert [ref.name for ref in leaving(**options).ends] == claims


def test_what_must_be_seen_before_a_run_ends_holds_without_waiting_too() -> None:
    found = phases(stack({}), facts({}))
    assert [phase.name for phase in found if phase.firm] == ["receive: rings loaded"]


def test_the_ring_file_is_guarded() -> None:
    (file,) = [phase for phase in phases(stack({}), facts({})) if phase.name == "receive: hashrings"]
    assert file.guard is not None
    assert file.completed is not None


def test_other_tiers_keep_their_place() -> None:
    names = [name for name, _held in order({}, {}, sidecar={}, query={})]
    assert names[0] == "configuration"
    assert names.index("sidecar") < names.index("receive: hashrings") < names.index("query")


def written(found: list[Phase]) -> list[tuple[str, int]]:
    """Name and size of each ring in the rendered file."""
    (text,) = [m["data"]["hashrings.json"] for p in found for m in p.objects if m["metadata"]["name"] == FILE]
    return [(ring.name, len(ring.members)) for ring in read_rings(text)]


def test_the_file_is_what_the_run_is_to_end_with() -> None:
    assert written(phases(stack({"replicas": 4}), facts({}))) == [("default", 4)]


def test_a_standby_runs_and_is_in_no_file_until_it_takes_over() -> None:
    rings: list[dict[str, Any]] = [{"name": "hot", "tenants": ["a"]}, {"name": "rest"}]
    spare = {"name": "spare", "standby_for": "hot"}
    found = phases(stack({"hashrings": [*rings, spare]}), facts(None))
    assert written(found) == [("hot", 3), ("rest", 3)]
    assert "thanos-receive-spare" in [name for phase in found for name in shown(phase)]
    taken = phases(stack({"hashrings": [*rings, {**spare, "takes_over": True}]}), facts(None))
    assert written(taken) == [("spare", 3), ("rest", 3)]


def test_a_dynamic_ring_that_cannot_be_as_asked_is_warned_of() -> None:
    dynamic: dict[str, Any] = {"hashring_policy": "dynamic"}
    now = facts({**dynamic, **TWO_RINGS}, ready=False)
    moved = {"hashrings": [{"name": "hot", "tenants": ["a", "b"]}, {"name": "rest"}]}
    (told,) = ring_warnings(Context(stack({**dynamic, **moved}), now))
    assert told.startswith("receive: ring hot waits for thanos-receive-hot-0 (not ready)")
    assert ring_warnings(Context(stack(moved), now)) == []
