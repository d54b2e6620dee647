# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every ruler replica has loaded exactly the rules given, and evaluates them without error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rules import MARKER_METRIC
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod, Question, to_pod
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import silent, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, Rulers
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, PENDING, Line, plural

RULES = "/api/v1/rules"
Group = Mapping[str, Any]


def questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Each ruler is asked for its rules."""
    return [to_pod(pod, RULES) for ruler in expected.rulers for pod in answers.ready(ruler.workload)]


def judge(expected: Expectations, answers: Answers) -> list[Line]:
    """One line per ruler instance when all is well, else one for each replica and group that is not."""
    lines = []
    for ruler in expected.rulers:
        wrong = waiting("rules", [ruler.workload], answers)
        for pod in answers.ready(ruler.workload):
            reply = answers.reply(to_pod(pod, RULES))
            if reply.error:
                wrong.append(silent("rules", pod, reply.error))
            else:
                wrong.extend(_judge(ruler, pod, reply.body["groups"] or []))
        lines.extend(wrong or [_as_given(ruler)])
    return lines


def _as_given(ruler: Rulers) -> Line:
    # The marker is ours and not among the rules that the user gave.
    given = {group: rules for group, rules in ruler.groups.items() if not _is_marker(group[0])}
    counts = f"{plural(len(given), 'group')}, {plural(sum(given.values()), 'rule')}"
    replicas = plural(ruler.workload.replicas, "replica")
    return Line(PASS, "rules", f"{counts}, as given, on {replicas}", ruler.workload.instance)


def _is_marker(file: str) -> bool:
    return file.startswith("o11y-thanos-generation-")


def _judge(ruler: Rulers, pod: Pod, groups: Sequence[Group]) -> Iterator[Line]:
    loaded = {(group["file"].rsplit("/", 1)[-1], group["name"]): len(group["rules"]) for group in groups}
    differences = _differences(ruler.groups, loaded)
    if not differences and _digests(groups) != dict(ruler.digests):
        differences = ["same groups, other content"]
    option = f"instances.{ruler.workload.instance}.rules"
    if differences:
        wanted = f"{plural(len(ruler.groups), 'group')}, {plural(sum(ruler.groups.values()), 'rule')} as given"
        next_step = f"run deploy, which reloads the ruler; kubectl -n {pod.namespace} logs {pod.name}"
        yield Line(FAIL, "rules", "has loaded other rules", pod.name, wanted, "; ".join(differences), next_step, option)
    yield from _health(pod, groups, option)


def _differences(given: Mapping[tuple[str, str], int], loaded: Mapping[tuple[str, str], int]) -> list[str]:
    """What distinguishes two sets of groups, each with its number of rules by (file, group)."""
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


def _digests(groups: Sequence[Group]) -> dict[str, str]:
    """Digest by slot, from the markers that are loaded."""
    markers = [rule["labels"] for group in groups for rule in group["rules"] if rule["name"] == MARKER_METRIC]
    return {labels.get("slot", ""): labels.get("digest", "") for labels in markers}


def _health(pod: Pod, groups: Sequence[Group], option: str) -> Iterator[Line]:
    unknown = 0
    for group in groups:
        for rule in group["rules"]:
            if rule["health"] == "err":
                error = str(rule.get("lastError", ""))
                next_step = "ask the querier the same expression"
                message = f"rule {rule['name']} of group {group['name']} fails: {error}"
                yield Line(FAIL, "rules", message, pod.name, "health ok", error, next_step, option)
            unknown += rule["health"] == "unknown"
    if unknown:
        yield Line(PENDING, "rules", f"{plural(unknown, 'rule')} not evaluated yet", pod.name, soon=True)
