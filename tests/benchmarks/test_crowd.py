# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other people's workloads cost a run that has nothing to do with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.benchmarks.measure import Command, interleaved, once
from tests.benchmarks.plays import NOW, Plays, versions
from tests.benchmarks.stage import NAMESPACE, Stage, host
from tests.benchmarks.table import Table, Target
from tests.testbed.control_plane import ControlPlane

FOREIGN = int(os.environ.get("BENCH_FOREIGN", "3000"))
# Four containers, as a workload with its sidecars has them.
_CONTAINERS = [{"name": f"c{n}", "image": f"registry.example.org/team/service-{n}:1.{n}"} for n in range(4)]
ALONE, CROWDED = "alone", f"beside {FOREIGN} Deployments"


@dataclass(frozen=True)
class Run:
    """The role stack on one of the clusters, and the KB that the server sent to such a run."""

    command: Command
    kilobytes: float


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    with ExitStack() as stack:
        found = {}
        for name in (ALONE, CROWDED):
            stage = Stage(stack.enter_context(ControlPlane()), Plays(tmp_path_factory.mktemp("stage")))
            stage.deploy(versions()[NOW], NAMESPACE)
            if name == CROWDED:
                crowd(stage)
            with stage.recorded() as (kubeconfig, recording):
                once(role(stage, name, str(kubeconfig)))
            size = sum(len(body) for _status, _headers, body in recording.answers.values())
            found[name] = Run(role(stage, name, str(stage.plane.kubeconfig)), size / 1000)
        yield found


def crowd(stage: Stage) -> None:
    """Deployments of somebody else, in a namespace of their own; no controller runs, so they have no pods."""
    api = stage.plane.api
    api.must("POST", "/api/v1/namespaces", {"metadata": {"name": "others"}})

    def make(number: int) -> None:
        labels = {"app": f"service-{number}"}
        template = {"metadata": {"labels": labels}, "spec": {"containers": _CONTAINERS}}
        spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
        body = {"metadata": {"name": f"service-{number}", "labels": labels}, "spec": spec}
        api.must("POST", "/apis/apps/v1/namespaces/others/deployments", body)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(FOREIGN)))


def role(stage: Stage, name: str, kubeconfig: str) -> Command:
    """With nothing to do."""
    plays = stage.plays
    inventory = plays.inventory(name, {"eu": host(NAMESPACE, kubeconfig)})
    return plays.command(
        name, plays.play("role", roles=["o11y.thanos.stack"]), inventory, [versions()[NOW]], watched=True
    )


def test_workloads_of_others_cost_little(runs: dict[str, Run]) -> None:
    costs = interleaved([run.command for run in runs.values()])
    table = Table("crowd", "Unchanged stack in a cluster of others", ("", "wall s", "CPU s", "MiB of all", "KB read"))
    for name, cost in costs.items():
        table.add(name, cost.wall, cost.cpu, cost.peak, runs[name].kilobytes)
    alone, crowded = costs[ALONE], costs[CROWDED]
    table.targets = [
        Target("more CPU s", crowded.cpu - alone.cpu, at_most=0.15),
        Target("more MB read", (runs[CROWDED].kilobytes - runs[ALONE].kilobytes) / 1000, at_most=3),
        Target("more MiB", crowded.peak - alone.peak, at_most=10),
    ]
    table.publish()
