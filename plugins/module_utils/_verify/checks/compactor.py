# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly one compactor per instance, which has finished an iteration and has not halted."""

from __future__ import annotations

from datetime import datetime

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod, Question, metrics_of, to_pod
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import silent, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Compactors, Expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, PENDING, Line, duration, plural


def _loaded(pod: Pod) -> Question:
    return to_pod(pod, "/api/v1/blocks", view="loaded")


def questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Each compactor's metrics, and when it last looked at the bucket."""
    pods = [pod for compactor in expected.compactors for pod in answers.ready(compactor.workload)]
    return [question for pod in pods for question in (metrics_of(pod), _loaded(pod))]


def judge(expected: Expectations, answers: Answers) -> list[Line]:
    """A line for each compactor."""
    return [line for compactor in expected.compactors for line in _judge(compactor, answers)]


def _judge(compactor: Compactors, answers: Answers) -> list[Line]:
    instance = compactor.workload.instance
    pods = answers.of(compactor.workload)
    if len(pods) > compactor.workload.replicas:
        names = ", ".join(pod.name for pod in pods)
        wanted = f"{plural(compactor.workload.replicas, 'compactor')}"
        next_step = f"kubectl -n {pods[0].namespace} delete pod, all but one, after reading their logs"
        return [Line(FAIL, "compactor", f"{len(pods)} compactors run on one bucket", instance, wanted, names, next_step)]
    if compactor.paused:
        return [Line(PENDING, "compactor", f"paused: {compactor.paused}", instance, option=f"instances.{instance}.paused")]
    lines = waiting("compactor", [compactor.workload], answers)
    for pod in answers.ready(compactor.workload):
        reply = answers.reply(metrics_of(pod))
        if reply.error:
            lines.append(silent("compactor", pod, reply.error))
        else:
            lines.append(_iterations(pod, reply.body, reply.now, answers))
    return lines


def _iterations(pod: Pod, metrics: Metrics, now: float, answers: Answers) -> Line:
    logs = f"kubectl -n {pod.namespace} logs {pod.name}"
    bucket = metrics.label("thanos_objstore_bucket_operations_total", "bucket") or "its bucket"
    if metrics.total("thanos_compact_halted"):
        next_step = f"{logs}; see thanos tools bucket verify, then restart it"
        return Line(FAIL, "compactor", "has halted", pod.name, "thanos_compact_halted 0", "1", next_step)
    finished = int(metrics.total("thanos_compact_iterations_total"))
    retries = int(metrics.total("thanos_compact_retries_total"))
    running = duration(now - metrics.total("process_start_time_seconds"))
    if not finished and retries:
        message = f"has not finished an iteration in {running} and started over {retries} times"
        return Line(FAIL, "compactor", message, pod.name, "a finished iteration", f"{retries} retries", logs)
    if not finished:
        message = f"started {running} ago and is in its first iteration on {bucket}"
        return Line(PENDING, "compactor", message, pod.name, soon=True)
    reply = answers.reply(_loaded(pod))
    if reply.error:
        return silent("compactor", pod, reply.error)
    age = duration(reply.now - _seconds(reply.body["refreshedAt"]))
    runs = plural(finished, "iteration")
    return Line(PASS, "compactor", f"last run {age} ago, {runs}, 0 halts, 1 compactor on {bucket}", pod.name)


def _seconds(timestamp: str) -> float:
    """Seconds since 1970 of Thanos' ``2026-11-21T10:00:49.206525831Z``; Python 3.10 reads no nanoseconds."""
    return datetime.fromisoformat(timestamp[:19] + "+00:00").timestamp()
