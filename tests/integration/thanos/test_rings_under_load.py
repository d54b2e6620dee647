# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ring of the real Thanos under load grows, is rolled and shrinks by our gates, and every sample is read back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import HTTP
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.drain_guard import Drain, Leaver
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import hashes_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.ring_gates import HASH, loaded_gate
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.roll_gate import Roll
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.workloads import Workload
from tests.support.receivers import ROUTER, ROUTERS, SET, TENANTS, Receivers, settled
from tests.support.waiting import until

pytestmark = pytest.mark.slow
FILE = "thanos-receive-hashrings"


def workloads(replicas: int) -> dict[str, Workload]:
    stack = parse({"cluster": "eu", "instances": {"receive": {"replicas": replicas}}})
    return {workload.name: workload for workload in stack.workloads(stack.instances[0])}


THREE, FOUR = workloads(3), workloads(4)
ROUTING = {ROUTER: THREE[ROUTER]}


@pytest.fixture(scope="module")
def receivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receivers]:
    """Two routers in front of a ring of three, with a replication factor of three, to which a Prometheus writes."""
    running = Receivers(tmp_path_factory.mktemp("receivers"))
    try:
        running.write(3)
        for name in (*(f"{SET}-{i}" for i in range(3)), *ROUTERS, "thanos-store-0", "query"):
            running.start(name)
        running.start_prometheus()
        running.processes.wait_ready("prometheus", lambda: len(running.samples(TENANTS[0], time.time())[0]) > 10, 60)
        yield running
    finally:
        running.stop_all()


def passed(step: Callable[[], Verdict], seconds: float) -> list[str]:
    """Pass a gate by its rounds; what it waited for, each told once."""
    told: list[str] = []

    def is_done() -> bool:
        verdict = step()
        assert verdict.state in ("waiting", "done"), verdict.reason
        if verdict.state == "waiting" and verdict.reason not in told:
            told.append(verdict.reason)
        return verdict.state == "done"

    until(is_done, seconds, every=1, missing=lambda: told[-1])
    return told


def load(receivers: Receivers) -> Verdict:
    """One round of the gate that waits for routers to load the file."""
    gate = loaded_gate("monitoring", FILE, ROUTING)
    seen = receivers.snapshot(3)
    assert gate.action
    return gate.check(replace(seen, answer=gate.action(cast(Client, receivers), seen)))


def refused(receivers: Receivers) -> float:
    """How many writes the routers answered with an error so far."""
    pages = [receivers.metrics(router).by("http_requests_total", "code") for router in ROUTERS]
    return sum(count for page in pages for code, count in page.items() if code.startswith("5"))


def read_back(receivers: Receivers) -> None:
    """Every sample that Prometheus has is read back, for each tenant."""
    moment = settled(8)
    for tenant in TENANTS:
        own, found = receivers.samples(tenant, moment)
        assert own
        missing = sorted(own - found)
        assert missing == [], (tenant, len(own), len(found), missing[:5])


def test_routers_show_the_hash_of_the_file(receivers: Receivers) -> None:
    passed(lambda: load(receivers), 30)
    assert {int(receivers.metrics(router).total(HASH)) for router in ROUTERS} <= hashes_of(receivers.text)


def test_ring_grows_under_load(receivers: Receivers) -> None:
    receivers.start(f"{SET}-3")
    receivers.write(4)
    passed(lambda: load(receivers), 30)
    read_back(receivers)


def test_ingestors_are_replaced_under_load_and_no_write_is_refused(receivers: Receivers) -> None:
    before = refused(receivers)
    receivers.revision = "2"
    members = receivers.ring(4).members
    addresses = {f"{SET}-{i}": member.address for i, member in enumerate(members)}
    roll = Roll("monitoring", {SET: FOUR[SET]}, ROUTING, addresses)
    told = passed(lambda: roll.step(cast(Client, receivers), receivers.snapshot(4)), 400)
    assert [text.split(";")[0] for text in told if text.startswith("replaces")] == [
        f"replaces {SET}-{i}" for i in reversed(range(4))
    ]
    assert refused(receivers) == before
    read_back(receivers)


def test_ring_shrinks_under_load_and_the_bucket_has_what_left(receivers: Receivers) -> None:
    receivers.write(3)
    drain = Drain("monitoring", FILE, ROUTING, [Leaver(f"{SET}-3", HTTP)])
    told = passed(lambda: drain.step(cast(Client, receivers), receivers.snapshot(4)), 200)
    assert sum(f"{SET}-3 is stopped" in text for text in told) == 1
    receivers.stop(f"{SET}-3")
    assert refused(receivers) == 0
    read_back(receivers)
