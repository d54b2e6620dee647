# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is waited for before a ring file is written, and until routers have loaded it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Snapshot, Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import hashes_of, read_rings
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import Hashring, Ingestor
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.slices import ingestor_states
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.ring_gates import (
    RingChange,
    loaded_gate,
    members_guard,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.unit.kubernetes.recorded import Recorded

from .ring_cases import NAMESPACE, cluster, pod, seen, slices

SET = "thanos-receive-default"
MEMBERS = tuple(Ingestor(f"{SET}-{i}.{SET}-headless.{NAMESPACE}.svc:10901") for i in range(4))
FOUR, THREE = Hashring("default", MEMBERS), Hashring("default", MEMBERS[:3])
CHANGE = RingChange(NAMESPACE, "thanos-receive-hashrings", (FOUR,), (THREE,))
INSTANCE = parse({"cluster": "eu", "instances": {"receive": {}}})
ROUTERS = {w.name: w for w in INSTANCE.workloads(INSTANCE.instances[0]) if w.role == "router"}
ROUTER = "thanos-receive-router"


@pytest.mark.parametrize(
    ("names", "ready"),
    [
        ("0 1 2 3", [True, True, True, True]),
        ("0 1! 2 3", [True, False, True, True]),
        ("0 1- 2 3", [True, False, True, True]),
        ("0 1", [True, True]),
    ],
    ids=["all", "one is not ready", "one ends", "two are not there"],
)
def test_ingestors_are_told_by_their_slices(names: str, ready: list[bool]) -> None:
    found = ingestor_states([slices(SET, *(f"{SET}-{name}" for name in names.split()))], MEMBERS)
    assert [found[m.address].ready for m in MEMBERS if m.address in found] == ready


def test_an_ingestor_that_is_made_anew_is_the_one_that_is_ready() -> None:
    both = [slices(SET, f"{SET}-0"), slices(SET, f"{SET}-0-")]
    assert ingestor_states(both, MEMBERS)[MEMBERS[0].address].ready


def test_a_slice_that_says_nothing_of_readiness_is_believed() -> None:
    silent = slices(SET, f"{SET}-0")
    silent["endpoints"][0]["conditions"] = {}
    assert ingestor_states([silent], MEMBERS)[MEMBERS[0].address].ready


def guarded(*pods: str) -> Verdict:
    live = [pod(name.rstrip("!"), SET, ready="!" not in name) for name in pods]
    return members_guard(CHANGE).check(seen(EndpointSlice=[slices(SET, *pods)], Pod=live))


def test_ring_file_waits_for_every_new_ingestor() -> None:
    told = guarded(f"{SET}-0", f"{SET}-1", f"{SET}-2", f"{SET}-3!")
    assert told.state == "waiting"
    assert told.reason == f"ring default waits for {SET}-3 (not ready) of 4 ingestors; the ring file stays as it is"
    assert told.pods == (f"{SET}-3",)


def test_ring_file_is_written_when_all_are_ready() -> None:
    assert guarded(*(f"{SET}-{i}" for i in range(4))).state == "done"


def test_ring_file_gets_the_zones_of_the_nodes_on_which_pods_are() -> None:
    change = replace(CHANGE, rings=(replace(FOUR, zones=True),))
    live = seen(EndpointSlice=[slices(SET, *(f"{SET}-{i}" for i in range(4)), zone="eu-1a")])
    (ring,) = read_rings(change.completed({"data": {"hashrings.json": ""}}, live)["data"]["hashrings.json"])
    assert {member.zone for member in ring.members} == {"eu-1a"}


def loaded(client: Recorded, *pods: dict[str, Any]) -> Verdict:
    gate = loaded_gate(NAMESPACE, "thanos-receive-hashrings", ROUTERS)
    snapshot = seen(Pod=pods)
    assert gate.action
    return gate.check(replace(snapshot, answer=gate.action(client, snapshot)))


def shows(text: str) -> str:
    return f"thanos_receive_config_hash {float(min(hashes_of(text)))}"


def test_routers_have_loaded_the_ring_when_all_show_its_hash() -> None:
    client = cluster("[]", r_1=shows("[]"), r_2=shows("[]"))
    assert loaded(client, pod("r-1", ROUTER), pod("r-2", ROUTER)).state == "done"


def test_a_router_with_the_ring_before_is_waited_for() -> None:
    client = cluster("[]", r_1=shows("[]"), r_2=shows("[1]"))
    told = loaded(client, pod("r-1", ROUTER), pod("r-2", ROUTER))
    assert (told.state, told.reason) == ("waiting", "r-2 has not loaded the new ring file yet")


def test_a_router_that_does_not_answer_is_waited_for() -> None:
    told = loaded(cluster("[]", r_1=shows("[]")), pod("r-1", ROUTER), pod("r-2", ROUTER))
    assert told.reason.startswith("r-2 the API server's proxy to it answers 404")


def test_a_router_that_is_not_ready_is_asked_too() -> None:
    told = loaded(cluster("[]", r_1=shows("[1]")), pod("r-1", ROUTER, ready=False))
    assert told.reason == "r-1 has not loaded the new ring file yet"


def test_a_router_that_does_not_run_yet_begins_with_the_new_ring() -> None:
    starting = pod("r-1", ROUTER, ready=False)
    starting["status"]["phase"] = "Pending"
    assert loaded(cluster("[]"), starting).state == "done"


def test_a_router_that_cannot_be_asked_ends_the_run() -> None:
    closed = {
        name: replace(w, channels=tuple(replace(c, closed="it wants a password") for c in w.channels))
        for name, w in ROUTERS.items()
    }
    snapshot: Snapshot = replace(seen(Pod=[]), answer={})
    told = loaded_gate(NAMESPACE, "thanos-receive-hashrings", closed).check(snapshot)
    assert (told.state, told.reason) == ("failed", f"{ROUTER} cannot be asked for its ring: it wants a password")
