# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the topology of a large inventory and its refusals cost, when all is well and when everything is wrong."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import topology
from tests.benchmarks.table import Table, Target

# Of CPU, which is the time that it takes: it waits for nothing.
SECONDS = 1.0
S3 = {"type": "S3", "endpoint": "s3.example.org", "access_key": "a", "secret_key": "b"}
Hosts = dict[str, dict[str, Any]]


def hub_and_edges(number: int) -> Hosts:
    """One hub that reads all others."""
    return {
        name: {
            "inventory_hostname": name,
            "group_names": ["thanos_hub" if name == "hub" else "thanos_edge"],
            "thanos_context": name,
            "thanos_objstore": {**S3, "bucket": f"thanos-{name}"},
        }
        for name in ["hub", *(f"edge-{edge}" for edge in range(number - 1))]
    }


def all_read_all(number: int) -> Hosts:
    """Every host reads every other one, so that any two are a circle."""
    found = hub_and_edges(number)
    return {name: {**own, "group_names": ["thanos_hub", "thanos_edge"]} for name, own in found.items()}


def all_alike(number: int) -> Hosts:
    """Every edge writes the same labels into the same bucket, and compacts it."""
    shared = {"thanos_cluster": "x", "thanos_objstore": {**S3, "bucket": "shared"}}
    return {name: {**own, **shared} for name, own in hub_and_edges(number).items()}


FLEETS: dict[str, Callable[[int], Hosts]] = {
    "a hub and its edges": hub_and_edges,
    "all alike in one bucket": all_alike,
    "each reads all others": all_read_all,
}


def test_large_inventory() -> None:
    table = Table(
        "topology", "Topology and its refusals, seconds of CPU", ("fleet", "hosts", "links", "refusals", "seconds")
    )
    for name, fleet in FLEETS.items():
        # Where each reads all others, 500 would be a quarter of a million links.
        for number in (100, 200 if fleet is all_read_all else 500):
            hosts, took = fleet(number), []
            for _round in range(3):
                began = time.process_time()
                found = topology(hosts)
                took.append(time.process_time() - began)
            table.add(name, number, len(found["links"]), len(found["refusals"]), statistics.median(took))
            assert bool(found["refusals"]) is (fleet is not hub_and_edges)
            if number == 500:
                table.targets.append(Target(f"{name}, 500 hosts", statistics.median(took), at_most=SECONDS))
    table.publish()
