# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run removes what nobody renders any longer, and what it never takes for that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes import engine, plan
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.borrowed import Loans
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import (
    Manifest,
    Ref,
    Scope,
    labels,
    ref_of,
)
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import (
    DONE,
    Gate,
    Phase,
    Snapshot,
    Verdict,
)
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.plan import Plan, Step
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.running import Run, Settings
from tests.unit.kubernetes.recorded import Recorded

GONE = {"kind": "ConfigMap", "metadata": {"name": "gone"}}


class Told:
    """Stands for a Run: keeps what it is told to do, in order."""

    settings = Settings()

    def __init__(self) -> None:
        self.done: list[str] = []

    def apply(self, steps: Iterable[Any]) -> None:
        self.done += ["apply" for _unused in steps]

    def delete(self, items: Iterable[Any]) -> None:
        self.done += [f"delete {item['metadata']['name']}" for item in items]

    def write_fields(self, borrowings: Iterable[Any]) -> None:
        self.done += [f"fields of {each.loan.instance}" for each in borrowings]

    def completed(self, _phase: Phase, steps: Iterable[Any]) -> list[Any]:
        return list(steps)

    def pass_by(self, phase: Phase) -> None:
        self.done += [phase.gate.name] if phase.gate else []

    def end(self, refs: Iterable[Any]) -> None:
        self.done += [f"end {ref.name}" for ref in refs]

    def guard(self, guard: Gate, _phase: str) -> None:
        self.done.append(f"guard {guard.name}")


@pytest.mark.parametrize(
    ("prunes", "done"),
    [((False, False), ["one", "two", "delete gone"]), ((False, True), ["one", "delete gone", "two"])],
    ids=["at the end", "before a gate"],
)
def test_prune_is_at_the_end_or_before_the_gate_that_asks_for_it(prunes: tuple[bool, bool], done: list[str]) -> None:
    told = Told()
    gates = [Gate(name, (), cast(Any, None)) for name in ("one", "two")]

    phases = [Phase(gate.name, [], gate, prunes=each) for gate, each in zip(gates, prunes, strict=True)]
    engine._advance(cast(Run, told), phases, [[], []], Plan({}, (GONE,)), Loans())
    assert told.done == done


@pytest.mark.parametrize(
    ("due", "prunes", "done"),
    [
        (True, False, ["guard door", "apply", "delete gone"]),
        (False, True, ["guard door", "apply", "delete gone"]),
        (False, False, ["apply", "delete gone"]),
    ],
    ids=["before it applies", "before it deletes", "not where it writes nothing"],
)
def test_guard_stands_before_whatever_its_phase_writes_without_waiting_too(
    due: bool, prunes: bool, done: list[str]
) -> None:
    told = Told()
    told.settings = Settings(wait=False)
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ring", "namespace": "monitoring"}}
    ref = ref_of(item)
    step = Step(ref, "manager", item, None if due else item)
    phase = Phase("ring", [item], guard=Gate("door", (), cast(Any, None)), prunes=prunes)
    engine._advance(cast(Run, told), [phase], [[item]], Plan({ref: step}, (GONE,)), Loans())
    assert told.done == done


CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data-0", "namespace": "monitoring", "uid": "u", "labels": labels("thanos", "receive")},
}


def one_phase(settings: Settings, *, live: bool = False, **phase: Any) -> tuple[Run, Recorded, list[str]]:
    """A run over one ConfigMap, which is there already where it is ``live``; and which gates were passed."""
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ring", "namespace": "monitoring"}}
    client = Recorded([CLAIM])
    this, passed = Run(client, Scope("thanos", "monitoring"), settings), list[str]()

    def check(_snapshot: Snapshot) -> Verdict:
        passed.append("gate")
        return DONE

    ref = ref_of(item)
    step = Step(ref, "manager", item, item if live else None)
    engine._advance(
        this, [Phase("ring", [item], Gate("door", (), check), **phase)], [[item]], Plan({ref: step}), Loans()
    )
    return this, client, passed


@pytest.mark.parametrize(
    ("firm", "wait", "live", "passed"),
    [
        (False, True, True, ["gate"]),
        (False, False, False, []),
        (True, False, False, ["gate"]),
        (True, False, True, []),
        (True, True, True, ["gate"]),
    ],
)
def test_a_firm_gate_is_passed_by_whatever_run_wrote(firm: bool, wait: bool, live: bool, passed: list[str]) -> None:
    assert one_phase(Settings(wait=wait), live=live, firm=firm)[2] == passed


def test_check_mode_passes_no_gate() -> None:
    assert one_phase(Settings(check_mode=True), firm=True)[2] == []


def test_an_object_gets_its_last_parts_when_its_turn_has_come() -> None:
    def completed(manifest: Manifest, snapshot: Snapshot) -> Manifest:
        return {**manifest, "data": {"claims": str(len(snapshot.of("PersistentVolumeClaim")))}}

    parts: dict[str, Any] = {"completed": completed, "completed_from": ("PersistentVolumeClaim",)}
    _this, client, _passed = one_phase(Settings(), **parts)
    assert [sent.body.get("data") for sent in client.writes] == [{"claims": "1"}]
    assert one_phase(Settings(), live=True, **parts)[1].asked == []


@pytest.mark.parametrize(
    ("name", "stack", "deleted"), [("data-0", "thanos", 1), ("data-1", "thanos", 0), ("data-0", "other", 0)]
)
def test_what_ends_with_a_phase_is_deleted_where_it_is_ours(name: str, stack: str, deleted: int) -> None:
    client = Recorded([CLAIM])
    this = Run(client, Scope(stack, "monitoring"), Settings())
    this.end([Ref("PersistentVolumeClaim", "monitoring", name)])
    assert [sent.method for sent in client.writes] == ["DELETE"] * deleted
    assert len(this.changed) == deleted


@pytest.mark.parametrize(
    ("writer", "goes"),
    [("o11y.thanos/thanos/query", True), ("o11y.thanos/thanos/store", False), ("kubectl", False)],
)
def test_only_what_the_instance_of_its_label_wrote_is_pruned(writer: str, goes: bool) -> None:
    metadata = {"name": "x", "labels": labels("thanos", "query"), "managedFields": [{"manager": writer}]}
    item = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata}
    assert plan._unwanted(Scope("thanos", "monitoring", frozenset({"query"})), item) is goes
