# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many samples a router and three ingestors take with what is rendered, beside the flags of Thanos' own page."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.workloads import Workload
from tests.support.receiving import PROGRAMS, Receiving
from tests.support.remote_write import encoded, send
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .test_flow import milliseconds

SHARE, RUNS, REQUESTS, SERIES, SAMPLES = 0.9, 7, 20, 500, 4
RENDER_MS = 25.0


class ByHand(Receiving):
    """The same processes with the flags of https://thanos.io/tip/components/receive.md."""

    def _here(self, argument: str, name: str) -> str:
        flag = argument.partition("=")[0]
        return super()._here(argument, name) if flag in _BY_HAND else ""

    def start_workload(self, workload: Workload, name: str) -> None:
        """Without what the page does not name."""
        arguments = [self._here(argument, name) for argument in workload.args]
        self.arguments[name] = [argument for argument in arguments if argument]
        self._start(f"{name}.thanos", "thanos", *self.arguments[name])


_BY_HAND = {
    "receive",
    "query",
    "--http-address",
    "--grpc-address",
    "--remote-write.address",
    "--receive.capnproto-address",
    "--tsdb.path",
    "--label",
    "--objstore.config-file",
    "--receive.hashrings-file",
    "--receive.hashrings-algorithm",
    "--receive.replication-factor",
    "--endpoint.sd-config-file",
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Receiving, Receiving]]:
    """What is rendered, and what is started by hand."""
    programs = build(PROGRAMS, Progress(quiet=True))
    both = [kind(tmp_path_factory.mktemp(kind.__name__), programs) for kind in (Receiving, ByHand)]
    try:
        for stack in both:
            stack.start_bucket()
            stack.start_receive({"router": {"replicas": 1}})
            stack.wait_ready()
        yield both[0], both[1]
    finally:
        for stack in both:
            stack.stop()


def rate(stack: Receiving, run: int) -> float:
    """Samples a second."""
    address = stack.address("thanos-receive-router-0", 19291)
    began = int(time.time() * 1000) - (RUNS - run) * 100_000
    bodies = [
        encoded(
            (
                {"__name__": "bench", "n": str(i)},
                [(began + (request * SAMPLES + k) * 1000, 1.0) for k in range(SAMPLES)],
            )
            for i in range(SERIES)
        )
        for request in range(REQUESTS)
    ]
    started = time.perf_counter()
    assert {send(address, body, "bench") for body in bodies} == {200}
    return REQUESTS * SERIES * SAMPLES / (time.perf_counter() - started)


def test_what_is_rendered_takes_as_many_samples_as_what_is_started_by_hand(pair: tuple[Receiving, Receiving]) -> None:
    rates = [[rate(stack, run) for stack in pair] for run in range(RUNS)]
    ours, theirs = (statistics.median(each) for each in zip(*rates, strict=True))
    print(f"\n{ours:.0f} samples/s as rendered, {theirs:.0f} by hand: {ours / theirs:.2f} (at least {SHARE})")
    assert ours >= SHARE * theirs


def test_large_rings_are_rendered_in_milliseconds() -> None:
    tenants = [f"tenant-{i}" for i in range(1000)]
    named = [{"name": "a", "tenants": tenants[:500]}, {"name": "b", "tenants": tenants[500:]}]
    options = {"replicas": 30, "hashrings": [*named, {"name": "default"}]}

    parsed = parse({"cluster": "eu", "instances": {"receive": options}})

    def render() -> int:
        stack = replace(parsed)  # without the workloads that the former one has made
        (instance,) = stack.instances
        return len(instance.tier.render(instance, Context(stack, Facts())))

    took = milliseconds(render)
    print(f"\n3 rings of 30 ingestors for 1,000 tenants: {took:.1f} ms (at most {RENDER_MS:.0f})")
    assert took <= RENDER_MS
