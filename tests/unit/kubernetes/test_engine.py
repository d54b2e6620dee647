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
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Scope, labels, ref_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Gate, Phase
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.plan import Plan, Step
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.running import Run, Settings

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

    def wait_for(self, gate: Gate, _phase: str) -> None:
        self.done.append(gate.name)

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


@pytest.mark.parametrize(
    ("writer", "goes"),
    [("o11y.thanos/thanos/query", True), ("o11y.thanos/thanos/store", False), ("kubectl", False)],
)
def test_only_what_the_instance_of_its_label_wrote_is_pruned(writer: str, goes: bool) -> None:
    metadata = {"name": "x", "labels": labels("thanos", "query"), "managedFields": [{"manager": writer}]}
    item = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata}
    assert plan._unwanted(Scope("thanos", "monitoring", frozenset({"query"})), item) is goes
