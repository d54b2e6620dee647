# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints that a user named for a querier: whether it reads them, or at which step of the connection it fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..._findings import Finding
from ..._thanos.remote_endpoints import Endpoint, has_tls, is_dynamic
from ..answers import Answers, Pod, log_of, to_pod
from ..connections import cause_of, error_in_log
from ..expect import Promise
from ..report import failed

Entry = Mapping[str, Any]
Known = Mapping[str, tuple[str, Entry]]

# The name in the certificate of an edge's querier.
_EDGE = re.compile(r"query\.[^.]+\.([^.]+)\.thanos\.internal")
# In milliseconds, beyond what any sample can be at: a querier that knows no StoreAPI says that it has all of time,
# while what has no data yet says that it has nothing.
_EVER = 2**62


@dataclass(frozen=True)
class Remote:
    """One endpoint of a querier, by the address that its list of stores has for it."""

    endpoint: Endpoint
    option: str

    @property
    def address(self) -> str:
        """The address under which the querier lists it."""
        return f"thanos:///{self.endpoint['address']}" if self.endpoint["group"] else str(self.endpoint["address"])

    @property
    def edge(self) -> str:
        """The cluster behind it, by the endpoint's name, or by that in its certificate; else empty."""
        found = _EDGE.fullmatch(self.endpoint["server_name"] or "")
        return str(self.endpoint["name"] or (found[1] if found else ""))

    @property
    def title(self) -> str:
        """What a report calls it."""
        address = self.endpoint["address"]
        return f"edge {self.edge} ({address})" if self.edge else f"endpoint {address}"


def remotes_of(querier: Promise) -> list[Remote]:
    """The endpoints of a querier that show under their own address."""
    where = f"instances.{querier.instance.name}.endpoints"
    told = enumerate(querier.instance["endpoints"])
    return [Remote(e, f"{where}[{i}]") for i, e in told if e["group"] or not is_dynamic(e)]


def known_to(pod: Pod, answers: Answers) -> Known:
    """What a querier lists, by address; nothing where it does not answer."""
    reply = answers.reply(to_pod(pod, "/api/v1/stores"))
    listed = {} if reply.error else reply.body
    return {entry["name"]: (kind, entry) for kind, entries in listed.items() for entry in entries}


def empty(entry: Entry) -> bool:
    """Whether an endpoint is a querier that has nothing behind it, or does not know it yet."""
    return not entry["labelSets"] and entry.get("minTime", 0) < -_EVER and has_new(entry)


def has_new(entry: Entry) -> bool:
    """Whether an endpoint says that it has the newest samples that there are."""
    return bool(entry.get("maxTime", 0) > _EVER)


def connected(querier: Promise, pod: Pod, known: Known, answers: Answers) -> Iterator[Finding]:
    """A line for each endpoint that the querier does not read in full."""
    for remote in remotes_of(querier):
        entry = known[remote.address][1] if remote.address in known else None
        if entry is None:
            yield _missing(remote, querier, pod, answers)
        elif entry["lastError"]:
            yield _failed(remote, pod, "has an error", "no error", str(entry["lastError"]))
        elif empty(entry):
            message = f"{remote.title} is connected, and there is nothing behind it: it announces no external labels"
            advice = "run verify there; its querier knows no StoreAPI with data"
            yield failed(message, pod.name, "label sets", "none", advice, [remote.option])
    yield from _alike(remotes_of(querier), pod, known)


def _missing(remote: Remote, querier: Promise, pod: Pod, answers: Answers) -> Finding:
    """An endpoint that was never reached is in no list, strict or not: the querier tells of it in its log only."""
    reply = answers.reply(log_of(pod, querier.workload.container))
    address = remote.endpoint["address"]
    error = "" if reply.error else error_in_log(str(reply.body), address, has_tls(remote.endpoint))
    return _failed(remote, pod, "is missing", f"a StoreAPI at {address}", error)


def _failed(remote: Remote, pod: Pod, trouble: str, wanted: str, error: str) -> Finding:
    cause = cause_of(error, has_tls(remote.endpoint)) if error else None
    words = f": {cause.step}: {cause.what}" if cause else ""
    advice = cause.advice if cause else ""
    return failed(f"{remote.title} {trouble}{words}", pod.name, wanted, error or "none", advice, [remote.option])


def _alike(remotes: list[Remote], pod: Pod, known: Known) -> Iterator[Finding]:
    """Edges that announce equal labels: their series become one, and nothing but this tells."""
    owner: dict[str, Remote] = {}
    for remote in (each for each in remotes if each.edge and each.address in known):
        for labels in known[remote.address][1]["labelSets"]:
            text = "{" + ", ".join(f'{name}="{labels[name]}"' for name in sorted(labels)) + "}"
            other = owner.setdefault(text, remote)
            if other.edge != remote.edge:
                message = f"{remote.title} and {other.title} announce equal labels, so their series become one"
                advice = "give each cluster another name (thanos_cluster), or external labels of its own"
                yield failed(message, pod.name, "label sets of its own", text, advice, [remote.option, other.option])
                break
