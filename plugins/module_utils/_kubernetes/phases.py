# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the renderer hands to the engine: ordered phases of objects, and the gates between them, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .client import Client
from .manifest import Manifest, Ref


@dataclass(frozen=True)
class Verdict:
    """What a gate thinks of a snapshot. ``pods`` are names whose logs and events explain it."""

    state: str
    reason: str = ""
    pods: tuple[str, ...] = ()


DONE = Verdict("done")


def waiting(reason: str, *pods: str) -> Verdict:
    """Not yet: look again in two seconds."""
    return Verdict("waiting", reason, pods)


def failed(reason: str, *pods: str) -> Verdict:
    """It will not come by waiting: stop now."""
    return Verdict("failed", reason, pods)


@dataclass(frozen=True)
class Snapshot:
    """Live objects of the stack (those that carry its label; Events: the warnings of the namespace) by kind name.

    ``started`` and ``now`` are the API server's clock when the gate began and now; ``changed`` are the objects that
    this run has written so far; ``answer`` is what the gate's action returned in this round, None without one.
    """

    objects: Mapping[str, tuple[Manifest, ...]]
    started: datetime
    now: datetime
    changed: frozenset[Ref] = frozenset()
    answer: Any = None

    def of(self, kind: str) -> tuple[Manifest, ...]:
        """The live objects of a kind that the gate asked for."""
        return self.objects[kind]

    def get(self, kind: str, name: str) -> Manifest | None:
        """One live object, None while it is absent."""
        return next((item for item in self.objects[kind] if item["metadata"]["name"] == name), None)


@dataclass(frozen=True)
class Gate:
    """What must hold before the next phase begins.

    Each round lists ``kinds`` once, then calls ``action(client, snapshot)`` where there is one (it may send requests,
    and what it returns is ``snapshot.answer``), then ``check(snapshot)``. Without ``wait`` and in
    check mode gates are not run: what keeps data safe must not depend on one.
    """

    name: str
    kinds: tuple[str, ...]
    check: Callable[[Snapshot], Verdict]
    action: Callable[[Client, Snapshot], Any] | None = None


@dataclass(frozen=True)
class Phase:
    """Objects that are applied together, and the gate behind them.

    What nobody renders any longer is removed after the last phase, or before the gate of the first that ``prunes``.
    """

    name: str
    objects: list[Manifest] = field(default_factory=list)
    gate: Gate | None = None
    prunes: bool = False
