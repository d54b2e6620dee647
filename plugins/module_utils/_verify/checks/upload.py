# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Prometheus and each ruler puts its blocks into the bucket.

A block of two hours is cut when the head spans three: the first thing to upload exists only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from ..._findings import Finding
from ..._thanos.tier import Duty
from ..answers import Answers, Pod, metrics_of, silent
from ..expect import Expectations, Promise, scrape_interval
from ..metrics import Metrics
from ..report import (
    duration,
    failed,
    passed,
    pending,
    plural,
)

HOUR = 3600.0
_SLACK = 900.0


@dataclass(frozen=True)
class Writer:
    """What one writer tells: ``shipper`` is its page of metrics, ``database`` that of its time series database."""

    pod: Pod
    now: float
    shipper: Metrics
    database: Metrics

    @property
    def last(self) -> float:
        """When the last upload succeeded, in seconds since 1970; 0 for never since the start."""
        return self.shipper.total("thanos_objstore_bucket_last_successful_upload_time")

    @property
    def head(self) -> float:
        """The oldest sample that is in no block yet: the last block was cut an hour later, the next is three later."""
        return self.database.total("prometheus_tsdb_head_min_time") / 1000

    def blocks(self) -> int:
        """Blocks on the writer's own disk."""
        return int(self.database.total("prometheus_tsdb_blocks_loaded"))

    def trouble(self) -> tuple[str, str]:
        """What is expected and what is found, both empty when all is well."""
        failures = int(self.shipper.total("thanos_shipper_upload_failures_total"))
        cut, due = self.head + HOUR, self.head + 3 * HOUR
        started = self.shipper.total("process_start_time_seconds")
        if failures and not self.last:
            return "blocks in the bucket", f"{failures} failed uploads, none succeeded"
        if self.blocks() and started < cut < self.now - _SLACK and self.last < cut:
            return f"an upload after {_clock(cut)}", f"the last block is not uploaded ({failures} failures)"
        if self.database.total("prometheus_tsdb_head_max_time") / 1000 > due + _SLACK:
            return "a block every two hours", f"a block is overdue since {_clock(due)}"
        return "", ""


def upload(expected: Expectations, answers: Answers) -> list[Finding]:
    """One line per instance when all is well or too early, else one for each writer in trouble."""
    lines = []
    for promise in expected.doing(Duty.UPLOAD):
        wrong, writers = answers.waiting([promise]), []
        for pod in answers.ready(promise):
            shipper = answers.reply(metrics_of(pod))
            database = answers.reply(metrics_of(pod, promise.tier.questions.database))
            if shipper.error or database.error:
                wrong.append(silent(pod, shipper, database))
                continue
            writers.append(Writer(pod, shipper.now, shipper.body, database.body))
            wanted, found = writers[-1].trouble()
            wrong += [failed(found, pod.name, wanted, found)] if found else []
        lines += wrong or ([_summary(promise, writers)] if writers else [])
    return lines


def _summary(promise: Promise, writers: list[Writer]) -> Finding:
    name = promise.tier.questions.writer
    if all(writer.last for writer in writers):
        count = plural(int(sum(writer.shipper.total("thanos_shipper_uploads_total") for writer in writers)), "block")
        age = duration(max(writer.now - writer.last for writer in writers))
        return passed(f"each {name} uploads: {count} since it started, the last {age} ago", promise.name)
    # The head of an empty database begins at the end of time.
    if any(writer.head > writer.now for writer in writers):
        scrapes = Duty.SCRAPE not in promise.workload.duties or scrape_interval(promise.instance) is not None
        return pending(f"a {name} has no samples yet", promise.name, soon=scrapes)
    due = _clock(max(writer.head for writer in writers) + 3 * HOUR)
    which = "next" if any(writer.blocks() for writer in writers) else "first"
    return pending(f"{which} block of each {name} is due at {due} (two-hour blocks)", promise.name)


def _clock(timestamp: float) -> str:
    """``11:00 UTC``."""
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%H:%M UTC")
