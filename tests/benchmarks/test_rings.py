# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many ingestors and tenants cost a run: the live ring file read, merged with what is wanted, and written."""

from __future__ import annotations

import statistics
import time

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.merge import merge, planned
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import (
    hashes_of,
    read_rings,
    ring_text,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import (
    Hashring,
    Ingestor,
    IngestorState,
    RingFacts,
    RingPolicy,
)
from tests.benchmarks.table import Table, Target

INGESTORS, TENANTS = 30, 1000
MILLISECONDS = 25
POLICY = RingPolicy(replication_factor=3)


def rings(moved: int, members: int) -> tuple[Hashring, ...]:
    """An exact ring, one of globs, and the default one; ``moved`` tenants of the first are in the second."""
    tenants = [f"tenant-{number:04}" for number in range(TENANTS)]
    parts = {"hot": tuple(tenants[moved:]), "cold": (*tenants[:moved], "team-*"), "rest": ()}
    return tuple(
        Hashring(name, _members(name, members), those, "glob" if name == "cold" else "exact", zones=True)
        for name, those in parts.items()
    )


def _members(ring: str, count: int) -> tuple[Ingestor, ...]:
    service = f"thanos-receive-{ring}"
    return tuple(Ingestor(f"{service}-{n}.{service}-headless.monitoring.svc:10901") for n in range(count))


def test_many_ingestors_and_tenants() -> None:
    table = Table("rings", "Ring file, milliseconds of CPU", ("change", "ingestors", "tenants", "ms"))
    zones = {m.address: IngestorState(True, f"zone-{m.ordinal % 3}") for r in rings(0, INGESTORS) for m in r.members}
    live = ring_text(planned(rings(0, INGESTORS - 1), RingFacts(None, zones), POLICY).rings)
    same = ring_text(planned(rings(0, INGESTORS), RingFacts(None, zones), POLICY).rings)
    for name, moved, before in (("none", 0, same), ("all rings grow", 0, live), ("half the tenants move", 500, same)):
        took = []
        for _round in range(5):
            began = time.process_time()
            facts = RingFacts(read_rings(before), zones, {})
            plan = planned(rings(moved, INGESTORS), facts, POLICY)
            text = ring_text(plan.rings)
            merged = merge(plan.rings, zones, facts.current, POLICY)
            hashes_of(text)
            took.append(time.process_time() - began)
        cost = statistics.median(took) * 1000
        assert (text == before) is (name == "none")
        assert not merged.held
        table.add(name, 3 * INGESTORS, TENANTS, cost)
        table.targets.append(Target(f"{name}, {3 * INGESTORS} ingestors", cost, at_most=MILLISECONDS))
    table.publish()
