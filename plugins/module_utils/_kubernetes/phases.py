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
    this run has written so far, ``before`` those that were there, as they were; ``answer`` is what the gate's action
    returned in this round, None without one.
    """

    objects: Mapping[str, tuple[Manifest, ...]]
    started: datetime
    now: datetime
    changed: frozenset[Ref] = frozenset()
    before: Mapping[Ref, Manifest] = field(default_factory=dict)
    answer: Any = None

    def of(self, kind: str) -> tuple[Manifest, ...]:
        """The live objects of a kind that the gate asked for."""
        return self.objects[kind]

    def get(self, kind: str, name: str) -> Manifest | None:
        """One live object, None while it is absent."""
        return next((item for item in self.objects[kind] if item["metadata"]["name"] == name), None)


@dataclass(frozen=True)
class Gate:
    """A condition on the cluster: what a run waits for behind a phase, or (as a guard) before it.

    Each round lists those of ``kinds`` that no other gate has listed since the run last wrote or waited, then calls
    ``action(client, snapshot)`` where there is one (it may send requests, and what it returns is ``snapshot.answer``),
    then ``check(snapshot)``. ``name`` begins the sentence of a failure.
    """

    name: str
    kinds: tuple[str, ...]
    check: Callable[[Snapshot], Verdict]
    action: Callable[[Client, Snapshot], Any] | None = None


@dataclass(frozen=True)
class Borrowed:
    """Fields that an instance needs on an object which somebody else made and keeps.

    ``fields`` is a manifest of exactly these fields: apiVersion, kind, the object's name (and namespace, else the
    stack's), and what is to be added. In a list that the server associates by keys (containers, volumes: ``name``) an
    item is added beside those of the owner; in any other list it would have to be the owner's whole list.
    """

    instance: str
    fields: Manifest


@dataclass(frozen=True)
class Phase:
    """Objects that are applied together, what must hold before that, and what is waited for after it.

    ``borrows`` are fields on objects of others, written after the phase's own objects, to which they may refer.

    ``gate`` is for people: with ``wait: false`` and in check mode the run goes on without it. ``guard`` is for data:
    before the phase writes or removes anything the run waits until it opens, also with ``wait: false``, and for
    ``wait_timeout`` at most; so what must never happen unguarded belongs into a phase with a guard. A phase that has
    nothing to write is not guarded, since a no-op can harm nobody. Check mode looks once and warns of a guard that is
    closed (one with an action is not asked, as that may change something).

    A ``firm`` gate is for data, too: it is passed also with ``wait: false``, by a run that has written anything.

    ``completed`` gives an object its last parts when its turn has come, such as where new pods were put: it gets the
    object as planned and what is seen of ``completed_from``. An object that is not written is not completed.

    ``ends`` are objects of kinds that are never pruned, which the phase takes away once its gate is passed.

    What nobody renders any longer is removed after the last phase, or before the gate of the first that ``prunes``.
    """

    name: str
    objects: list[Manifest] = field(default_factory=list)
    gate: Gate | None = None
    prunes: bool = False
    guard: Gate | None = None
    borrows: list[Borrowed] = field(default_factory=list)
    firm: bool = False
    completed: Callable[[Manifest, Snapshot], Manifest] | None = None
    completed_from: tuple[str, ...] = ()
    ends: tuple[Ref, ...] = ()
