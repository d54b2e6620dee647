# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every bucket UI has read its bucket. It is ready with a bucket that it cannot read, too, and shows an empty list."""

from __future__ import annotations

from ..._findings import Finding
from ..._options.forms import seconds
from ..._thanos.tier import Duty
from ..answers import Answers, Pod, metrics_of, silent, to_pod
from ..expect import Expectations, Promise
from ..looks import failed_to_look, has_looked, looked_at
from ..report import duration, failed, passed, pending, plural

_FAILURES = "thanos_objstore_bucket_operation_failures_total"


def bucket(expected: Expectations, answers: Answers) -> list[Finding]:
    """A line for each bucket UI."""
    lines = []
    for page in expected.doing(Duty.SHOW):
        lines += [*answers.waiting([page]), *(_read(page, pod, answers) for pod in answers.ready(page))]
    return lines


def _read(page: Promise, pod: Pod, answers: Answers) -> Finding:
    metrics = answers.reply(metrics_of(pod))
    reply = answers.reply(to_pod(pod, "/api/v1/blocks", {"view": "global"}))
    if metrics.error or reply.error:
        return silent(pod, metrics, reply)
    name = metrics.body.label("thanos_objstore_bucket_operations_total", "bucket") or "its bucket"
    failures = int(metrics.body.total(_FAILURES))
    refresh, timeout = seconds(page.instance["refresh"]), seconds(page.instance["timeout"])
    if failed_to_look(reply.body) or (failures and not has_looked(reply.body)):
        found = plural(failures, "failed operation")
        return failed(f"cannot read {name}", pod.name, "the list of its blocks", found)
    if not has_looked(reply.body):
        return pending(f"is in its first look through {name}", pod.name, soon=True)
    age = reply.now - looked_at(reply.body)
    if age > 2 * refresh + timeout:
        wanted = f"a look every {page.instance['refresh']}"
        return failed(f"has not read {name} for {duration(age)}", pod.name, wanted, f"the last one {duration(age)} ago")
    return passed(f"{plural(len(reply.body['blocks'] or ()), 'block')} of {name}, read {duration(age)} ago", pod.name)
