# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries over the series ``up``: fresh from each Prometheus, once when deduplicated, and without warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import (
    Answers,
    Pod,
    Question,
    Reply,
    escape,
    matchers,
    promql,
)
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import silent, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, Prometheis
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, PENDING, Line, duration, plural

_NO_SCRAPE = "nothing to scrape is configured (default_scrape is false and scrape_configs is empty)"


def _selector(prometheis: Prometheis) -> str:
    """``up`` of exactly these replicas."""
    replicas = "|".join(re.escape(value) for value in prometheis.replica_values().values())
    own = f'{prometheis.replica_label}=~"{escape(replicas)}"'
    return "up{" + ",".join(filter(None, [matchers(prometheis.common()), own])) + "}"


def _ages(prometheis: Prometheis, querier: Pod) -> Question:
    """Seconds since the newest sample, by replica, on the querier's clock."""
    label = prometheis.replica_label
    expression = f"time() - max by ({label}) (timestamp({_selector(prometheis)}))"
    return promql(querier, expression, dedup="false", partial_response="true")


def _copies(prometheis: Prometheis, querier: Pod, dedup: str) -> Question:
    """How often the most frequent target shows when the replica label is left out."""
    expression = f"max(count without ({prometheis.replica_label}) ({_selector(prometheis)}))"
    return promql(querier, expression, dedup=dedup, partial_response="true")


def _pairs(expected: Expectations, answers: Answers) -> Iterator[tuple[Prometheis, Pod]]:
    """Each set of Prometheis with each querier that can be asked about it."""
    for prometheis in expected.prometheis:
        for querier in expected.queriers:
            if prometheis.scrapes and prometheis.labels:
                yield from ((prometheis, pod) for pod in answers.ready(querier.workload))


def fresh_questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Each querier is asked for the age of the newest samples."""
    return [_ages(prometheis, pod) for prometheis, pod in _pairs(expected, answers)]


def dedup_questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Each querier is asked twice: with deduplication and without."""
    return [_copies(p, pod, dedup) for p, pod in _pairs(expected, answers) for dedup in ("true", "false")]


def clean_questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Those of fresh and dedup: what matters is that they come without a warning."""
    return [*fresh_questions(expected, answers), *dedup_questions(expected, answers)]


def _not_yet(check: str, expected: Expectations, answers: Answers) -> list[Line]:
    workloads = [x.workload for x in (*expected.queriers, *expected.prometheis)]
    idle = [Line(PENDING, check, _NO_SCRAPE, p.workload.instance) for p in expected.prometheis if not p.scrapes]
    return [*waiting(check, workloads, answers), *idle]


def fresh(expected: Expectations, answers: Answers) -> list[Line]:
    """Samples younger than two scrape intervals from each Prometheus, on each querier."""
    if not expected.queriers or not expected.prometheis:
        return []
    lines = _not_yet("fresh", expected, answers)
    oldest, limits = 0.0, set()
    for prometheis, querier in _pairs(expected, answers):
        reply = answers.reply(_ages(prometheis, querier))
        if reply.error:
            lines.append(silent("fresh", querier, reply.error))
            continue
        ages = _vector(reply, prometheis.replica_label)
        lines.extend(_stale(expected, prometheis, querier, ages, answers))
        oldest = max([oldest, *ages.values()])
        limits.add(prometheis.limit)
    if lines:
        return lines
    count = sum(p.workload.replicas for p in expected.prometheis)
    limit = "/".join(f"{limit:g} s" for limit in sorted(limits))
    return [Line(PASS, "fresh", f"{plural(count, 'Prometheus', 'Prometheis')}, newest sample {duration(oldest)} old (limit {limit})")]


def _stale(
    expected: Expectations, prometheis: Prometheis, querier: Pod, ages: Mapping[str, float], answers: Answers
) -> Iterator[Line]:
    ready = {pod.name for pod in answers.ready(prometheis.workload)}
    for pod, replica in prometheis.replica_values().items():
        age = ages.get(replica)
        if pod not in ready or (age is not None and age < prometheis.limit):
            continue
        found = "no sample in the last 5 minutes" if age is None else f"the newest is {duration(age)} old"
        wanted = f"a sample of {pod} younger than {prometheis.limit:g} s (two scrape intervals)"
        next_step = f"kubectl -n {expected.namespace} logs {pod} -c prometheus, and its page /targets"
        option = f"instances.{prometheis.workload.instance}.scrape_interval"
        yield Line(FAIL, "fresh", f"{querier.name} has {found} of {pod}", pod, wanted, found, next_step, option)


def dedup(expected: Expectations, answers: Answers) -> list[Line]:
    """One series per target when deduplicated, one per replica when not, on each querier."""
    if not expected.queriers or not expected.prometheis:
        return []
    lines = _not_yet("dedup", expected, answers)
    for prometheis, querier in _pairs(expected, answers):
        if len(answers.ready(prometheis.workload)) < prometheis.workload.replicas:
            continue
        for mode, copies in (("true", 1), ("false", prometheis.workload.replicas)):
            reply = answers.reply(_copies(prometheis, querier, mode))
            found = next(iter(_vector(reply, "").values()), 0)
            if reply.error:
                lines.append(silent("dedup", querier, reply.error))
            elif found != copies:
                lines.append(_miscounted(prometheis, querier, mode, copies, found))
    if lines:
        return lines
    counts = [
        f"up{{{matchers(p.common())}}}: 1 series per target deduplicated, {p.workload.replicas} without"
        for p in expected.prometheis
    ]
    return [Line(PASS, "dedup", "; ".join(counts))]


def _miscounted(prometheis: Prometheis, querier: Pod, mode: str, copies: int, found: float) -> Line:
    wanted = f"each target of {_selector(prometheis)} {copies} times with dedup={mode}"
    next_step = "compare the replica labels of the querier with the external labels of the Prometheis"
    message = f"a target shows {found:g} times instead of {copies} with dedup={mode}"
    return Line(FAIL, "dedup", message, querier.name, wanted, f"{found:g} times", next_step, "common.replica_labels")


def clean(expected: Expectations, answers: Answers) -> list[Line]:
    """No query of fresh and dedup came with a warning: nothing that should have answered was left out."""
    asked = clean_questions(expected, answers)
    if not asked:
        return []
    found: dict[str, None] = {}
    for question in asked:
        found.update(dict.fromkeys(answers.reply(question).warnings))
    next_step = f"kubectl -n {expected.namespace} logs of the querier; check endpoints says which one it is"
    if found:
        return [Line(FAIL, "clean", f"a querier warns: {text}", "", "no warnings", text, next_step) for text in found]
    return [Line(PASS, "clean", f"{plural(len(set(asked)), 'query', 'queries')} without a warning")]


def _vector(reply: Reply, label: str) -> dict[str, float]:
    """The values of an instant vector by ``label``."""
    if reply.error:
        return {}
    return {item["metric"].get(label, ""): float(item["value"][1]) for item in reply.body["result"]}
