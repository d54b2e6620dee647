# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Prometheus and each ruler puts its blocks into the bucket.

A block of two hours is cut when the head spans three: the first thing to upload exists only then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timezone

from ..._findings import Finding
from ..._thanos.metrics import Metrics
from ..._thanos.receive_rings import idle_rings
from ..._thanos.tier import Duty
from ..answers import Answers, Pod, metrics_of, silent
from ..expect import Expectations, Promise
from ..report import (
    duration,
    failed,
    passed,
    pending,
    plural,
)

HOUR = 3600.0
_SLACK = 900.0
_FIRST = 4.25 * HOUR


@dataclass(frozen=True)
class Writer:
    """What one writer tells: ``shipper`` is its page of metrics, ``database`` that of its time series databases.

    ``ticks``: blocks are cut by the clock.
    """

    pod: Pod
    now: float
    shipper: Metrics
    database: Metrics
    ticks: bool = False

    @property
    def last(self) -> float:
        """When the last upload succeeded, in seconds since 1970; 0 for never since the start."""
        return self.shipper.total("thanos_objstore_bucket_last_successful_upload_time")

    @property
    def heads(self) -> list[tuple[float, float]]:
        """The oldest and the newest sample that are in no block yet, of each of the writer's databases with series.

        The last block was cut an hour after the oldest one, the next is three later. An ingestor has a database for
        each tenant.
        """
        newest = self.database.by("prometheus_tsdb_head_max_time", "tenant")
        series = self.database.by("prometheus_tsdb_head_series", "tenant")
        oldest = self.database.by("prometheus_tsdb_head_min_time", "tenant")
        return [(oldest[tenant] / 1000, newest[tenant] / 1000) for tenant in oldest if series.get(tenant, 1)]

    @property
    def head(self) -> float:
        """The youngest of the heads' beginnings; that of an empty database is the end of time."""
        return max((oldest for oldest, _newest in self.heads), default=math.inf)

    def due(self, oldest: float) -> float:
        """When the block of a head is due."""
        # An ingestor cuts at every second full hour since its start, and uploads only what it cut the time before.
        started = self.shipper.total("process_start_time_seconds") + _FIRST if self.ticks else 0.0
        return max(oldest + 3 * HOUR, started)

    def blocks(self) -> int:
        """Blocks on the writer's own disk."""
        return int(self.database.total("prometheus_tsdb_blocks_loaded"))

    def trouble(self) -> tuple[str, str]:
        """What is expected and what is found, both empty when all is well."""
        failures = int(self.shipper.total("thanos_shipper_upload_failures_total"))
        cut = self.head + HOUR
        started = self.shipper.total("process_start_time_seconds")
        if failures and not self.last:
            return "blocks in the bucket", f"{failures} failed uploads, none succeeded"
        if self.blocks() and started < cut < self.now - _SLACK and self.last < cut:
            return f"an upload after {_clock(cut)}", f"the last block is not uploaded ({failures} failures)"
        late = [self.due(oldest) for oldest, newest in self.heads if newest > self.due(oldest) + _SLACK]
        if late:
            return "a block every two hours", f"a block is overdue since {_clock(min(late))}"
        return "", ""


def upload(expected: Expectations, answers: Answers) -> list[Finding]:
    """One line per instance when all is well or too early, else one for each writer in trouble."""
    lines = []
    for promise in expected.doing(Duty.UPLOAD):
        wrong, writers = answers.waiting([promise]), []
        ticks = Duty.INGEST in promise.workload.duties
        for pod in answers.ready(promise):
            shipper = answers.reply(metrics_of(pod))
            database = answers.reply(metrics_of(pod, promise.tier.questions.database))
            if shipper.error or database.error:
                wrong.append(silent(pod, shipper, database))
                continue
            writers.append(Writer(pod, shipper.now, shipper.body, database.body, ticks))
            wanted, found = writers[-1].trouble()
            wrong += [failed(found, pod.name, wanted, found)] if found else []
        idle = ticks and promise.workload.role in idle_rings(promise.instance)
        # Those that stand by have nothing until they take over.
        told = [] if idle and all(math.isinf(writer.head) for writer in writers) else writers
        lines += wrong or ([_summary(promise, writers)] if told else [])
    return lines


def _summary(promise: Promise, writers: list[Writer]) -> Finding:
    name = promise.tier.questions.writer
    if all(writer.last for writer in writers):
        count = plural(int(sum(writer.shipper.total("thanos_shipper_uploads_total") for writer in writers)), "block")
        age = duration(max(writer.now - writer.last for writer in writers))
        return passed(f"each {name} uploads: {count} since it started, the last {age} ago", promise.name)
    # The head of an empty database begins at the end of time.
    if any(writer.head > writer.now for writer in writers):
        scrapes = Duty.SCRAPE not in promise.workload.duties or promise.interval is not None
        # Nobody knows when the first sender comes.
        soon = scrapes and Duty.INGEST not in promise.workload.duties
        return pending(f"{_one(name)} has no samples yet", promise.name, soon=soon)
    due = _clock(max(writer.due(writer.head) for writer in writers))
    which = "next" if any(writer.blocks() for writer in writers) else "first"
    return pending(f"{which} block of each {name} is due at {due} (two-hour blocks)", promise.name)


def _one(name: str) -> str:
    return f"an {name}" if name.startswith(("i", "o")) else f"a {name}"


def _clock(timestamp: float) -> str:
    """``11:00 UTC``."""
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%H:%M UTC")
