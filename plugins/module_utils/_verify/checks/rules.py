# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every ruler replica has loaded exactly the rules given, and evaluates them without error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..._findings import Finding
from ..._thanos.rule_files import MARKER_GROUP, MARKER_METRIC
from ..._thanos.rule_sets import RuleSet, differences
from ..._thanos.tier import Duty
from ..answers import EXPRESSION, Answers, Pod, log_of, silent, to_pod
from ..connections import fields_of
from ..expect import Expectations, Promise
from ..report import failed, passed, pending, plural

Group = Mapping[str, Any]


def rules(expected: Expectations, answers: Answers) -> list[Finding]:
    """One line per ruler instance when all is well, else one for each replica and rule that is not."""
    lines = []
    for ruler in expected.doing(Duty.RULES):
        given = expected.rule_sets[ruler.name]
        wrong = answers.waiting([ruler])
        for pod in answers.ready(ruler):
            reply = answers.reply(to_pod(pod, "/api/v1/rules"))
            if reply.error:
                wrong.append(silent(pod, reply))
                continue
            wrong += _loaded(given, pod, reply.body)
            wrong += _health(pod, reply.body["groups"] or (), partial(_reason, ruler, pod, answers))
        done = f"{_count(given)}, as given, on {plural(ruler.replicas, 'replica')}"
        lines += wrong or [passed(done, ruler.name)]
    return lines


def _count(given: RuleSet) -> str:
    """``2 groups, 5 rules``: those that were given, without our markers."""
    groups = {key: rules for key, rules in given.rules.items() if not key[1].startswith(MARKER_GROUP)}
    return f"{plural(len(groups), 'group')}, {plural(sum(map(len, groups.values())), 'rule')}"


def _loaded(given: RuleSet, pod: Pod, body: Any) -> list[Finding]:
    found = "; ".join(differences(given, body))
    wanted, advice = f"{_count(given)} as given", "run deploy, which reloads the ruler"
    return [failed("has loaded other rules than given", pod.name, wanted, found, advice)] if found else []


def _health(pod: Pod, groups: Sequence[Group], reason: Callable[[Group], str]) -> list[Finding]:
    # A marker says what it has to say without being evaluated, and that comes only once a minute.
    everything = [(g["name"], rule) for g in groups for rule in g["rules"] if rule["name"] != MARKER_METRIC]
    lines = [
        failed(f"rule {rule['name']} of group {group} fails", pod.name, "health ok", reason(rule))
        for group, rule in everything
        if rule["health"] == "err"
    ]
    unknown = sum(rule["health"] == "unknown" for _group, rule in everything)
    if unknown:
        lines.append(pending(f"{plural(unknown, 'rule')} not evaluated yet", pod.name, soon=True))
    return lines


# What a ruler says of a rule that fails for any reason; the reason is in its log alone.
_ANY_REASON = "no query API server reachable"


def _reason(ruler: Promise, pod: Pod, answers: Answers, rule: Group) -> str:
    """Why a rule fails, from the log where the API does not tell."""
    told = str(rule.get("lastError"))
    if _ANY_REASON not in told:
        return told
    reply = answers.reply(log_of(pod, ruler.workload.container))
    lines = [] if reply.error else [fields_of(line) for line in reversed(str(reply.body).splitlines())]
    logged = [line for line in lines if line.get("err") and line.get(EXPRESSION)]
    own = [line for line in logged if line[EXPRESSION] == rule.get(EXPRESSION)]
    found = next(iter([*own, *logged]), None)
    return f"{told}; its log says: {found['err']}" if found else told
