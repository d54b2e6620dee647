# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ingestors that leave are stopped and started until all that they hold is in the bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import HTTP
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.drain_guard import Drain, Leaver
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import hashes_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty

from .ring_cases import NAMESPACE, cluster, pod, seen

NAME, ROUTER = "thanos-receive-default-3", "thanos-receive-router"
STACK = parse({"cluster": "eu", "instances": {"receive": {"router": {"replicas": 1}}}})
ROUTERS = {w.name: w for w in STACK.workloads(STACK.instances[0]) if Duty.ROUTE in w.duties}
NEWEST = 1_764_400_000_000


@dataclass
class World:
    """An ingestor that leaves, with this many chunks of a tenant in no block, and a store gateway."""

    chunks: float = 3
    blocks: float = 0
    syncs: float = 1
    failures: float = 0
    listed: list[dict[str, Any]] = field(default_factory=list)
    loaded: str = "[]"
    witnesses: tuple[str, ...] = ("thanos-store",)
    args: tuple[str, ...] = ('--label=receive_replica="$(POD_NAME)"', '--label=receive_cluster="eu"')
    starts: int = 0
    ready: bool = True
    now: float = 0
    deleted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.drain = Drain(NAMESPACE, "thanos-receive-hashrings", ROUTERS, [Leaver(NAME, HTTP)])

    def look(self) -> Verdict:
        """One round of the guard, a minute after the one before."""
        self.now += 60
        tenant = '{tenant="acme"}'
        page = "\n".join(
            [
                f"prometheus_tsdb_head_chunks{tenant} {self.chunks}",
                'prometheus_tsdb_head_chunks{tenant="default-tenant"} 0',
                f"prometheus_tsdb_head_min_time{tenant} {NEWEST + 1}",
                f"prometheus_tsdb_blocks_loaded{tenant} {self.blocks}",
                f"thanos_shipper_dir_syncs_total{tenant} {self.syncs}",
                f"thanos_shipper_upload_failures_total{tenant} {self.failures}",
            ]
        )
        router = f"thanos_receive_config_hash {float(min(hashes_of(self.loaded)))}"
        client = cluster("[]", r_1=router, **{NAME.replace("-", "_"): page})
        view = json.dumps({"status": "success", "data": {"blocks": self.listed}})
        for name in self.witnesses:
            client.answers[f"GET /api/v1/namespaces/{NAMESPACE}/pods/{name}-0:10902/proxy/api/v1/blocks"] = (200, view)
        leaving = pod(NAME, "thanos-receive-default", uid=f"start-{self.starts}", ready=self.ready)
        leaving["spec"]["containers"][0]["args"] = list(self.args)
        others = [pod(f"{name}-0", name) for name in self.witnesses]
        verdict = self.drain.step(client, seen(self.now, Pod=[leaving, pod("r-1", ROUTER), *others]))
        self.deleted += [sent.path.rpartition("/")[2] for sent in client.writes]
        return verdict

    def restart(self, chunks: float) -> Verdict:
        """The pod is there again, and has so much in no block."""
        self.starts += 1
        self.chunks, self.blocks = chunks, self.blocks + 1
        return self.look()

    def upload(self, until: int, **labels: str) -> None:
        """The store gateway finds a block in the bucket, which ends so much after the newest sample."""
        known = {"receive_replica": NAME, "receive_cluster": "eu", "tenant_id": "acme", **labels}
        self.listed.append({"maxTime": NEWEST + until, "thanos": {"labels": known}})


def test_it_is_stopped_twice_and_goes_when_the_store_finds_its_last_block() -> None:
    world = World()
    assert world.look().reason == f"{NAME} is stopped, so that it uploads what it has"
    assert world.look().reason == f"{NAME} is started anew, to upload what its stop left behind"
    assert world.restart(1).reason == f"{NAME} is stopped, so that it uploads what it has"
    world.upload(0)
    told = world.restart(0)
    assert told.reason.startswith(
        f"{NAME} has uploaded its blocks, and thanos-store-0 did not find those of tenant acme"
    )
    world.upload(1)
    assert world.look().state == "done"
    assert world.deleted == [NAME, NAME]


def test_nothing_is_stopped_while_a_router_may_still_send_to_it() -> None:
    world = World(loaded="[1]")
    told = world.look()
    assert told.reason == (
        "ingestors leave when no router sends to them any more: r-1 has not loaded the new ring file yet"
    )
    assert world.deleted == []


def test_one_that_never_had_a_sample_goes_at_once() -> None:
    assert (World(chunks=0).look().state, World(chunks=0).deleted) == ("done", [])


def test_one_that_ran_without_samples_for_long_is_stopped_to_show_where_its_last_block_ends() -> None:
    world = World(chunks=0, blocks=2)
    assert world.look().reason == f"{NAME} is stopped, so that it uploads what it has"
    world.upload(1)
    assert world.restart(0).state == "done"
    assert world.deleted == [NAME]


def test_one_that_was_drained_by_an_earlier_run_is_not_stopped_again() -> None:
    world = World(chunks=0, blocks=2)
    world.upload(1)
    assert (world.look().state, world.deleted) == ("done", [])


@pytest.mark.parametrize("labels", [{"receive_replica": "another"}, {"tenant_id": "another"}])
def test_blocks_of_others_prove_nothing(labels: dict[str, str]) -> None:
    world = World(chunks=0, blocks=1)
    world.upload(1, **labels)
    world.look()
    assert world.restart(0).state == "waiting"


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        (World(chunks=0, blocks=1, syncs=0), f"{NAME} uploads its blocks (0 failures)"),
        (World(chunks=0, blocks=1, failures=2), f"{NAME} uploads its blocks (2 failures)"),
        (World(ready=False), f"{NAME} is not ready, so that it cannot upload what it has"),
    ],
    ids=["it has not looked yet", "uploads fail", "it is not ready"],
)
def test_what_is_not_uploaded_is_waited_for(world: World, reason: str) -> None:
    world.upload(1)
    told = world.look()
    assert (told.state, told.reason, world.deleted) == ("waiting", reason, [])


def test_without_anybody_who_reads_the_bucket_nothing_is_proven() -> None:
    world = World(chunks=0, blocks=1, witnesses=())
    world.look()
    told = world.restart(0)
    assert told.reason == (
        f"{NAME} has uploaded its blocks, and no store gateway or compactor of the stack is ready to say that they are "
        "in the bucket"
    )


def test_a_compactor_tells_of_the_bucket_too() -> None:
    world = World(chunks=0, blocks=1, witnesses=("thanos-compact",))
    world.upload(1)
    assert world.look().state == "done"


def test_samples_that_came_out_of_order_keep_it_until_they_are_compacted() -> None:
    world = World(args=(*World.args, "--tsdb.out-of-order.time-window=30m"))
    world.look()
    world.restart(2)
    told = world.restart(2)
    assert told.state == "failed"
    assert "2 chunks of samples in no block: with an out-of-order window of 30m" in told.reason
    assert len(world.deleted) == 2


def test_samples_that_no_stop_uploads_are_waited_for() -> None:
    world = World()
    world.look()
    world.restart(2)
    told = world.restart(2)
    assert (told.state, len(world.deleted)) == ("waiting", 2)
