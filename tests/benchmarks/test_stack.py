# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack costs when nothing is to be done, and when it is applied for the first time, beside other means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.benchmarks.measure import Command, Cost, interleaved
from tests.benchmarks.others import CORE, KUBECTL, Others, others
from tests.benchmarks.plays import EARLIER, NO_HISTORY, NOW, Plays, versions
from tests.benchmarks.stage import NAMESPACE, Stage, host
from tests.benchmarks.table import Table, Target, ratio
from tests.testbed.control_plane import ControlPlane

EMPTY, PING = "empty play (E)", "one ping (P)"
UPGRADE, INSTALL = "helm upgrade", "helm install"


@dataclass(frozen=True)
class World:
    """A control plane for each version of the collection, since two compactors would see each other on one."""

    stages: dict[str, Stage]
    others: Others


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        stages, applied = {}, {}
        for name, collections in versions().items():
            plane = stack.enter_context(ControlPlane())
            stages[name] = Stage(plane, Plays(tmp_path_factory.mktemp(name)))
            applied[name] = stages[name].deploy(collections, NAMESPACE).applied
        yield World(stages, stack.enter_context(others(stages[NOW], applied[NOW])))


def floors(plays: Plays) -> list[Command]:
    """What Ansible costs that does nothing, and that runs one small module."""
    here, collections = plays.inventory("here", {"eu": {}}), [versions()[NOW]]
    ping = plays.play("ping", tasks=[{"ansible.builtin.ping": None}])
    return [
        plays.command(EMPTY, plays.play("empty"), here, collections),
        plays.command(PING, ping, here, collections),
    ]


def role(stage: Stage, name: str, kubeconfig: Path) -> Command:
    """The role stack over what is as it should be."""
    plays = stage.plays
    inventory = plays.inventory(kubeconfig.stem, {"eu": host(NAMESPACE, kubeconfig)})
    return plays.command(
        f"stack, {name}", plays.play("role", roles=["o11y.thanos.stack"]), inventory, [versions()[name]]
    )


@pytest.mark.parametrize("latency", [0, 20])
def test_an_unchanged_stack(world: World, latency: int) -> None:
    with ExitStack() as far:
        reached = {name: far.enter_context(stage.far(latency)) for name, stage in world.stages.items()}
        ours = [role(stage, name, reached[name]) for name, stage in world.stages.items()]
        costs = interleaved([*floors(world.stages[NOW].plays), *ours, *world.others.unchanged(reached[NOW])])
    title = f"Unchanged stack of {len(world.others.objects)} objects, {latency} ms latency"
    table = Table(f"stack-{latency}", title, ("", "wall s", "CPU s", "wall : P", "CPU : P", "above E : ours"))
    empty, ping, now = costs[EMPTY], costs[PING], costs[f"stack, {NOW}"]
    for name, cost in costs.items():
        above = None if cost is empty else (cost.wall - empty.wall) / (now.wall - empty.wall)
        table.add(name, cost.wall, cost.cpu, cost.wall / ping.wall, cost.cpu / ping.cpu, above)
    table.targets = targets(costs, latency)
    if EARLIER not in world.stages:
        table.notes.append(NO_HISTORY)
    table.publish()


def targets(costs: dict[str, Cost], latency: int) -> list[Target]:
    """What is aimed at."""
    empty, ping, now = costs[EMPTY], costs[PING], costs[f"stack, {NOW}"]
    core = (costs[CORE].wall - empty.wall) / (now.wall - empty.wall)
    return [
        *([Target("stack : P", now.wall / ping.wall, at_most=1.0)] if not latency else []),
        Target(f"{CORE} above E : ours above E", core, at_least=3.5 if latency else 2.5),
        Target(f"ours : {KUBECTL}", now.wall / costs[KUBECTL].wall, at_most=1.0),
        Target(f"ours : {UPGRADE}", now.wall / costs[UPGRADE].wall, at_most=1.0 if latency else 1.15),
    ]


def test_a_first_apply_that_waits_for_nothing(world: World) -> None:
    latency, commands = 20, []
    with ExitStack() as far:
        for name, stage in world.stages.items():
            kubeconfig = far.enter_context(stage.far(latency))
            cleared = Others(stage, world.others.objects, {})
            before = partial(cleared.clear, NAMESPACE)
            commands.append(stage.apply(f"stack, {name}", versions()[name], host(NAMESPACE, kubeconfig), before=before))
            if name == NOW:
                install = world.others.helm(
                    kubeconfig, INSTALL, "install", before=partial(world.others.clear, "helm", "secrets")
                )
                kubectl = world.others.kubectl(kubeconfig, before=partial(world.others.clear, "kubectl"))
        costs = interleaved([*commands, install, kubectl])
    table = Table("first", f"First apply, {latency} ms latency, no waiting", ("", "wall s", "CPU s", "wall : ours"))
    now = costs[f"stack, {NOW}"]
    for name, cost in costs.items():
        table.add(name, cost.wall, cost.cpu, ratio(cost.wall, now.wall))
    table.targets = [Target(f"ours : {INSTALL}", now.wall / costs[INSTALL].wall, at_most=1.0)]
    table.publish()
