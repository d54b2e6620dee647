# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What fifty clusters cost in one run, when nothing is to be done: CPU, time, and memory of all processes."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.benchmarks.delay_proxy import Running
from tests.benchmarks.measure import ROUNDS, Command, Cost, interleaved, once
from tests.benchmarks.plays import EARLIER, NO_HISTORY, NOW, Plays, kubeconfig_without_tls, versions
from tests.benchmarks.recorded import replayed
from tests.benchmarks.stage import NAMESPACE, Stage, host
from tests.benchmarks.table import Table, Target
from tests.testbed.control_plane import ControlPlane

HOSTS = int(os.environ.get("BENCH_HOSTS", "50"))
FORKS = (5, 25)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    """Version → a server that answers as a real one answered that version's run over an unchanged stack."""
    with ExitStack() as stack:
        found = {}
        for name, collections in versions().items():
            plays = Plays(tmp_path_factory.mktemp(name))
            with ControlPlane() as plane:
                stage = Stage(plane, plays)
                stage.deploy(collections, NAMESPACE)
                with stage.recorded() as (kubeconfig, recording):
                    once(fleet(plays, "recorded", collections, kubeconfig, 1, 1))
            found[name] = stack.enter_context(replayed(recording.answers, plays.folder))
        yield found


def fleet(plays: Plays, name: str, collections: Path, kubeconfig: Path, hosts: int, forks: int) -> Command:
    """The role stack on so many hosts."""
    inventory = plays.inventory(name, {f"eu-{n}": host(NAMESPACE, kubeconfig) for n in range(hosts)})
    play = plays.play("role", roles=["o11y.thanos.stack"])
    return plays.command(name, play, inventory, [collections], "--forks", str(forks), watched=True)


def test_fifty_clusters_with_nothing_to_do(servers: dict[str, Running], tmp_path: Path) -> None:
    plays, commands = Plays(tmp_path), []
    for name, server in servers.items():
        kubeconfig = kubeconfig_without_tls(plays.folder, f"http://{server.endpoint}", name)
        commands += [
            fleet(plays, f"{name}, forks {forks}", versions()[name], kubeconfig, HOSTS, forks) for forks in FORKS
        ]
    costs = interleaved(commands, max(1, ROUNDS // 2), warm=False)
    assert [server.requests() for server in servers.values()] == [[] for _each in servers]
    columns = ("", "wall s", "CPU s", "MiB of all", "parent MiB, half-way", "at its highest after")
    table = Table("fleet", f"Unchanged stack on {HOSTS} hosts, a recorded API", columns)
    for name, cost in costs.items():
        table.add(name, cost.wall, cost.cpu, cost.peak, *parent(cost))
    if EARLIER in servers:
        table.targets = [target for forks in FORKS for target in targets(costs, forks)]
    else:
        table.notes.append(NO_HISTORY)
    table.publish()


def targets(costs: dict[str, Cost], forks: int) -> list[Target]:
    """What is aimed at."""
    now, before = costs[f"{NOW}, forks {forks}"], costs[f"{EARLIER}, forks {forks}"]
    first, last = parent(now)
    found = [
        Target(f"CPU of {EARLIER} : CPU now, forks {forks}", before.cpu / now.cpu, at_least=6),
        Target(f"parent's memory, later : half-way, forks {forks}", last / first, at_most=1.1),
    ]
    if forks == max(FORKS):
        found.append(Target(f"memory now : {EARLIER}, forks {forks}", now.peak / before.peak, at_most=0.2))
    return found


def parent(cost: Cost) -> tuple[float, float]:
    """MiB of the first process half-way, when all is imported, and at their highest after that."""
    halves = [len(each.parent) // 2 for each in cost.samples]
    first = [each.parent[half] for each, half in zip(cost.samples, halves, strict=True)]
    later = [max(each.parent[half:]) for each, half in zip(cost.samples, halves, strict=True)]
    return statistics.median(first), statistics.median(later)
