# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every StoreAPI of the stack is known to every querier replica, with its type and labels and without an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import GRPC, Answers, Pod, Question, to_pod
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import silent, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import (
    STORE_API_TYPES,
    Expectations,
    Queriers,
    Workload,
)
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, Line, plural

STORES = "/api/v1/stores"


def questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Each querier is asked which StoreAPIs it knows."""
    return [to_pod(pod, STORES) for q in expected.queriers for pod in answers.ready(q.workload)]


def _providers(expected: Expectations) -> list[Workload]:
    return [workload for workload in expected.workloads if workload.tier in STORE_API_TYPES]


def judge(expected: Expectations, answers: Answers) -> list[Line]:
    """One line when all is well, else one for each querier and endpoint that is not."""
    if not expected.queriers:
        return []
    asked = [(q, pod) for q in expected.queriers for pod in answers.ready(q.workload)]
    lines = waiting("endpoints", [*(q.workload for q in expected.queriers), *_providers(expected)], answers)
    for querier, pod in asked:
        reply = answers.reply(to_pod(pod, STORES))
        if reply.error:
            lines.append(silent("endpoints", pod, reply.error))
        else:
            lines.extend(_judge(expected, querier, pod, reply.body or {}, answers))
    if lines:
        return lines
    kinds = ", ".join(plural(w.replicas, w.instance) for w in _providers(expected))
    remote = sum(len(q.remote) for q in expected.queriers)
    more = f" and {plural(remote, 'further endpoint')}" if remote else ""
    return [Line(PASS, "endpoints", f"{kinds}{more} on each of {plural(len(asked), 'querier')}, no errors")]


def _judge(
    expected: Expectations, querier: Queriers, pod: Pod, stores: Mapping[str, Any], answers: Answers
) -> Iterator[Line]:
    known = {entry["name"]: (kind, entry) for kind, entries in stores.items() for entry in entries}
    labels = {name: labels for group in (*expected.prometheis, *expected.rulers) for name, labels in group.labels.items()}
    ours: set[str] = set()
    for workload in _providers(expected):
        for provider in answers.ready(workload):
            address = f"{provider.ip}:{GRPC}"
            ours.add(address)
            found = _problem(known.get(address), STORE_API_TYPES[workload.tier], labels.get(provider.name))
            if found:
                wanted = f"a StoreAPI of type {STORE_API_TYPES[workload.tier]} at {address}, without error"
                yield _line(expected, pod, f"{provider.name} {found}", wanted, found, f"instances.{workload.instance}")
    for address in querier.remote:
        # A name that goes through DNS shows as the addresses behind it, which are looked at below.
        if "+" not in address and address not in known:
            option = f"instances.{querier.workload.instance}.endpoints"
            yield _line(expected, pod, f"endpoint {address} is missing", f"a StoreAPI at {address}", "none", option)
    if querier.remote:
        for address, (_, entry) in known.items():
            # Thanos remembers the address of a replaced pod for some minutes; its labels tell that it was ours.
            if entry["lastError"] and address not in ours and not _was_ours(entry, labels):
                option = f"instances.{querier.workload.instance}.endpoints"
                error = str(entry["lastError"])
                yield _line(expected, pod, f"endpoint {address} has an error: {error}", "no error", error, option)


def _problem(found: tuple[str, Mapping[str, Any]] | None, kind: str, labels: Mapping[str, str] | None) -> str:
    """What is wrong with an endpoint, as half a sentence; empty when nothing is."""
    if found is None:
        return "is not known to the querier"
    found_kind, entry = found
    if found_kind != kind:
        return f"is of type {found_kind}"
    if entry["lastError"]:
        return f"has an error: {entry['lastError']}"
    if labels is not None and dict(labels) not in entry["labelSets"]:
        return f"has other external labels: {entry['labelSets']}"
    return ""


def _was_ours(entry: Mapping[str, Any], labels: Mapping[str, Mapping[str, str]]) -> bool:
    return not entry["labelSets"] or any(own in entry["labelSets"] for own in map(dict, labels.values()))


def _line(expected: Expectations, pod: Pod, message: str, wanted: str, found: str, option: str) -> Line:
    next_step = f"kubectl -n {expected.namespace} logs {pod.name}; the querier re-reads its endpoints every sd_reload_interval"
    return Line(FAIL, "endpoints", message, pod.name, wanted, found, next_step, option)
