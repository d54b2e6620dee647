# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every StoreAPI of the stack is known to every querier replica, with its type and labels and without an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..._findings import Finding
from ..._thanos.tier import Duty
from ..answers import Answers, Pod, silent, to_pod
from ..expect import Expectations, Promise
from ..report import failed, passed, plural

Entry = Mapping[str, Any]


def endpoints(expected: Expectations, answers: Answers) -> list[Finding]:
    """One line when all is well, else one for each querier and endpoint that is not."""
    queriers, providers = expected.doing(Duty.QUERY), expected.doing(Duty.STORE_API)
    if not queriers:
        return []
    lines = answers.waiting([*queriers, *providers])
    for querier in queriers:
        for pod in answers.ready(querier):
            reply = answers.reply(to_pod(pod, "/api/v1/stores"))
            if reply.error:
                lines.append(silent(pod, reply))
                continue
            known = {entry["name"]: (kind, entry) for kind, entries in reply.body.items() for entry in entries}
            lines += _own(expected, pod, known, answers)
            lines += _remote(expected, querier, pod, known)
    if lines:
        return lines
    counts = [plural(provider.replicas, provider.name) for provider in providers]
    remote = sum(len(querier.instance["endpoints"]) for querier in queriers)
    counts += [plural(remote, "further endpoint")] if remote else []
    return [passed(f"{', '.join(counts)} on each of {plural(sum(q.replicas for q in queriers), 'querier')}, no errors")]


def _labels(expected: Expectations) -> dict[str, dict[str, str]]:
    """The external labels that each pod of the stack announces."""
    return {pod: dict(labels) for promise in expected.promises for pod, labels in promise.labels.items()}


def _own(
    expected: Expectations, pod: Pod, known: Mapping[str, tuple[str, Entry]], answers: Answers
) -> Iterator[Finding]:
    labels = _labels(expected)
    for promise in expected.doing(Duty.STORE_API):
        for provider in answers.ready(promise):
            address, kind = provider.store_api, promise.tier.store_api
            problem = _problem(known.get(address), kind, labels.get(provider.name))
            if problem:
                wanted = f"a StoreAPI of type {kind} at {address}, without error"
                yield failed(f"{provider.name} {problem}", pod.name, wanted, problem)


def _problem(found: tuple[str, Entry] | None, kind: str, labels: Mapping[str, str] | None) -> str:
    """What is wrong with an endpoint, as half a sentence; empty when nothing is."""
    if found is None:
        return "is not known to the querier"
    found_kind, entry = found
    if found_kind != kind:
        return f"is of type {found_kind}"
    if entry["lastError"]:
        return f"has an error: {entry['lastError']}"
    if labels is not None and labels not in entry["labelSets"]:
        return f"has other external labels: {entry['labelSets']}"
    return ""


def _remote(
    expected: Expectations, querier: Promise, pod: Pod, known: Mapping[str, tuple[str, Entry]]
) -> Iterator[Finding]:
    """Problems of the endpoints that the user named; a name that goes through DNS shows as the addresses behind it."""
    remote, options = querier.instance["endpoints"], [f"instances.{querier.instance.name}.endpoints"]
    for address in remote:
        if "+" not in address and address not in known:
            wanted = f"a StoreAPI at {address}"
            yield failed(f"endpoint {address} is missing", pod.name, wanted, "none", options=options)
    ours = _labels(expected).values()
    for address, (_kind, entry) in known.items() if remote else ():
        # Thanos remembers a replaced pod's address for some minutes; endpoints of ours are looked at by their address.
        own = not entry["labelSets"] or any(labels in entry["labelSets"] for labels in ours)
        if entry["lastError"] and (address in remote or not own):
            error = str(entry["lastError"])
            yield failed(f"endpoint {address} has an error", pod.name, "no error", error, options=options)
