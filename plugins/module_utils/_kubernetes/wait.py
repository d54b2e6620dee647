# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passing a gate or guard: look, act, judge, every two seconds until it opens, fails or time is over; then say why."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .._errors import Failure
from .client import Client, in_parallel
from .kinds import KINDS
from .manifest import Manifest, Ref, Scope
from .phases import Gate, Snapshot, Verdict

INTERVAL = 2.0
_LOG_LINES = 15
# Of a container that crashed so many lines are looked through for errors, and so many errors are quoted.
_CRASH_LINES = 50
_MOST_ERRORS = 3
_LINE = 500
_ERROR = re.compile(r"""\blevel="?(?:error|fatal)|"level":\s*"(?:error|fatal)|\bpanic: |^Error""", re.IGNORECASE)
_MOST_PODS = 2
_MOST_EVENTS = 5


class Looks:
    """The stack's live objects by kind, as they were seen last: gates share a look until something is written."""

    def __init__(self, client: Client, scope: Scope) -> None:
        self._client = client
        self._scope = scope
        self._seen: dict[str, tuple[Manifest, ...]] = {}

    def forget(self) -> None:
        """Look anew from now on."""
        self._seen.clear()

    def at(self, kinds: Iterable[str]) -> dict[str, tuple[Manifest, ...]]:
        """The objects of these kinds; asks for those that were not seen since ``forget``."""

        def look(kind: str) -> tuple[str, tuple[Manifest, ...]]:
            return kind, tuple(_look(self._client, self._scope, kind))

        wanted = list(kinds)
        self._seen.update(in_parallel(look, [kind for kind in wanted if kind not in self._seen]))
        return {kind: self._seen[kind] for kind in wanted}


def pass_gate(
    client: Client,
    scope: Scope,
    gate: Gate,
    changed: Iterable[Ref],
    deadline: float,
    tell: Callable[[str], None],
    looks: Looks | None = None,
    before: Mapping[Ref, Manifest] | None = None,
) -> None:
    """Return when the gate opens.

    :param deadline: ``time.monotonic()`` after which waiting ends; one look is taken in any case.
    :param looks: what was seen already, and nothing was written since.
    :param before: what was there of what the run has written.
    :param tell: gets what is waited for, masked, each time that this changes.
    :raises Failure: it failed or time is over; with the reason, and the pods' last log lines and events.
    """

    writes = frozenset(changed)
    looks = looks or Looks(client, scope)
    started = client.now()
    begun = time.monotonic()
    told = ""
    while True:
        snapshot = Snapshot(looks.at(gate.kinds), started, client.now(), writes, before or {})
        if gate.action:
            snapshot = replace(snapshot, answer=gate.action(client, snapshot))
        verdict = gate.check(snapshot)
        if verdict.state == "done":
            return
        if verdict.state == "failed":
            raise Failure(f"{gate.name}: {client.mask(verdict.reason)}{evidence(client, scope, snapshot, verdict)}")
        if time.monotonic() + INTERVAL > deadline:
            after = f"not ready after {time.monotonic() - begun:.0f} s (wait_timeout)"
            reason = client.mask(verdict.reason)
            raise Failure(f"{gate.name}: {after}: {reason}{evidence(client, scope, snapshot, verdict)}")
        if verdict.reason != told:
            told = verdict.reason
            tell(client.mask(told + _last_words(client, scope, snapshot, verdict)))
        time.sleep(INTERVAL)
        looks.forget()


def foreseen(client: Client, scope: Scope, gate: Gate) -> str:
    """What a guard would say now, masked, for check mode; empty where it is open. Nothing is waited for or written."""
    if gate.action:
        return f"{gate.name}: not asked in check mode, since asking may change something"
    verdict = gate.check(Snapshot(Looks(client, scope).at(gate.kinds), client.now(), client.now()))
    if verdict.state == "done":
        return ""
    end = "the run would stop" if verdict.state == "failed" else "the run would wait"
    return f"{gate.name}: {client.mask(verdict.reason)}; {end} before anything of this phase is changed"


def evidence(client: Client, scope: Scope, snapshot: Snapshot, verdict: Verdict) -> str:
    """The newest events and the last log lines of the pods that a verdict names, masked."""
    pods = _named(snapshot, verdict)
    lines = _events(snapshot, {pod["metadata"]["uid"] for pod in pods})
    for pod in pods:
        lines += _logs(client, scope, pod)
    return client.mask("".join(f"\n  {line}" for line in lines))


def _look(client: Client, scope: Scope, kind: str) -> list[Manifest]:
    if kind == "Event":
        # Events carry no label of ours.
        return client.list(KINDS[kind], scope.namespace, field_selector="type=Warning")
    return client.list(KINDS[kind], scope.namespace, scope.selector)


def _events(snapshot: Snapshot, uids: set[str]) -> list[str]:
    about = [e for e in snapshot.objects.get("Event", ()) if (e.get("involvedObject") or {}).get("uid") in uids]
    newest = sorted(about, key=lambda e: str(e.get("lastTimestamp") or e.get("eventTime") or ""))[-_MOST_EVENTS:]
    return [f"event of pod {e['involvedObject'].get('name')}: {e.get('reason')}: {e.get('message')}" for e in newest]


def _named(snapshot: Snapshot, verdict: Verdict) -> list[Manifest]:
    """The first pods that a verdict names."""
    known = {pod["metadata"]["name"]: pod for pod in snapshot.objects.get("Pod", ())}
    return [known[name] for name in dict.fromkeys(verdict.pods) if name in known][:_MOST_PODS]


def _last_words(client: Client, scope: Scope, snapshot: Snapshot, verdict: Verdict) -> str:
    """The last error that a container logged before it was restarted, to be told while it is waited for."""
    for pod in _named(snapshot, verdict):
        for container in _unready(pod):
            errors = [line for line in _before_restart(client, scope, pod, container) if _ERROR.search(line)]
            if errors:
                return f"; {container['name']} logged before its last restart: {errors[-1][:_LINE]}"
    return ""


def _logs(client: Client, scope: Scope, pod: Manifest) -> list[str]:
    """Log lines of the containers that are not ready: of the last run that ended, if it crashed, else of this one.

    One that runs again after a crash has not come to the error yet, and logs nothing but that it starts.
    """
    lines: list[str] = []
    for container in _unready(pod):
        name = f"{pod['metadata']['name']}/{container['name']}"
        ended = _before_restart(client, scope, pod, container)
        if ended:
            told = [line for line in ended if _ERROR.search(line)][-_MOST_ERRORS:] or ended[-_LOG_LINES:]
            lines += [f"log of {name} before its last restart: {line[:_LINE]}" for line in told]
        elif (container.get("state") or {}).keys() & {"running", "terminated"}:
            lines += [f"log of {name}: {line[:_LINE]}" for line in _log(client, scope, pod, container, _LOG_LINES)]
    return lines


def _unready(pod: Manifest) -> list[Manifest]:
    """The status of each container that is not ready; one of those before them that ended well has done its work."""
    status = pod.get("status") or {}
    known = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return [container for container in known if not container.get("ready")]


def _before_restart(client: Client, scope: Scope, pod: Manifest, container: Manifest) -> list[str]:
    """The last log lines of the run before the one that is, or is to come; none when there was no such run."""
    if not container.get("restartCount"):
        return []
    return _log(client, scope, pod, container, _CRASH_LINES, previous="true")


def _log(client: Client, scope: Scope, pod: Manifest, container: Manifest, most: int, **more: str) -> list[str]:
    query = {"container": container["name"], "tailLines": str(most), **more}
    path = f"{KINDS['Pod'].path(scope.namespace, pod['metadata']['name'])}/log"
    answer = client.request("GET", path, query=query, accept="*/*", ok=range(400, 600))
    return answer.text.splitlines() if answer.status < 400 else []
