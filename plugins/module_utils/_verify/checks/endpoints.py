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
from .remotes import connected, known_to, remotes_of

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
            known = known_to(pod, answers)
            lines += _own(expected, pod, known, answers)
            lines += connected(querier, pod, known, answers)
            lines += _found(expected, querier, pod, known)
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
    if labels is not None and not _announces(entry, labels):
        return f"has other external labels: {entry['labelSets']}"
    return ""


def _announces(entry: Entry, labels: Mapping[str, str]) -> bool:
    """Whether an endpoint has these external labels; an ingestor has that of each tenant beside them."""
    return any(labels.items() <= found.items() for found in entry["labelSets"])


def _found(
    expected: Expectations, querier: Promise, pod: Pod, known: Mapping[str, tuple[str, Entry]]
) -> Iterator[Finding]:
    """Errors of what is behind endpoints of the user that go through DNS, and show as the addresses behind a name."""
    options = [name for name in ("endpoints", "endpoint_services") if querier.instance[name]]
    named = {each.address for each in remotes_of(querier)}
    ours = _labels(expected).values()
    for address, (_kind, entry) in known.items() if options else ():
        # Thanos remembers a replaced pod's address for some minutes; endpoints of ours are looked at by their address.
        own = not entry["labelSets"] or any(_announces(entry, labels) for labels in ours)
        if entry["lastError"] and address not in named and not own:
            error, where = str(entry["lastError"]), [f"instances.{querier.instance.name}.{name}" for name in options]
            yield failed(f"endpoint {address} has an error", pod.name, "no error", error, options=where)
