# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries over the series ``up``: fresh from each Prometheus, once when deduplicated, and without warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..._findings import Finding
from ..._thanos.tier import Duty
from ..answers import (
    Answers,
    Pod,
    Question,
    Reply,
    escape,
    matchers,
    promql,
    silent,
)
from ..expect import Expectations, Promise
from ..report import (
    duration,
    failed,
    passed,
    pending,
    plural,
)
from .edges import fleet_dedup, fleet_fresh, fleet_questions, left_out

_NO_SCRAPE = "nothing to scrape is configured (default_scrape is false and scrape_configs is empty)"


def _selector(prometheus: Promise) -> str:
    """``up`` of exactly these replicas."""
    label = prometheus.instance["replica_label"]
    replicas = "|".join(re.escape(labels.get(label, "")) for labels in prometheus.labels.values())
    named = [matchers(prometheus.common_labels()), f'{label}=~"{escape(replicas)}"']
    return "up{" + ",".join(filter(None, named)) + "}"


def _ages(prometheus: Promise, querier: Pod) -> Question:
    """Seconds since the newest sample, by replica, on the querier's clock."""
    label = prometheus.instance["replica_label"]
    expression = f"time() - max by ({label}) (timestamp({_selector(prometheus)}))"
    return promql(querier, expression, {"dedup": "false", "partial_response": "true"})


def _copies(prometheus: Promise, querier: Pod, dedup: str) -> Question:
    """How often the most frequent target shows when the replica label is left out."""
    expression = f"max(count without ({prometheus.instance['replica_label']}) ({_selector(prometheus)}))"
    return promql(querier, expression, {"dedup": dedup, "partial_response": "true"})


def _pairs(expected: Expectations, answers: Answers) -> Iterator[tuple[Promise, Pod]]:
    """Each set of Prometheis with each querier that can be asked about it."""
    for prometheus in expected.doing(Duty.SCRAPE):
        if prometheus.labels and prometheus.interval:
            yield from ((prometheus, pod) for pod in answers.ready(*expected.doing(Duty.QUERY)))


def _not_yet(expected: Expectations, answers: Answers) -> list[Finding]:
    idle = [pending(_NO_SCRAPE, p.name) for p in expected.doing(Duty.SCRAPE) if not p.interval]
    return [*answers.waiting(expected.doing(Duty.QUERY, Duty.SCRAPE)), *idle]


def fresh(expected: Expectations, answers: Answers) -> list[Finding]:
    """Samples younger than two scrape intervals from each Prometheus, on each querier."""
    lines = _not_yet(expected, answers)
    oldest, limits = 0.0, set()
    for prometheus, querier in _pairs(expected, answers):
        limit = 2 * (prometheus.interval or 0)
        limits.add(f"{limit:g} s")
        reply = answers.reply(_ages(prometheus, querier))
        if reply.error:
            lines.append(silent(querier, reply))
            continue
        label = prometheus.instance["replica_label"]
        ages = _vector(reply, label)
        oldest = max([oldest, *ages.values()])
        for pod in answers.ready(prometheus):
            age = ages.get(prometheus.labels.get(pod.name, {}).get(label, ""))
            if age is None or age >= limit:
                found = "no sample in the last 5 minutes" if age is None else f"the newest is {duration(age)} old"
                wanted = f"a sample younger than {limit:g} s (two scrape intervals)"
                lines.append(failed(f"on {querier.name}: {found}", pod.name, wanted, found))
    of_others, there = fleet_fresh(expected, answers)
    lines += [*of_others, *left_out(expected, answers)]
    if lines or not (limits or there):
        return lines
    told = []
    if limits:
        count = plural(sum(p.replicas for p in expected.doing(Duty.SCRAPE)), "Prometheus", "Prometheis")
        told.append(f"{count}, newest sample {duration(oldest)} old (limit {', '.join(sorted(limits))})")
    if there:
        told.append(f"{plural(there, 'Prometheus', 'Prometheis')} of other clusters with samples of the last 5 minutes")
    return [passed("; ".join(told))]


def dedup(expected: Expectations, answers: Answers) -> list[Finding]:
    """One series per target when deduplicated, one per replica when not, on each querier."""
    lines, done = _not_yet(expected, answers), {}
    for prometheus, querier in _pairs(expected, answers):
        if answers.waiting([prometheus]):
            continue
        for mode, copies in (("true", 1), ("false", prometheus.copies)):
            reply = answers.reply(_copies(prometheus, querier, mode))
            found = next(iter(_vector(reply, "").values()), 0)
            if reply.error:
                lines.append(silent(querier, reply))
            elif found != copies:
                message = f"a target shows {found:g} times instead of {copies} with dedup={mode}"
                wanted = f"each target of {_selector(prometheus)} {copies} times"
                next_step = "compare replica_labels with the external labels of the Prometheis"
                lines.append(failed(message, querier.name, wanted, f"{found:g} times", next_step))
        shown = f"1 series per target deduplicated, {prometheus.copies} without"
        done[prometheus.name] = f"up{{{matchers(prometheus.common_labels())}}}: {shown}"
    of_others, count = fleet_dedup(expected, answers)
    lines += of_others
    if count:
        done[""] = f"{plural(count, 'set')} of replicas in other clusters: 1 series per target"
    return [passed("; ".join(done.values()))] if done and not lines else lines


def clean(expected: Expectations, answers: Answers) -> list[Finding]:
    """No query of fresh and dedup came with a warning: nothing that should have answered was left out."""
    warned: dict[str, Pod] = {}
    count = 0
    for prometheus, querier in _pairs(expected, answers):
        for question in (_ages(prometheus, querier), *(_copies(prometheus, querier, d) for d in ("true", "false"))):
            warned |= dict.fromkeys(answers.reply(question).warnings, querier)
            count += 1
    for pod, question in fleet_questions(expected, answers):
        warned |= dict.fromkeys(answers.reply(question).warnings, pod)
        count += 1
    if count and not warned:
        return [passed(f"{plural(count, 'query', 'queries')} without a warning")]
    next_step = "the check endpoints says which StoreAPI does not answer"
    return [failed(f"warns: {text}", pod.name, "no warnings", text, next_step) for text, pod in warned.items()]


def _vector(reply: Reply, label: str) -> dict[str, float]:
    """The values of an instant vector by ``label``."""
    items = [] if reply.error else reply.body["result"]
    return {item["metric"].get(label, ""): float(item["value"][1]) for item in items}
