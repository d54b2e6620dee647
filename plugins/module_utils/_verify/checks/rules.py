# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every ruler replica has loaded exactly the rules given, and evaluates them without error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._findings import Finding
from ..._thanos.rule_files import MARKER_GROUP, MARKER_METRIC
from ..._thanos.tier import Duty
from ..answers import Answers, Pod, silent, to_pod
from ..expect import Expectations, RuleSet
from ..report import failed, passed, pending, plural

Group = Mapping[str, Any]
Counts = Mapping[tuple[str, str], int]


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
            groups = reply.body["groups"] or ()
            wrong += [*_loaded(given, pod, groups), *_health(pod, groups)]
        done = f"{_count(given.groups)}, as given, on {plural(ruler.replicas, 'replica')}"
        lines += wrong or [passed(done, ruler.name)]
    return lines


def _count(groups: Counts) -> str:
    """``2 groups, 5 rules``: those that were given, without our markers."""
    given = {key: rules for key, rules in groups.items() if not key[1].startswith(MARKER_GROUP)}
    return f"{plural(len(given), 'group')}, {plural(sum(given.values()), 'rule')}"


def _loaded(given: RuleSet, pod: Pod, groups: Sequence[Group]) -> list[Finding]:
    loaded = {(group["file"].rsplit("/", 1)[-1], group["name"]): len(group["rules"]) for group in groups}
    markers = [rule["labels"] for group in groups for rule in group["rules"] if rule["name"] == MARKER_METRIC]
    differences = _differences(given.groups, loaded)
    if not differences and {m.get("slot", ""): m.get("digest", "") for m in markers} != dict(given.digests):
        differences = ["the same groups with other content"]
    wanted = f"{_count(given.groups)} as given"
    next_step = "run deploy, which reloads the ruler"
    found = "; ".join(differences)
    return [failed("has loaded other rules than given", pod.name, wanted, found, next_step)] if differences else []


def _differences(given: Counts, loaded: Counts) -> list[str]:
    found = []
    for key in sorted(given.keys() | loaded.keys()):
        name = f"group {key[1]} of {key[0]}"
        if key not in loaded:
            found.append(f"{name} is not loaded")
        elif key not in given:
            found.append(f"{name} is loaded and not given")
        elif given[key] != loaded[key]:
            found.append(f"{name} has {plural(loaded[key], 'rule')} instead of {given[key]}")
    return found


def _health(pod: Pod, groups: Sequence[Group]) -> list[Finding]:
    # A marker says what it has to say without being evaluated, and that comes only once a minute.
    everything = [(g["name"], rule) for g in groups for rule in g["rules"] if rule["name"] != MARKER_METRIC]
    lines = [
        failed(f"rule {rule['name']} of group {group} fails", pod.name, "health ok", str(rule.get("lastError")))
        for group, rule in everything
        if rule["health"] == "err"
    ]
    unknown = sum(rule["health"] == "unknown" for _group, rule in everything)
    if unknown:
        lines.append(pending(f"{plural(unknown, 'rule')} not evaluated yet", pod.name, soon=True))
    return lines
