# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook ``deploy`` costs when nothing is to be done: of one host, and of each further one.

Buckets are on a real S3 server, objects on a real API server; verify asks real Thanos processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.benchmarks.front import clusters, running
from tests.benchmarks.measure import Command, interleaved, once
from tests.benchmarks.plays import EARLIER, NO_HISTORY, NOW, Plays, kubeconfig_without_tls, versions
from tests.benchmarks.stage import Stage, host
from tests.benchmarks.table import Table, Target
from tests.support.asked import PARAMS
from tests.support.pods_server import ApiServer
from tests.testbed.control_plane import ControlPlane
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

MOST = int(os.environ.get("BENCH_DEPLOYS", "6"))
# Those that a host has by default: the earlier version knows no others.
OPTIONS = {f"thanos_{tier}": given for tier, given in PARAMS["instances"].items() if TIERS[tier].by_default}


@pytest.fixture(scope="module")
def pods(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The processes behind the pods of every cluster."""
    with running(tmp_path_factory.mktemp("pods")) as server:
        yield server


@pytest.fixture(scope="module")
def commands(pods: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Command]]:
    """The playbook over one cluster and over several, of each version, with everything as it should be."""
    with ExitStack() as stack:
        place = stack.enter_context(Store("versitygw")).place
        found = []
        for name, collections in versions().items():
            stage = Stage(stack.enter_context(ControlPlane()), Plays(tmp_path_factory.mktemp(name)))
            url = stack.enter_context(clusters(stage, pods))
            names = [f"{name}-{number}" for number in range(MOST)]
            hosts = {
                each: host(
                    each, kubeconfig_without_tls(stage.plays.folder, url(each), each), **OPTIONS, **bucket(each, place)
                )
                for each in names
            }
            for count in (1, MOST):
                inventory = stage.plays.inventory(f"{name}-{count}", dict(list(hosts.items())[:count]))
                found.append(stage.plays.command(label(name, count), "o11y.thanos.deploy", inventory, [collections]))
            once(stage.plays.command("buckets", "o11y.thanos.deploy", inventory, [collections], "--tags", "objstore"))
            for each, variables in hosts.items():
                once(stage.apply("first", collections, variables))
                stage.be_ready(each)
        yield found


def bucket(name: str, place: Place) -> dict[str, Any]:
    """The object store of a host."""
    keys = {"access_key": place.access_key, "secret_key": place.secret_key}
    objstore = {"type": "S3", "bucket": name, "endpoint": place.endpoint, "insecure": True, **keys}
    return {"thanos_objstore": objstore, "thanos_verify_timeout": 60}


def label(name: str, count: int) -> str:
    """A row of the table."""
    return f"{name}, {count} host{'s' if count > 1 else ''}"


def test_a_deploy_with_nothing_to_do(commands: list[Command]) -> None:
    costs = interleaved(commands)
    table = Table("deploy", "Unchanged deploy: check, objstore, stack, verify", ("", "wall s", "CPU s"))
    for name, cost in costs.items():
        table.add(name, cost.wall, cost.cpu)
    further = {
        name: (costs[label(name, MOST)].cpu - costs[label(name, 1)].cpu) / (MOST - 1)
        for name in (NOW, EARLIER)
        if label(name, 1) in costs
    }
    for name, cpu in further.items():
        table.add(f"{name}, each further host", None, cpu)
    if EARLIER in further:
        now, before = costs[label(NOW, 1)], costs[label(EARLIER, 1)]
        table.targets = [
            Target(f"wall of one host, now : {EARLIER}", now.wall / before.wall, at_most=0.3),
            Target(f"CPU of one host, now : {EARLIER}", now.cpu / before.cpu, at_most=0.3),
            Target(f"CPU of each further host, now : {EARLIER}", further[NOW] / further[EARLIER], at_most=0.25),
        ]
    else:
        table.notes.append(NO_HISTORY)
    table.publish()
