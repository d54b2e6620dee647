# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ring that tells zones apart, through the real Thanos: a zone has one copy of each series, and can be lost."""

from __future__ import annotations

import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import hashes_of, ring_text
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import Hashring, Ingestor
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.ring_gates import HASH
from tests.support.receiving import Receiving, receiving_stack
from tests.support.remote_write import write
from tests.support.waiting import answers, until
from tests.testbed import ports
from tests.testbed.build import build
from tests.testbed.process import WITH_PARENT, Command, ProcessGroup
from tests.testbed.progress import Progress

ROUTER, SET, SIZE, SERIES = "thanos-receive-router-0", "thanos-receive-default", 6, 60
ZONES = {f"{SET}-{i}": "abc"[i // 2] for i in range(SIZE)}


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    """One router before a ring of six in three zones."""
    options = {
        "router": {"replicas": 1},
        "hashrings": [{"name": "default", "zones": True, "replicas": SIZE}],
        "hashring_refresh_interval": "1s",
    }
    with receiving_stack(tmp_path_factory.mktemp("zones"), options) as stack:
        assert not stack.change_rings(ZONES).held
        yield stack


def written(receiving: Receiving, metric: str) -> int:
    now = int(time.time() * 1000)
    series = [({"__name__": metric, "n": str(n)}, [(now, float(n))]) for n in range(SERIES)]
    return write(receiving.address(ROUTER, 19291), series)


def zones_of_copies(receiving: Receiving, metric: str) -> dict[str, list[str]]:
    """Series → the zones of the ingestors that have it."""
    found = defaultdict(list)
    for series in receiving.query(metric, dedup="false"):
        found[series["metric"]["n"]].append(ZONES[series["metric"]["receive_replica"]])
    return {n: sorted(zones) for n, zones in found.items()}


def test_each_zone_has_one_copy_of_each_series(receiving: Receiving) -> None:
    assert written(receiving, "all") == 200
    wanted = {str(n): ["a", "b", "c"] for n in range(SERIES)}
    until(lambda: zones_of_copies(receiving, "all") == wanted, missing=lambda: zones_of_copies(receiving, "all"))


def test_zone_that_is_lost_costs_no_write_and_no_sample(receiving: Receiving) -> None:
    for name in (name for name, zone in ZONES.items() if zone == "b"):
        receiving.stop_pod(name)
    assert written(receiving, "without") == 200
    until(lambda: len(receiving.query("without")) == len(receiving.query("all")) == SERIES)
    assert set(map(tuple, zones_of_copies(receiving, "without").values())) == {("a", "c")}


def test_thanos_gets_ready_only_where_zones_are_even_enough_and_shows_the_hash_in_any_case(tmp_path: Path) -> None:
    """The reason for which rings like the second one are never written."""
    processes = ProcessGroup(tmp_path)
    even, uneven = (router(tmp_path, processes, zones) for zones in ("abcab", "abccc"))
    try:
        until(lambda: even.has_loaded() and uneven.has_loaded())
        until(lambda: answers(f"http://{even.address}/-/ready"))
        assert not answers(f"http://{uneven.address}/-/ready")
    finally:
        for name in processes.names():
            processes.stop(name, grace=0)


@dataclass(frozen=True)
class Router:
    """A router and the text of its ring file."""

    address: str
    text: str

    def has_loaded(self) -> bool:
        """Whether it shows the hash of its file."""
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=10) as reply:
            return int(Metrics(reply.read().decode()).total(HASH)) in hashes_of(self.text)


def router(folder: Path, processes: ProcessGroup, zones: str) -> Router:
    """A router whose ring has a member in each of these zones, and that keeps a copy on each."""
    members = tuple(Ingestor(f"127.0.0.1:{i}", zone=zone) for i, zone in enumerate(zones, 1))
    text = ring_text([Hashring("default", members)])
    (folder / f"{zones}.json").write_text(text)
    names = ("http-address", "grpc-address", "remote-write.address", "receive.capnproto-address")
    addresses = [f"127.0.0.1:{port}" for port in ports.ephemeral(len(names))]
    command = (
        str(build(("thanos",), Progress(quiet=True))["thanos"]),
        "receive",
        *(f"--{name}={address}" for name, address in zip(names, addresses, strict=True)),
        f"--tsdb.path={folder / zones}",
        f"--receive.hashrings-file={folder / zones}.json",
        "--receive.hashrings-algorithm=ketama",
        f"--receive.replication-factor={len(zones)}",
        '--label=receive_replica="router"',
    )
    processes.start(Command(zones, command, WITH_PARENT, {}))
    return Router(addresses[0], text)


def test_node_without_a_zone_leaves_the_ring_as_it_is(receiving: Receiving) -> None:
    before = receiving.ring_file()
    known = {name: zone for name, zone in ZONES.items() if zone != "a"}
    (why,) = receiving.change_rings(known, hashrings=[{"name": "other", "zones": True, "replicas": SIZE}]).held
    assert "other" in why
    assert receiving.ring_file() == before
