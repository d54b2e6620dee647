# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a router forwards to an ingestor again: tables of what its counters did."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.forwarding import RouterReading, forwards
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics

HERE, OTHER = "hot-1.hot:10901", "hot-0.hot:10901"
READY = 20.0
# Each look: seconds, requests that it began to send here and to another, failed ones. The first is before the outage.
Look = tuple[float, float, float, float]


def readings(*looks: Look) -> list[RouterReading]:
    return [RouterReading(at, {HERE: here, OTHER: other}, here + other, failed) for at, here, other, failed in looks]


CASES: dict[str, tuple[list[RouterReading], bool]] = {
    "not looked at since it is ready": (readings((0, 5, 5, 0), (18, 6, 9, 1)), False),
    "not sent to yet": (readings((0, 5, 5, 0), (20, 6, 10, 1), (30, 6, 20, 1)), False),
    "sent to a moment ago, which may still fail": (
        readings((0, 5, 5, 0), (20, 6, 10, 1), (24, 7, 12, 1), (26, 9, 14, 1)),
        False,
    ),
    "sent to, and nothing failed since": (
        readings((0, 5, 5, 0), (20, 6, 10, 1), (24, 7, 12, 1), (31, 9, 14, 1)),
        True,
    ),
    "sent to, and it failed": (readings((0, 5, 5, 0), (20, 6, 10, 1), (24, 7, 12, 2), (31, 7, 14, 2)), False),
    "it failed, and then it was well": (
        readings((0, 5, 5, 0), (20, 6, 10, 1), (24, 7, 12, 2), (31, 8, 14, 2), (38, 9, 16, 2)),
        True,
    ),
    "it goes on failing": (
        readings((0, 5, 5, 0), (20, 6, 10, 1), (25, 7, 12, 2), (30, 8, 14, 3), (35, 9, 16, 4), (40, 10, 18, 5)),
        False,
    ),
    "nothing to forward, neither then nor now": (readings((0, 5, 5, 0), (20, 5, 5, 0), (50, 5, 5, 0)), True),
    "nothing to forward for a moment": (readings((0, 5, 5, 0), (20, 5, 5, 0), (40, 5, 5, 0)), False),
    "nothing to forward since it failed": (readings((0, 5, 5, 0), (10, 6, 6, 1), (20, 6, 6, 1), (60, 6, 6, 1)), False),
    "nothing to forward for longer than gRPC waits": (
        readings((0, 5, 5, 0), (10, 6, 6, 1), (20, 6, 6, 1), (171, 6, 6, 1)),
        True,
    ),
    "a router that was started anew": (
        readings((0, 500, 500, 7), (20, 1, 1, 0), (24, 3, 3, 0), (31, 5, 5, 0)),
        True,
    ),
}


@pytest.mark.parametrize(("looks", "expected"), CASES.values(), ids=CASES)
def test_router_forwards(looks: list[RouterReading], expected: bool) -> None:
    assert forwards(looks, HERE, READY) is expected


def unnamed(*looks: tuple[float, float, float]) -> list[RouterReading]:
    return [RouterReading(at, {"": sent}, sent, failed) for at, sent, failed in looks]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        (unnamed((0, 5, 0), (20, 9, 2), (30, 20, 2)), False),
        (unnamed((0, 5, 0), (20, 9, 2), (36, 20, 2)), True),
        (unnamed((0, 5, 0), (20, 9, 2), (30, 20, 3), (36, 25, 3)), False),
    ],
    ids=["not long enough", "nothing failed for long enough", "something failed meanwhile"],
)
def test_router_that_does_not_say_to_whom_it_sends(looks: list[RouterReading], expected: bool) -> None:
    assert forwards(looks, HERE, READY) is expected


def test_a_page_of_metrics_is_read() -> None:
    page = Metrics(
        f'thanos_receive_forward_delay_seconds_count{{worker="{HERE}"}} 7\n'
        'thanos_receive_forward_requests_total{result="success"} 6\n'
        'thanos_receive_forward_requests_total{result="error"} 1\n'
    )
    assert RouterReading.of(3.0, page) == RouterReading(3.0, {HERE: 7.0}, 7.0, 1.0)
