# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook ``deploy`` costs over a hub and two edges beside one cluster, when nothing is to be done.

Four real API servers and a real S3 server. Without verify, since no pod runs; ``make demo CLUSTERS=3`` has it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.benchmarks.measure import Command, interleaved, once
from tests.benchmarks.plays import NOW, Plays, versions
from tests.benchmarks.stage import NAMESPACE, Stage
from tests.benchmarks.table import Table, Target
from tests.testbed.control_plane import ControlPlane
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

ONE, FLEET = "one cluster", "a hub and two edges"
HUB, EDGES = "hub", ("eu", "us")
PUBLISHED = {"thanos_query_group": {"publish": {"type": "NodePort"}}}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Command]]:
    """The playbook over one cluster and over a fleet, with everything as it should be."""
    plays = Plays(tmp_path_factory.mktemp("plays"))
    with ExitStack() as stack:
        place = stack.enter_context(Store("versitygw")).place
        stages = {name: Stage(stack.enter_context(ControlPlane()), plays) for name in ("one", HUB, *EDGES)}
        hosts = {name: host(name, stage, place) for name, stage in stages.items()}
        groups = {
            "thanos_hub": {"hosts": {HUB: hosts[HUB]}},
            "thanos_edge": {"hosts": {name: hosts[name] for name in EDGES}, "vars": PUBLISHED},
        }
        found = [deploy(plays, ONE, {"hosts": {"one": hosts["one"]}}), deploy(plays, FLEET, {"children": groups})]
        for name in EDGES:
            be_a_node(stages[name])
        with pods_ready(list(stages.values())):
            for command in found:
                once(command)
        yield found


def host(name: str, stage: Stage, place: Place) -> dict[str, Any]:
    """A cluster of the inventory, which has a bucket of its own."""
    objstore = {"type": "S3", "bucket": f"of-{name}", "endpoint": place.endpoint, "insecure": True}
    objstore |= {"access_key": place.access_key, "secret_key": place.secret_key}
    where = {"thanos_namespace": NAMESPACE, "thanos_kubeconfig": str(stage.plane.kubeconfig)}
    return {**where, "thanos_objstore": objstore, "thanos_wait_timeout": 60}


def deploy(plays: Plays, name: str, inventory: Mapping[str, Any]) -> Command:
    """The playbook over an inventory."""
    path = plays.folder / f"{name}.json"
    path.write_text(json.dumps({"all": inventory}))
    return plays.command(name, "o11y.thanos.deploy", path, [versions()[NOW]], "--skip-tags", "verify")


def be_a_node(stage: Stage) -> None:
    """A node on whose address a Service of the cluster is published."""
    stage.plane.api.must("POST", "/api/v1/nodes", {"metadata": {"name": "one"}})
    addresses = [{"type": "InternalIP", "address": "192.0.2.1"}]
    status = {"conditions": [{"type": "Ready", "status": "True"}], "addresses": addresses}
    path = "/api/v1/nodes/one/status"
    stage.plane.api.must("PATCH", path, {"status": status}, "application/merge-patch+json")


@contextmanager
def pods_ready(stages: Sequence[Stage]) -> Iterator[None]:
    """Until the block ends, whatever a run makes is said to be ready."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.5):
            for stage in stages:
                stage.be_ready(NAMESPACE)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_fleet_with_nothing_to_do(commands: list[Command]) -> None:
    costs = interleaved(commands)
    table = Table("hub", "Unchanged deploy: check, objstore, pki, stack", ("", "wall s", "CPU s"))
    for name, cost in costs.items():
        table.add(name, cost.wall, cost.cpu)
    one, fleet = costs[ONE], costs[FLEET]
    table.targets = [
        Target(f"wall of {FLEET} : {ONE}", fleet.wall / one.wall, at_most=2),
        Target(f"CPU of {FLEET} : {ONE}", fleet.cpu / one.cpu, at_most=2),
    ]
    table.publish()
