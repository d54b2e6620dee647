# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender of remote writes that goes on all the time, repeats what was not taken, and knows what was."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException

from tests.support.remote_write import encoded, send

SERIES = 20
PAUSE = 0.5
# Seconds to wait for an answer. Prometheus waits for 30; a test has less patience.
_PATIENCE = 8
# What a sender of Prometheus repeats; another answer would have the samples dropped.
_REPEATED = (429, *range(500, 600))

# Metric, tenant → by the label ``n`` of a series, the times of its samples in milliseconds since 1970.
Read = Callable[[str, str], Mapping[str, set[int]]]


class SteadySender:
    """Writes a sample of each of its series for each tenant, every moment, to its addresses in turn.

    ``refused`` counts answers that said no, and those that did not come, by what was said; ``wrong`` are the statuses
    after which Prometheus would have dropped the samples.
    """

    def __init__(self, addresses: Sequence[str], tenants: Sequence[str], metric: str = "steady") -> None:
        self.tenants, self.metric = tuple(tenants), metric
        self.taken: dict[str, set[int]] = {tenant: set() for tenant in tenants}
        self.refused: Counter[str] = Counter()
        self.wrong: list[int] = []
        self._addresses = itertools.cycle(addresses)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write no more."""
        self._end.set()
        self._thread.join()

    def missing(self, read: Read) -> dict[str, list[int]]:
        """The times of samples that were taken and are not read back, by tenant and series; empty where all are.

        :param read: The samples of a metric and a tenant, by the label ``n`` of the series.
        """
        found: dict[str, list[int]] = {}
        for tenant in self.tenants:
            taken = set(self.taken[tenant])
            there = read(self.metric, tenant)
            assert taken
            for name in map(str, range(SERIES)):
                lost = sorted(taken - there.get(name, set()))
                if lost:
                    found[f"{tenant}/{name}"] = lost
        return found

    def _work(self) -> None:
        while not self._end.wait(PAUSE):
            now = int(time.time() * 1000)
            series = [({"__name__": self.metric, "n": str(n)}, [(now, float(n))]) for n in range(SERIES)]
            body = encoded(series)
            for tenant in self.tenants:
                self._deliver(body, tenant, now)

    def _deliver(self, body: bytes, tenant: str, now: int) -> None:
        """Repeat a request until it is taken, or none is to be sent any more."""
        while True:
            try:
                status = send(next(self._addresses), body, tenant, _PATIENCE)
            except (OSError, HTTPException) as error:
                status = 0
                self.refused[type(error).__name__] += 1
            if status == 200:
                self.taken[tenant].add(now)
                return
            if status:
                self.refused[str(status)] += 1
            if status and status not in _REPEATED:
                self.wrong.append(status)
                return
            if self._end.wait(PAUSE):
                return


@contextmanager
def steady_sender(addresses: Sequence[str], *tenants: str) -> Iterator[SteadySender]:
    """A sender that writes until the block ends."""
    sender = SteadySender(addresses, tenants)
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()
