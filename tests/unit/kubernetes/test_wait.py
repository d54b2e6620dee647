# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passing a gate: rounds of looking, acting and judging, what is told meanwhile, and what a failure quotes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes import wait
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.apply import Done
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Ref, Scope
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import (
    DONE,
    Gate,
    Snapshot,
    Verdict,
    failed,
    waiting,
)
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.running import Run, Settings
from tests.unit.kubernetes.recorded import Recorded

SCOPE = Scope("thanos", "monitoring")
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "store-0", "namespace": "monitoring", "uid": "u"},
    "status": {"containerStatuses": [{"name": "thanos", "ready": False, "restartCount": 2, "state": {"waiting": {}}}]},
}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "INTERVAL", 0.01)


def passed(verdicts: list[Verdict], *, seconds: float = 5, **gate: Any) -> list[str]:
    """What was told while a gate judged so, one verdict a round."""
    told: list[str] = []
    rounds = iter(verdicts)
    client = Recorded(gate.pop("objects", []))
    door = Gate("door", gate.pop("kinds", ()), lambda _snapshot: next(rounds), **gate)
    wait.pass_gate(client, SCOPE, door, (), time.monotonic() + seconds, told.append)
    return told


def test_a_line_is_told_for_each_change_and_not_for_each_round() -> None:
    rounds = [waiting("0 of 2"), waiting("0 of 2"), waiting("1 of 2"), waiting("1 of 2"), waiting("0 of 2"), DONE]
    assert passed(rounds) == ["0 of 2", "1 of 2", "0 of 2"]


def test_an_open_gate_is_passed_without_a_word_also_when_time_is_over() -> None:
    assert passed([DONE], seconds=-1) == []


def test_what_is_told_and_what_fails_are_masked() -> None:
    told: list[str] = []
    client = Recorded([])
    client.mask = lambda text: text.replace("s3cr3t", "********")
    rounds = iter([waiting("needs s3cr3t"), failed("no s3cr3t")])
    with pytest.raises(Failure) as failure:
        wait.pass_gate(client, SCOPE, Gate("door", (), lambda _s: next(rounds)), (), time.monotonic() + 5, told.append)
    assert told == ["needs ********"]
    assert str(failure.value) == "door: no ********"


def test_a_gate_that_fails_ends_the_wait_at_once() -> None:
    with pytest.raises(Failure, match=r"\Adoor: broken"):
        passed([failed("broken")])


def test_time_that_is_over_is_told_with_what_was_waited_for() -> None:
    with pytest.raises(Failure, match=r"\Adoor: not ready after 0 s \(wait_timeout\): shut"):
        passed([waiting("shut")], seconds=0)


def test_each_round_looks_once_then_acts_then_judges() -> None:
    seen: list[str] = []
    answers: Iterator[int] = iter((1, 2))
    writes = [Ref("ConfigMap", "monitoring", "a")]

    def act(_client: object, snapshot: Snapshot) -> int:
        seen.append(f"act on {len(snapshot.of('Pod'))}")
        return next(answers)

    def judge(snapshot: Snapshot) -> Verdict:
        seen.append(f"judge {snapshot.answer} {snapshot.changed == frozenset(writes)}")
        return DONE if snapshot.answer == 2 else waiting("once more")

    client = Recorded([POD])
    gate = Gate("door", ("Pod",), judge, act)
    wait.pass_gate(client, SCOPE, gate, writes, time.monotonic() + 5, seen.append)
    assert seen == ["act on 1", "judge 1 True", "once more", "act on 1", "judge 2 True"]
    assert client.asked == ["LIST Pod monitoring o11y.thanos/stack=thanos"] * 2


def test_a_failure_quotes_events_and_the_log_of_the_run_that_crashed() -> None:
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "e", "namespace": "monitoring"},
        "involvedObject": {"name": "store-0", "uid": "u"},
        "reason": "BackOff",
        "message": "restarting",
    }
    client = Recorded([POD, event])
    client.answers["GET /api/v1/namespaces/monitoring/pods/store-0/log"] = (200, "bucket does not exist")
    gate = Gate("door", ("Pod", "Event"), lambda _snapshot: failed("crashed", "store-0"))
    with pytest.raises(Failure) as failure:
        wait.pass_gate(client, SCOPE, gate, (), time.monotonic() + 5, print)
    assert str(failure.value).splitlines() == [
        "door: crashed",
        "  event of pod store-0: BackOff: restarting",
        "  log of store-0/thanos before its last restart: bucket does not exist",
    ]
    assert client.sent[-1].query["previous"] == "true"


LOG = "GET /api/v1/namespaces/monitoring/pods/store-0/log"
CRASH = (
    'ts=1 level=info msg=starting\nts=2 level=error err="dial tcp: lookup store: no such host"\nts=3 level=info msg=bye'
)


def restarted(**state: Any) -> dict[str, Any]:
    status = {"name": "thanos", "ready": False, "restartCount": 1, "state": state}
    return {**POD, "status": {"containerStatuses": [status]}}


@pytest.mark.parametrize("state", [{"running": {}}, {"waiting": {"reason": "CrashLoopBackOff"}}])
def test_of_a_container_that_crashed_the_error_before_is_quoted_also_when_it_runs_again(state: dict[str, Any]) -> None:
    client = Recorded([restarted(**state)])
    client.answers[LOG] = (200, CRASH)
    gate = Gate("door", ("Pod",), lambda _snapshot: waiting("shut", "store-0"))
    with pytest.raises(Failure) as failure:
        wait.pass_gate(client, SCOPE, gate, (), time.monotonic(), print)
    cause = 'ts=2 level=error err="dial tcp: lookup store: no such host"'
    assert str(failure.value).splitlines()[1:] == [f"  log of store-0/thanos before its last restart: {cause}"]
    assert client.sent[-1].query["previous"] == "true"


def test_what_is_told_while_a_container_crashes_has_its_error() -> None:
    client = Recorded([restarted(running={})])
    client.answers[LOG] = (200, CRASH)
    told: list[str] = []
    rounds = iter([waiting("shut", "store-0"), DONE])
    gate = Gate("door", ("Pod",), lambda _snapshot: next(rounds))
    wait.pass_gate(client, SCOPE, gate, (), time.monotonic() + 5, told.append)
    cause = 'ts=2 level=error err="dial tcp: lookup store: no such host"'
    assert told == [f"shut; thanos logged before its last restart: {cause}"]


def listed(client: Recorded) -> list[str]:
    """The kinds that were listed, in order."""
    return [sent.path.split()[0] for sent in client.sent]


def test_gates_share_a_look_until_something_is_written() -> None:
    client = Recorded([POD])
    run = Run(client, SCOPE, Settings())
    run.wait_for(Gate("first", ("Pod",), lambda _snapshot: DONE), "phase")
    run.wait_for(Gate("second", ("Pod", "Event"), lambda _snapshot: DONE), "phase")
    assert listed(client) == ["Pod", "Event"]
    run.note(Done(Ref("ConfigMap", "monitoring", "rules"), "unchanged", None, None))
    run.wait_for(Gate("third", ("Pod",), lambda _snapshot: DONE), "phase")
    assert listed(client) == ["Pod", "Event"]
    run.note(Done(Ref("ConfigMap", "monitoring", "rules"), "updated", None, None))
    run.wait_for(Gate("fourth", ("Pod",), lambda _snapshot: DONE), "phase")
    assert listed(client) == ["Pod", "Event", "Pod"]


def test_each_round_looks_anew_and_the_next_gate_shares_the_last() -> None:
    client = Recorded([POD])
    run = Run(client, SCOPE, Settings())
    rounds = iter([waiting("shut"), DONE])
    run.wait_for(Gate("first", ("Pod",), lambda _snapshot: next(rounds)), "phase")
    run.wait_for(Gate("second", ("Pod",), lambda _snapshot: DONE), "phase")
    assert listed(client) == ["Pod", "Pod"]
