# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole playbook on hundreds of clusters with sixty objects each, beside kubernetes.core and Helm.

The clusters are recorded, behind a network of 20 ms; the first test holds the recording against three real control
planes. Buckets are on a real S3 server. What it leaves out: TLS to the API servers, and the time until pods are ready,
for which only ours waits; what Thanos answers to verify is what it answered once.
"""

from __future__ import annotations

import statistics
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.delay_proxy import Running, delayed
from tests.benchmarks.front import running
from tests.benchmarks.measure import ROUNDS, Cost, Sample, once
from tests.benchmarks.others import CORE, Others
from tests.benchmarks.plays import Plays
from tests.benchmarks.recorded import replayed
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Table, Target
from tests.benchmarks.tools import FORKS, HELM, HELMS, MORE, OURS, Tools, empty_buckets, sizes
from tests.benchmarks.transcript import Transcript, listened, objects, real, recording, requests
from tests.support.pods_server import ApiServer
from tests.testbed.build import build
from tests.testbed.control_plane import ControlPlane
from tests.testbed.progress import Progress
from tests.testbed.stores.store import Store

LATENCY_MS = 20
NAMES = ("eu-0", "eu-1", "eu-2")
FIRST, AGAIN = "first", "nothing to do"
STACK = "o11y.thanos.stack : Deploy the stack"
DEPLOY = "Deploy Thanos"
# As a part of a URL.
SLUGS = {OURS: "ours", CORE: "core", HELM: "helm"}


@dataclass(frozen=True)
class World:
    """The tools, what each of them exchanged with three real clusters, and the server of the recording of the first."""

    tools: Tools
    real: Mapping[str, list[Transcript]]
    server: Running

    def empty(self) -> None:
        """Nothing is in any cluster, and there is no bucket."""
        for slug in SLUGS.values():
            urllib.request.urlopen(f"http://{self.server.endpoint}/{slug}", b"").close()
        empty_buckets(self.tools.place)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Store("versitygw") as store:
        plays = Plays(tmp_path_factory.mktemp("plays"))
        tools, found = record(Tools(plays, store.place), tmp_path_factory.mktemp("pods"))
        recordings = {SLUGS[name]: recording(transcripts[0]) for name, transcripts in found.items()}
        with replayed(recordings, plays.folder, "tests.benchmarks.many_clusters") as server:
            yield World(tools, found, server)


def record(tools: Tools, folder: Path) -> tuple[Tools, dict[str, list[Transcript]]]:
    """Run each tool on three real clusters, twice; what they exchanged comes back, and the tools with our objects."""
    with ExitStack() as stack:
        pods = stack.enter_context(running(folder, MORE))
        stages = [Stage(stack.enter_context(ControlPlane()), tools.plays) for _name in NAMES]
        found = {OURS: run(tools, OURS, stages, pods)}
        applied = {path: each for path, each in found[OURS][0].applied().items() if each["kind"] != "Namespace"}
        programs = build(("helm",), Progress(quiet=True))
        for stage in stages:
            Others(stage, applied, programs).make_namespaces()
        tools = Tools(tools.plays, tools.place, Others(stages[0], applied, programs))
        return tools, found | {name: run(tools, name, stages, pods) for name in tools.commands() if name != OURS}


def run(tools: Tools, name: str, stages: list[Stage], pods: ApiServer) -> list[Transcript]:
    """The first run of a tool and one with nothing to do."""
    transcripts = [Transcript() for _stage in stages]
    with ExitStack() as stack:
        urls = [stack.enter_context(real(stage, pods, each)) for stage, each in zip(stages, transcripts, strict=True)]
        twice(tools, name, dict(zip(NAMES, urls, strict=True)))
    return transcripts


def twice(tools: Tools, name: str, urls: Mapping[str, str]) -> None:
    """Run a tool, and run it again."""
    command = tools.commands()[name](urls)
    for _run in range(2):
        once(command)


def test_the_recording_is_honest(world: World) -> None:
    """Run on clusters of the recording, each tool asks for the same, and leaves the same objects behind."""
    world.empty()
    for name, transcripts in world.real.items():
        again = [Transcript() for _each in transcripts]
        with ExitStack() as stack:
            urls = {
                place: stack.enter_context(listened(f"http://{world.server.endpoint}/{SLUGS[name]}/{number}", each))
                for number, (place, each) in enumerate(zip(NAMES, again, strict=True))
            }
            twice(world.tools, name, urls)
        for ours, theirs in zip(again, transcripts, strict=True):
            assert requests(ours.exchanges) == requests(theirs.exchanges)
            assert objects(ours.exchanges) == objects(theirs.exchanges)
    assert world.server.requests() == []


@dataclass
class Costs:
    """Of one tool: what its runs cost, and what each task of them did; ``FIRST`` or ``AGAIN`` → one of each round."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    tasks: dict[str, list[dict[str, tuple[float, float]]]] = field(default_factory=dict)

    def cost(self, which: str) -> Cost:
        """The medians."""
        return Cost(tuple(self.samples[which]))

    def task(self, which: str, name: str) -> tuple[float, float]:
        """The medians of a task, of seconds of wall clock and of CPU."""
        found = [each[name] for each in self.tasks[which]]
        return statistics.median(wall for wall, _cpu in found), statistics.median(cpu for _wall, cpu in found)


def measure(world: World, proxy: Running, number: int) -> dict[str, Costs]:
    """Each tool in turn, on clusters that are empty and on the same again."""
    commands = {
        name: make({f"eu-{n}": f"http://{proxy.endpoint}/{SLUGS[name]}/{n}" for n in range(number)})
        for name, make in world.tools.commands().items()
    }
    found = {name: Costs() for name in commands}
    for turn in range(max(1, ROUNDS // 2)):
        world.empty()
        for name in list(commands)[:: -1 if turn % 2 else 1]:
            for which in (FIRST, AGAIN):
                found[name].samples.setdefault(which, []).append(once(commands[name]))
                if name != HELM:
                    rows = world.tools.tasks(name)
                    told = {f"{play}: {task}": (wall, cpu) for play, task, wall, cpu in rows}
                    found[name].tasks.setdefault(which, []).append(told)
    return found


def test_many_clusters(world: World, tmp_path: Path) -> None:
    host, port = world.server.endpoint.split(":")
    found: dict[int, dict[str, Costs]] = {}
    for number in sizes():
        with delayed(host, int(port), LATENCY_MS, tmp_path) as proxy:
            found[number] = measure(world, proxy, number)
    assert world.server.requests() == []
    assert world.tools.others
    count = len(world.tools.others.objects)
    title = f"Clusters of {count} objects, {LATENCY_MS} ms latency, {FORKS} forks, Helm {HELMS} at a time"
    table = Table("many", title, ("", "clusters", "wall s", "CPU s", "CPU ms a cluster", "MiB of all"))
    for number, costs in found.items():
        for name, each in costs.items():
            for which in (FIRST, AGAIN):
                cost = each.cost(which)
                table.add(f"{name}, {which}", number, cost.wall, cost.cpu, cost.cpu / number * 1000, cost.peak)
    table.targets = [target for number in found for target in targets(found[number], number)]
    most, least = max(found), min(found)
    if most > least:
        for which in (FIRST, AGAIN):
            large, small = (found[number][OURS].cost(which).cpu / number for number in (most, least))
            table.targets.append(Target(f"CPU a cluster, {most} : {least}, {which}", large / small, at_most=1.1))
    table.publish()
    for_each_task(found[most], most).publish()


def targets(costs: Mapping[str, Costs], number: int) -> Iterator[Target]:
    """What is aimed at."""
    for which in (FIRST, AGAIN):
        where = f"{number} clusters, {which}"
        stack = costs[OURS].task(which, f"{DEPLOY}: {STACK}")
        core = costs[CORE].task(which, f"all: {CORE}")
        deploy, helm = costs[OURS].cost(which), costs[HELM].cost(which)
        yield Target(f"CPU of {CORE} : task stack, {where}", core[1] / stack[1], at_least=5)
        yield Target(f"wall of task stack : {HELM}, {where}", stack[0] / helm.wall, at_most=1.0)
        yield Target(f"wall of {OURS} : {CORE}, {where}", deploy.wall / costs[CORE].cost(which).wall, at_most=1.0)
        yield Target(f"MiB of {OURS}, {where}", deploy.peak, at_most=2048)


def for_each_task(costs: Mapping[str, Costs], number: int) -> Table:
    """What each task costs all clusters together."""
    columns = ("", *(f"{what}, {which}" for which in (FIRST, AGAIN) for what in ("wall s", "CPU s")))
    table = Table("many-tasks", f"Each task on {number} clusters", columns)
    for name in (OURS, CORE):
        names = dict.fromkeys(task for which in (FIRST, AGAIN) for run in costs[name].tasks[which] for task in run)
        for task in names:
            known: list[Any] = []
            for which in (FIRST, AGAIN):
                there = all(task in run for run in costs[name].tasks[which])
                known += costs[name].task(which, task) if there else (None, None)
            table.add(task.lstrip(": "), *known)
    return table
