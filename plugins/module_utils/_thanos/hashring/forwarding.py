# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a router forwards to an ingestor again, told from what its counters did since.

An ingestor that was away and is ready again is refused by routers for another while: gRPC waits before it connects
anew, up to two minutes and the longer the ingestor was away, and no setting of Thanos changes that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..metrics import Metrics

# Seconds: after a request was sent, in which it may still fail (Thanos' own limit); for which nothing may have failed
# where a router does not say to whom it sends; after which a router that sends nothing is no longer waited for, with
# and without requests while the ingestor was away (gRPC's longest wait, and a margin).
_FAILS_WITHIN, _UNNAMED, _SILENT, _IDLE = 6, 15, 150, 30


@dataclass(frozen=True)
class RouterReading:
    """One look at a router, ``at`` in seconds: requests that it began to send by address, answered ones, failed ones.

    Since Thanos 0.42 the address is told; before, all are under an empty one.
    """

    at: float
    sent: Mapping[str, float]
    answered: float
    failures: float

    @classmethod
    def of(cls, at: float, page: Metrics) -> RouterReading:
        """What a router's page of metrics says."""
        results = page.by("thanos_receive_forward_requests_total", "result")
        sent = page.by("thanos_receive_forward_delay_seconds_count", "worker")
        return cls(at, sent, sum(results.values()), results.get("error", 0.0))


def forwards(readings: Sequence[RouterReading], address: str, since: float) -> bool:
    """Whether a router forwards to ``address``, by its readings in their order.

    :param readings: the first was taken before the ingestor ended.
    :param since: when the new ingestor was ready, in seconds of the same clock.
    """
    readings = _since_its_start(readings)
    after = [reading for reading in readings if reading.at >= since]
    if not after:
        return False
    last = after[-1]
    if _silent(readings, since):
        return True
    failed = [i for i in range(1, len(after)) if after[i].failures > after[i - 1].failures]
    clean = after[failed[-1] :] if failed else after
    if address not in last.sent and "" in last.sent:
        return last.at - clean[0].at >= _UNNAMED and last.answered > clean[0].answered
    first = clean[0].sent.get(address, 0.0)
    return any(r.sent.get(address, 0.0) > first and last.at - r.at >= _FAILS_WITHIN for r in clean)


def _since_its_start(readings: Sequence[RouterReading]) -> Sequence[RouterReading]:
    """The readings of the process that runs now: one that was started anew counts from zero."""
    starts = [i for i in range(1, len(readings)) if readings[i].answered < readings[i - 1].answered]
    return readings[starts[-1] :] if starts else readings


def _silent(readings: Sequence[RouterReading], since: float) -> bool:
    """Whether it has had nothing to forward for so long that it need not be waited for."""
    last = readings[-1]
    same = [reading for reading in readings if reading.answered == last.answered and reading.sent == last.sent]
    quiet_from = max(since, same[0].at)
    return last.at - quiet_from >= (_IDLE if same[0] is readings[0] else _SILENT)
