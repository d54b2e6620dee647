# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ring that tells zones apart, through the real Thanos: a zone has one copy of each series, and can be lost."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.support.receiving import Receiving, receiving_stack
from tests.support.remote_write import write
from tests.support.waiting import until

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


def test_node_without_a_zone_leaves_the_ring_as_it_is(receiving: Receiving) -> None:
    before = receiving.ring_file()
    known = {name: zone for name, zone in ZONES.items() if zone != "a"}
    (why,) = receiving.change_rings(known, hashrings=[{"name": "other", "zones": True, "replicas": SIZE}]).held
    assert "other" in why
    assert receiving.ring_file() == before
