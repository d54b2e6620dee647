# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ingestors whose template changed are replaced one at a time, as routers show that they forward to each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.roll_gate import Roll
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty

from .ring_cases import NAMESPACE, cluster, pod, seen

SET, ROUTER = "thanos-receive-default", "thanos-receive-router"
STACK = parse({"cluster": "eu", "instances": {"receive": {"router": {"replicas": 1}}}})
WORKLOADS = STACK.workloads(STACK.instances[0])


def address(number: int) -> str:
    return f"{SET}-{number}.{SET}-headless.{NAMESPACE}.svc:10901"


@dataclass
class World:
    """A ring of three on revision old, its StatefulSet on revision new, and a router that sends to all."""

    now: float = 0
    sent: dict[int, float] = field(default_factory=lambda: dict.fromkeys(range(3), 0.0))
    failures: float = 0
    pods: dict[int, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in range(3):
            self.pods[number] = pod(f"{SET}-{number}", SET, controller_revision_hash="old")
        self.roll = Roll(
            NAMESPACE,
            {w.name: w for w in WORKLOADS if Duty.INGEST in w.duties},
            {w.name: w for w in WORKLOADS if Duty.ROUTE in w.duties},
            {f"{SET}-{number}": address(number) for number in range(3)},
        )

    def look(self) -> Verdict:
        """One round of the gate; what it deletes is remembered and not yet gone."""
        lines = [
            f'thanos_receive_forward_delay_seconds_count{{worker="{address(n)}"}} {v}' for n, v in self.sent.items()
        ]
        lines.append(f'thanos_receive_forward_requests_total{{result="success"}} {sum(self.sent.values())}')
        lines.append(f'thanos_receive_forward_requests_total{{result="error"}} {self.failures}')
        client = cluster("[]", r_1="\n".join(lines))
        ready = sum(each["status"]["conditions"][0]["status"] == "True" for each in self.pods.values())
        status = {"observedGeneration": 1, "updateRevision": "new", "currentRevision": "old", "readyReplicas": ready}
        metadata = {"name": SET, "generation": 1, "uid": "set"}
        spec = {"replicas": 3, "updateStrategy": {"type": "OnDelete"}}
        owner = {"kind": "StatefulSet", "metadata": metadata, "spec": spec, "status": status}
        snapshot = seen(self.now, StatefulSet=[owner], Pod=[*self.pods.values(), pod("r-1", ROUTER)])
        verdict = self.roll.step(client, snapshot)
        self.deleted += [sent.path.rpartition("/")[2] for sent in client.writes]
        return verdict

    def renew(self, number: int, *, ready: bool = True) -> None:
        """The StatefulSet has made a pod anew."""
        self.pods[number] = pod(f"{SET}-{number}", SET, uid="new", ready=ready, controller_revision_hash="new")

    def traffic(self, seconds: float, *numbers: int) -> None:
        """So much later, after requests to these."""
        self.now += seconds
        for number in numbers:
            self.sent[number] += 1


def test_ingestors_of_the_newest_revision_are_left_alone() -> None:
    world = World()
    for number in range(3):
        world.renew(number)
    assert (world.look().state, world.deleted) == ("done", [])


def test_the_highest_ordinal_is_replaced_first_and_alone() -> None:
    world = World()
    assert world.look().reason == f"replaces {SET}-2; 3 of 3 ingestors are of an older revision"
    world.traffic(2, 0, 1)
    assert world.look().reason == f"{SET}-2 is being replaced"
    world.renew(2, ready=False)
    assert world.look().reason == f"{SET}-2 is being replaced"
    assert world.deleted == [f"{SET}-2"]


def test_the_next_one_waits_until_the_router_forwards_to_the_new_pod() -> None:
    world = World()
    world.look()
    world.traffic(10, 0, 1)
    world.renew(2)
    for _round in range(20):
        world.traffic(2, 0, 1)
        world.failures += _round % 3 == 0
        assert world.look().reason == f"{SET}-2 is ready, and not yet forwarded to by r-1"
    for _round in range(5):
        world.traffic(2, 0, 1, 2)
        world.look()
    assert world.deleted == [f"{SET}-2", f"{SET}-1"]


def test_an_ingestor_that_is_in_no_ring_file_is_not_waited_for() -> None:
    world = World()
    world.roll.addresses = {}
    world.look()
    world.renew(2)
    world.look()
    assert world.deleted == [f"{SET}-2", f"{SET}-1"]


def test_no_ingestor_is_replaced_while_another_is_not_ready() -> None:
    world = World()
    world.renew(0, ready=False)
    told = world.look()
    assert told.reason == f"waits for {SET}-0 to be ready before {SET}-2 is replaced"
    assert (told.pods, world.deleted) == ((f"{SET}-0",), [])


def test_no_ingestor_is_replaced_while_another_is_missing() -> None:
    world = World()
    del world.pods[0]
    assert world.look().reason == f"waits for 1 missing ingestors before {SET}-2 is replaced"


def test_an_old_ingestor_that_is_not_ready_is_replaced_first() -> None:
    world = World()
    world.pods[0] = pod(f"{SET}-0", SET, ready=False, controller_revision_hash="old")
    world.look()
    assert world.deleted == [f"{SET}-0"]


def test_a_new_pod_that_crashes_ends_the_roll() -> None:
    world = World()
    world.look()
    world.renew(2, ready=False)
    crashed = {"terminated": {"exitCode": 1, "finishedAt": "2026-11-29T09:00:01Z"}}
    broken = {"name": "thanos-receive", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    world.pods[2]["metadata"]["ownerReferences"] = [{"uid": "set"}]
    world.pods[2]["status"]["containerStatuses"] = [{**broken, "lastState": crashed}]
    told = world.look()
    assert told.state == "failed"
    assert "crashed and was restarted 3 times" in told.reason
    assert world.deleted == [f"{SET}-2"]
