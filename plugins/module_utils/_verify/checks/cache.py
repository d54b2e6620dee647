# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every query frontend answers, and answers from its cache what it was asked before.

One query is asked twice, for a range that ended minutes ago: what is younger a frontend always asks the querier for. It
needs no samples, so that what is known of a stack's data does not matter.
"""

from __future__ import annotations

from dataclasses import replace

from ..._findings import Finding
from ..._thanos.caches import NONE
from ..._thanos.tier import Duty
from ..answers import EXPRESSION, Answers, Pod, Question, log_of, metrics_of, silent, to_pod
from ..connections import fields_of
from ..expect import Expectations, Promise
from ..report import failed, passed, pending

# Counted by the cache of each type, whatever it is for.
_HITS, _ASKED = "cortex_cache_hits_total", "cortex_cache_fetched_keys_total"
_STEP = 60
_ASK = "vector(1)"
# What a frontend logs of a server that takes nothing. No metric tells.
_LOST = "failed to put to "


def cache(expected: Expectations, answers: Answers) -> list[Finding]:
    """A line for each pod of a query frontend."""
    lines = []
    for front in expected.doing(Duty.FRONT):
        lines += [*answers.waiting([front]), *(_judged(pod, front, answers) for pod in answers.ready(front))]
    return lines


def _judged(pod: Pod, front: Promise, answers: Answers) -> Finding:
    kind = front.instance["query_range_cache"]["type"]
    before = answers.reply(metrics_of(pod))
    if before.error:
        return silent(pod, before)
    first = answers.reply(_asked(pod, before.now, "1"))
    if first.error:
        return silent(pod, first)
    if kind == NONE:
        return passed("answers; it has no cache for range queries", pod.name)
    if first.warnings:
        return pending(f"cannot be told, since what comes with a warning is not kept: {first.warnings[0]}", pod.name)
    second = answers.reply(_asked(pod, before.now, "2"))
    if second.error:
        return silent(pod, second)
    after = answers.reply(replace(metrics_of(pod), query=(("n", "2"),)))
    if after.error:
        return silent(pod, after)
    hits, total = after.body.total(_HITS), after.body.total(_ASKED)
    if hits > before.body.total(_HITS):
        return passed(f"answers from its cache ({kind}), {hits:.0f} of {total:.0f} times since it started", pod.name)
    wanted, found = "a repeated query from the cache", f"{_HITS} stays {hits:.0f}{_logged(pod, front, answers)}"
    return failed(f"asks the querier again for what it was asked before; cache {kind}", pod.name, wanted, found)


def _logged(pod: Pod, front: Promise, answers: Answers) -> str:
    """Why the cache takes nothing, where the log tells."""
    reply = answers.reply(log_of(pod, front.workload.container))
    lines = [] if reply.error else [fields_of(line) for line in reversed(str(reply.body).splitlines())]
    errors = [line["err"] for line in lines if line.get("msg", "").startswith(_LOST) and line.get("err")]
    return f"; its log says: {errors[0]}" if errors else ""


def _asked(pod: Pod, now: float, number: str) -> Question:
    """The query; Thanos does not look at the number, by which the same one is asked again."""
    end = int(now - 3 * _STEP) // _STEP * _STEP
    query = {EXPRESSION: _ASK, "start": str(end - 10 * _STEP), "end": str(end), "step": str(_STEP), "n": number}
    return to_pod(pod, "/api/v1/query_range", query)
