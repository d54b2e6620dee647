# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly one compactor per instance, which has finished an iteration and has not halted."""

from __future__ import annotations

from ..._findings import Finding
from ..._thanos.tier import Duty
from ..answers import (
    Answers,
    Pod,
    metrics_of,
    silent,
    to_pod,
)
from ..expect import Expectations
from ..looks import failed_to_look, looked_at
from ..report import (
    duration,
    failed,
    passed,
    pending,
    plural,
)


def compactor(expected: Expectations, answers: Answers) -> list[Finding]:
    """A line for each compactor."""
    lines = []
    for promise in expected.doing(Duty.COMPACT):
        found = answers.of(promise)
        if len(found) > promise.replicas:
            names = ", ".join(pod.name for pod in found)
            message = f"{plural(len(found), 'compactor')} instead of {promise.replicas}"
            lines.append(failed(message, promise.name, plural(promise.replicas, "pod"), names))
        elif promise.instance["paused"]:
            lines.append(pending(f"paused: {promise.instance['paused_reason']}", promise.name))
        else:
            lines += [*answers.waiting([promise]), *(_iterations(pod, answers) for pod in answers.ready(promise))]
    return lines


def _iterations(pod: Pod, answers: Answers) -> Finding:
    reply = answers.reply(metrics_of(pod))
    loaded = answers.reply(to_pod(pod, "/api/v1/blocks", {"view": "loaded"}))
    if reply.error or loaded.error:
        return silent(pod, reply, loaded)
    bucket = reply.body.label("thanos_objstore_bucket_operations_total", "bucket") or "its bucket"
    finished = int(reply.body.total("thanos_compact_iterations_total"))
    retries = int(reply.body.total("thanos_compact_retries_total"))
    running = duration(reply.now - reply.body.total("process_start_time_seconds"))
    problem = ""
    if reply.body.total("thanos_compact_halted"):
        problem = "has halted; its log says why, and thanos tools bucket verify what is wrong with the bucket"
    elif retries and not finished:
        problem = f"has not finished an iteration in {running} and started over {plural(retries, 'time')}"
    elif failed_to_look(loaded.body):
        problem = f"cannot read {bucket}; its log says why"
    if problem:
        failures = int(reply.body.total("thanos_objstore_bucket_operation_failures_total"))
        found = f"{finished} finished, {retries} retries, {plural(failures, 'failed operation')} on the bucket"
        return failed(problem, pod.name, "finished iterations, no halt", found)
    if not finished:
        return pending(f"started {running} ago and is in its first iteration on {bucket}", pod.name, soon=True)
    age = duration(loaded.now - looked_at(loaded.body))
    runs = plural(finished, "iteration")
    return passed(f"last run {age} ago, {runs}, 0 halts, 1 compactor on {bucket}", pod.name)
