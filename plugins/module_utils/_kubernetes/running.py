# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state and the effects of one run: what was asked, what was done, and how both are told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, TypeVar

from .._body import silent
from .._errors import Failure
from .apply import Done, apply_step, delete
from .borrowed import Borrowing, write_fields
from .client import Client, in_parallel
from .diff import diff_of
from .kinds import KINDS
from .manifest import STACK_LABEL, Manifest, Ref, Scope, kind_of, label_of
from .phases import Gate, Phase, Snapshot
from .plan import Step
from .redact import Redactor
from .wait import Looks, foreseen, pass_gate

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """How a run behaves.

    ``wait`` is about gates; guards are passed in any case. ``wait_timeout`` (seconds) bounds gates and guards together,
    and how long a failing API server is retried. ``secrets`` are values (or whole files) that nothing may quote,
    besides those of the Secrets that the run writes. ``tell`` gets a line for people whenever what the run waits for
    changes; nothing depends on it.
    """

    check_mode: bool = False
    wait: bool = True
    wait_timeout: float = 600
    with_diff: bool = False
    secrets: tuple[str, ...] = ()
    tell: Callable[[str], None] = silent


@dataclass
class Outcome:
    """What became of every object: ``objects`` have kind, name, namespace, action.

    ``updated`` are our objects that changed, as they were and as they became; they are not masked, and no result.
    """

    changed: bool = False
    objects: list[dict[str, str]] = field(default_factory=list)
    diff: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    updated: list[tuple[Manifest, Manifest]] = field(default_factory=list, repr=False)

    def result(self) -> dict[str, Any]:
        """The part that a module returns; warnings go another way."""
        return {"changed": self.changed, "objects": self.objects, **({"diff": self.diff} if self.diff else {})}


class Run:
    """The effects of one run: what was done so far, for the result and for the error that says so."""

    def __init__(self, client: Client, scope: Scope, settings: Settings) -> None:
        self.client = client
        self.scope = scope
        self.settings = settings
        self.redactor = Redactor(settings.secrets)
        self.deadline = time.monotonic() + settings.wait_timeout
        self.done: dict[tuple[Ref, str], Done] = {}
        self.warnings: list[str] = []
        self._looks = Looks(client, scope)
        client.deadline = self.deadline
        client.mask = self.redactor.text

    @property
    def changed(self) -> list[Ref]:
        """What this run has written."""
        return sorted({done.ref for done in self.done.values() if done.action != "unchanged"})

    def note(self, done: Done) -> None:
        """Remember what became of an object."""
        self.done[done.ref, done.holder] = done
        if done.action != "unchanged":
            self._looks.forget()

    def apply(self, steps: Iterable[Step]) -> None:
        """Apply steps, what others refer to first, eight at a time."""
        for wave in _waves(steps):
            self._each(wave, lambda step: apply_step(self.client, step, dry_run=self.settings.check_mode))

    def write_fields(self, borrowings: Iterable[Borrowing]) -> None:
        """Write fields on objects of others, or give them back, eight at a time."""
        self._each(borrowings, lambda each: write_fields(self.client, each, dry_run=self.settings.check_mode))

    def delete(self, items: Iterable[Manifest]) -> None:
        """Delete objects, what refers to others first."""

        def one(item: Manifest) -> Done:
            return delete(self.client, item, dry_run=self.settings.check_mode)

        for _unused, group in groupby(sorted(items, key=_wave, reverse=True), key=_wave):
            self._each(list(group), one)

    def wait_for(self, gate: Gate, phase: str) -> None:
        """Return when a gate or guard of a phase opens; each change of what it waits for is told."""

        def tell(text: str) -> None:
            self.settings.tell(f"{phase}: {text}")

        before = {done.ref: done.before for done in self.done.values() if done.action == "updated" and done.before}
        pass_gate(self.client, self.scope, gate, self.changed, self.deadline, tell, self._looks, before)

    def guard(self, guard: Gate, phase: str) -> None:
        """Return when a guard opens; in check mode a closed one becomes a warning."""
        if not self.settings.check_mode:
            self.wait_for(guard, phase)
            return
        text = foreseen(self.client, self.scope, guard)
        if text:
            self.warnings.append(f"{phase}: {text}")

    def pass_by(self, phase: Phase) -> None:
        """Return when the gate of a phase opens, where it holds for this run."""
        if phase.gate and not self.settings.check_mode and (self.settings.wait or (phase.firm and self.changed)):
            self.wait_for(phase.gate, phase.name)

    def completed(self, phase: Phase, steps: Iterable[Step]) -> list[Step]:
        """The steps of a phase with what is known only now; in check mode that is never known."""
        steps = list(steps)
        if phase.completed is None or self.settings.check_mode or not any(step.due for step in steps):
            return steps
        seen = Snapshot(self._looks.at(phase.completed_from), self.client.now(), self.client.now())
        return [replace(step, desired=phase.completed(step.desired, seen)) if step.due else step for step in steps]

    def end(self, refs: Iterable[Ref]) -> None:
        """Delete objects of the stack that no run would prune; those that are gone already are no error."""

        def look(ref: Ref) -> list[Manifest]:
            answer = self.client.request("GET", ref.path, ok=(404,))
            kind = KINDS[ref.kind]
            found = {**(answer.body or {}), "apiVersion": kind.api_version, "kind": kind.name}
            return [] if answer.status == 404 or label_of(found, STACK_LABEL) != self.scope.stack else [found]

        self.delete(item for items in in_parallel(look, refs) for item in items)

    def outcome(self) -> Outcome:
        """The result."""
        entries = sorted(self.done.values(), key=lambda done: (done.action == "deleted", done.ref, done.holder))
        changes = [done for done in entries if done.action != "unchanged"]
        return Outcome(
            bool(changes),
            [
                {"kind": d.ref.kind, "name": d.ref.name, "namespace": d.ref.namespace, "action": d.action}
                for d in entries
            ],
            [diff_of(d.before, d.after, self.redactor, d.holder) for d in changes] if self.settings.with_diff else [],
            list(dict.fromkeys([*self.warnings, *self.client.warnings])),
            [(d.before, d.after) for d in changes if d.before and d.after and not d.holder],
        )

    def failure(self, error: Failure, wanted: Iterable[Ref]) -> Failure:
        """The error of a run that has written already: what is done, what is not."""
        known = {done.ref for done in self.done.values()}
        missing = [ref for ref in wanted if ref not in known]
        if not self.changed or self.settings.check_mode:
            return error
        told = {"changed": True, "objects": self.outcome().objects, **error.result}
        sentences = [str(error), f"done: {_names(self.changed)}"]
        if missing:
            sentences.append(f"not done: {_names(missing)}")
        return Failure("\n".join([*sentences, "nothing is undone; running the task again continues from here"]), told)

    def _each(self, items: Iterable[T], function: Callable[[T], Done]) -> None:
        def one(item: T) -> None:
            self.note(function(item))

        in_parallel(one, items)


def namespace_exists(client: Client, name: str) -> bool:
    """Whether a namespace is there; assumed so where that may not be read."""
    response = client.request("GET", KINDS["Namespace"].path(name=name), ok=(403, 404))
    if response.status < 400 and response.body["metadata"].get("deletionTimestamp"):
        raise Failure(f"the namespace {name} is being deleted; run again when it is gone")
    return response.status != 404


def _waves(steps: Iterable[Step]) -> Iterator[list[Step]]:
    ordered = sorted(steps, key=lambda step: (_wave(step.desired), step.ref))
    for _unused, group in groupby(ordered, key=lambda step: _wave(step.desired)):
        yield list(group)


def _wave(manifest: Manifest) -> int:
    return kind_of(manifest).wave


def _names(refs: Iterable[Ref]) -> str:
    return ", ".join(str(ref) for ref in sorted(refs)) or "nothing"
