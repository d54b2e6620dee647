# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Prometheus and each ruler puts its blocks into the bucket.

A block of two hours is cut when the head spans three: the first thing to upload exists only then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import WEB, Answers, Pod, Question, metrics_of
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import silent, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, Workload
from ansible_collections.o11y.thanos.plugins.module_utils._verify.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, PENDING, Line, duration

HOUR = 3600.0
_SLACK = 900.0
_NAMES = {"sidecar": "Prometheus", "ruler": "ruler"}


@dataclass(frozen=True)
class Shipping:
    """What one writer tells, times in seconds since 1970: ``head`` is the oldest sample that is in no block yet."""

    pod: Pod
    now: float
    uploads: int
    failures: int
    last: float
    started: float
    head: float
    newest: float
    blocks: int

    @property
    def due(self) -> float:
        """When the next block is cut."""
        return self.head + 3 * HOUR

    @property
    def cut(self) -> float:
        """When the last block was cut."""
        return self.head + HOUR


def _writers(expected: Expectations) -> list[Workload]:
    return [workload for workload in expected.workloads if workload.tier in _NAMES]


def _pages(workload: Workload, pod: Pod) -> tuple[Question, Question]:
    """The pages with the shipper's metrics and with those of the time series database."""
    return metrics_of(pod), metrics_of(pod, WEB) if workload.tier == "sidecar" else metrics_of(pod)


def questions(expected: Expectations, answers: Answers) -> list[Question]:
    """The metrics of each sidecar, its Prometheus and each ruler."""
    return [q for workload in _writers(expected) for pod in answers.ready(workload) for q in _pages(workload, pod)]


def judge(expected: Expectations, answers: Answers) -> list[Line]:
    """One line per instance, and one for each writer in trouble."""
    return [line for workload in _writers(expected) for line in _judge(workload, answers)]


def _judge(workload: Workload, answers: Answers) -> list[Line]:
    lines, shippings = waiting("upload", [workload], answers), []
    for pod in answers.ready(workload):
        shipper, database = (answers.reply(page) for page in _pages(workload, pod))
        error = shipper.error or database.error
        if error:
            lines.append(silent("upload", pod, error))
        else:
            shippings.append(_shipping(pod, shipper.body, database.body, shipper.now))
    lines += [line for shipping in shippings for line in _trouble(shipping)]
    return lines or _summary(workload, shippings)


def _shipping(pod: Pod, shipper: Metrics, database: Metrics, now: float) -> Shipping:
    return Shipping(
        pod=pod,
        now=now,
        uploads=int(shipper.total("thanos_shipper_uploads_total")),
        failures=int(shipper.total("thanos_shipper_upload_failures_total")),
        last=shipper.total("thanos_objstore_bucket_last_successful_upload_time"),
        started=shipper.total("process_start_time_seconds"),
        head=database.total("prometheus_tsdb_head_min_time") / 1000,
        newest=database.total("prometheus_tsdb_head_max_time") / 1000,
        blocks=int(database.total("prometheus_tsdb_blocks_loaded")),
    )


def _trouble(shipping: Shipping) -> list[Line]:
    found = wanted = ""
    if shipping.failures and not shipping.last:
        found, wanted = f"{shipping.failures} failed uploads, none succeeded", "blocks in the bucket"
    elif shipping.blocks and shipping.started < shipping.cut < shipping.now - _SLACK and shipping.last < shipping.cut:
        found = f"the block cut at {_clock(shipping.cut)} is not uploaded ({shipping.failures} failures)"
        wanted = f"an upload after {_clock(shipping.cut)}"
    elif shipping.newest > shipping.due + _SLACK:
        found, wanted = f"a block is overdue since {_clock(shipping.due)}", "a block every two hours"
    if not found:
        return []
    next_step = f"kubectl -n {shipping.pod.namespace} logs {shipping.pod.name} --all-containers"
    return [Line(FAIL, "upload", found, shipping.pod.name, wanted, found, next_step, "objstore")]


def _summary(workload: Workload, shippings: Sequence[Shipping]) -> list[Line]:
    if not shippings:
        return []
    name, instance = _NAMES[workload.tier], workload.instance
    if all(shipping.last for shipping in shippings):
        blocks = sum(shipping.uploads for shipping in shippings)
        age = duration(max(s.now - s.last for s in shippings))
        return [Line(PASS, "upload", f"each {name} uploads, {blocks} blocks since their start, last {age} ago", instance)]
    if any(shipping.head > shipping.now for shipping in shippings):
        return [Line(PENDING, "upload", f"a {name} has no samples yet", instance)]
    due = _clock(max(shipping.due for shipping in shippings))
    first = "next" if any(shipping.blocks for shipping in shippings) else "first"
    return [Line(PENDING, "upload", f"{first} block of each {name} is due at {due} (two-hour blocks)", instance)]


def _clock(timestamp: float) -> str:
    """``11:00 UTC``."""
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%H:%M UTC")
