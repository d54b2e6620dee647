# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All clusters of this machine: which there are, up, down and their state. One command at a time changes them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.testbed import control_plane, host, images, network, plan, runtime
from tests.testbed.build import build
from tests.testbed.cluster import Cluster
from tests.testbed.control_plane import ControlPlane
from tests.testbed.errors import TestbedError
from tests.testbed.files import locked, read_json, write_json
from tests.testbed.paths import state_dir
from tests.testbed.plan import ClusterPlan
from tests.testbed.progress import Progress
from tests.testbed.stores import store
from tests.testbed.stores.store import Store

_WAITING = "waiting for another testbed command to end"


def up(count: int, prefix: str, progress: Progress, nodes: int | None = None) -> list[dict[str, Any]]:
    """Bring up clusters PREFIX1 … PREFIXn, as far as they are not. Returns a description of each.

    :param nodes: how many each has; one, or as many as a cluster has already, where that is not said.
    """
    wanted = plan.names(count, prefix, nodes or 1)
    host.require_ready(state_dir())
    binaries = build(None, progress)
    with locked(_lock(), lambda: progress.say(_WAITING)):
        known = _plans()
        new = len([name for name in wanted if name not in known])
        more = sum(max((nodes or 1) - len(known[name].nodes if name in known else ()), 0) for name in wanted)
        host.require_room(state_dir(), more * host.CLUSTER_ROOM, f"the start of {new} cluster(s)")
        for image in (*images.SYSTEM, *images.WORKLOADS):
            images.archive(image)
        host.prepare_settings(state_dir())
        network.create_bridge()
        clusters = [Cluster(recorded(name, nodes), binaries, progress) for name in wanted]
        _all_at_once([cluster.up for cluster in clusters])
    progress.say(f"ready: {', '.join(wanted)}")
    return [cluster.describe() for cluster in clusters]


def down(names: Collection[str], everything: bool, progress: Progress) -> None:
    """Remove the clusters of these names, all when there are none; with ``everything`` all that ever ran here."""
    known = _plans()
    unknown = sorted(set(names) - set(known))
    if unknown:
        progress.say(f"not there: {', '.join(unknown)}")
    doomed = [known[name] for name in known if not names or name in names]
    if doomed:
        host.require_linux_root("removing a cluster")
    with locked(_lock(), lambda: progress.say(_WAITING)):
        if everything:
            for one in store.existing():
                one.down()
            for name in control_plane.names():
                ControlPlane(name).down()
        for cluster in doomed:
            with progress.step(f"{cluster.name}: removed"):
                Cluster(cluster, {}, progress).down()
        if not _plans():
            _leave_host()
        if everything:
            shutil.rmtree(state_dir(), ignore_errors=True)


def lose(name: str, progress: Progress) -> None:
    """End a node as a power cut does; ``up`` brings it back."""
    host.require_linux_root("ending a node")
    owner = next((each for each in _plans().values() if name in [node.name for node in each.nodes]), None)
    if owner is None:
        there = sorted(node.name for each in _plans().values() for node in each.nodes)
        raise TestbedError(f"there is no node '{name}'; there is {', '.join(there) or 'none'}")
    with locked(_lock(), lambda: progress.say(_WAITING)), progress.step(f"{name}: lost"):
        Cluster(owner, {}, progress).lose(name)


def store_down(one: Store, progress: Progress) -> None:
    """Remove one object store, and the bridge where nothing else is on it."""
    one.down()
    if network.bridge_exists() and not _plans():
        with locked(_lock(), lambda: progress.say(_WAITING)):
            _leave_host()


def status() -> dict[str, Any]:
    """Everything that is there, JSON-ready."""
    quiet = Progress(quiet=True)
    return {
        "state": str(state_dir()),
        "clusters": [Cluster(cluster, {}, quiet).describe() for cluster in _plans().values()],
        "stores": [one.describe() for one in store.existing()],
        "control_planes": [ControlPlane(name).describe() for name in control_plane.names()],
    }


def kubeconfig(name: str) -> Path:
    """The administrator's kubeconfig of the cluster or control plane ``name``."""
    known = _plans()
    if name in known:
        return Cluster(known[name], {}, Progress(quiet=True)).server.kubeconfig
    if name in control_plane.names():
        return Path(ControlPlane(name).describe()["kubeconfig"])
    there = sorted([*known, *control_plane.names()])
    raise TestbedError(f"there is no cluster '{name}'; there is {', '.join(there) or 'none'}")


def _all_at_once(actions: Sequence[Callable[[], None]]) -> None:
    """Run all to their end, side by side; then raise every problem there was, in one."""
    with ThreadPoolExecutor(max_workers=len(actions)) as pool:
        results = [pool.submit(action) for action in actions]
    errors = [error for error in (result.exception() for result in results) if error is not None]
    for error in errors:
        if not isinstance(error, TestbedError):
            raise error
    if errors:
        raise TestbedError("\n".join(map(str, errors)))


def _leave_host() -> None:
    """Take back what all clusters share; without root we cannot have had any."""
    if not host.is_root():
        return
    if not any(one.place.address == plan.BRIDGE_ADDRESS for one in store.existing()):
        network.remove_bridge()
    runtime.remove_host_folders()
    host.restore_settings(state_dir())


def _lock() -> Path:
    return state_dir() / "lock"


def _clusters() -> Path:
    return state_dir() / "clusters"


def _plans() -> dict[str, ClusterPlan]:
    """Every cluster that was begun and not removed, by name."""
    result = {}
    for file in sorted(_clusters().glob("*/cluster.json")):
        name = file.parent.name
        record = read_json(file)
        result[name] = plan.cluster(name, int(record["number"]), file.parent, int(record.get("nodes", 1)))
    return result


def recorded(name: str, nodes: int | None) -> ClusterPlan:
    """The plan of the cluster; written down before anything of it exists, so that ``down`` finds it."""
    known = _plans()
    if name in known:
        return _grown(known[name], nodes)
    if (plan.NETNS / name).exists():
        raise TestbedError(
            f"the network namespace {name} exists and belongs to no cluster in {state_dir()}: choose another --prefix, "
            f"or end its processes (ip netns pids {name}) and remove it (ip netns delete {name})"
        )
    wish = int(name[len(name.rstrip("0123456789")) :])
    taken = {cluster.number for cluster in known.values()} | plan.numbers(network.addresses_on_bridge())
    return _written(name, plan.free_number(wish, taken), nodes or 1)


def _grown(cluster: ClusterPlan, nodes: int | None) -> ClusterPlan:
    """A cluster that is there with further nodes."""
    if nodes is None or nodes == len(cluster.nodes):
        return cluster
    if nodes < len(cluster.nodes):
        there = f"{cluster.name} has {len(cluster.nodes)} nodes"
        raise TestbedError(f"{there}, and none can be taken away: 'down {cluster.name}' first, or leave --nodes out")
    return _written(cluster.name, cluster.number, nodes)


def _written(name: str, number: int, nodes: int) -> ClusterPlan:
    write_json(_clusters() / name / "cluster.json", {"number": number, "nodes": nodes})
    return plan.cluster(name, number, _clusters() / name, nodes)
