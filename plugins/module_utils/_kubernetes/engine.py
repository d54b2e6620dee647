# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: plan everything, phase by phase apply what differs and pass the gate, and prune where a phase says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._errors import Failure
from .apply import Done
from .client import ApiError, Client
from .kinds import KINDS
from .manifest import (
    MANAGED_BY,
    MANAGED_BY_LABEL,
    Listing,
    Manifest,
    Scope,
    prepared,
    ref_of,
)
from .phases import Phase
from .plan import (
    Plan,
    blank_plan,
    listings_of,
    make_plan,
)
from .record import (
    read_record,
    record_of,
    record_ref,
    write_record,
)
from .running import (
    Outcome,
    Run,
    Settings,
    namespace_exists,
)

__all__ = ["Outcome", "Settings", "run"]


def run(client: Client, scope: Scope, phases: Sequence[Phase], settings: Settings) -> Outcome:
    """Make the cluster what the phases say, and remove what the scope's instances no longer render.

    In check mode nothing is written: what differs is sent as a dry run, what would be deleted is reported.

    :raises Failure: nothing was changed, or the message says what was and what was not.
    """
    this = Run(client, scope, settings)
    wanted = _prepared(phases, scope)
    this.redactor.learn_secrets(m for group in wanted for m in group)
    manifests = [m for group in wanted for m in group]
    if not namespace_exists(client, scope.namespace):
        if settings.check_mode:
            return _not_validated(this, manifests)
        this.note(_create_namespace(client, scope))
        recorded: frozenset[Listing] | None = None
        plan = blank_plan(scope, manifests)
    else:
        recorded = read_record(client, scope)
        plan = make_plan(client, scope, manifests, recorded or ())
    try:
        _remember(this, recorded, listings_of(manifests))
        _advance(this, phases, wanted, plan)
    except Failure as error:
        raise this.failure(error, [*plan.steps, *(ref_of(item) for item in plan.prune)]) from None
    return this.outcome()


def _advance(this: Run, phases: Sequence[Phase], wanted: Sequence[Sequence[Manifest]], plan: Plan) -> None:
    left = plan.prune
    for phase, manifests in zip(phases, wanted, strict=True):
        this.apply(plan.steps[ref_of(manifest)] for manifest in manifests)
        if phase.prunes:
            this.delete(left)
            left = ()
        if phase.gate and this.settings.wait and not this.settings.check_mode:
            this.wait_for(phase.gate, phase.name)
    this.delete(left)


def _prepared(phases: Iterable[Phase], scope: Scope) -> list[list[Manifest]]:
    """The manifests of each phase in the form that is sent."""
    groups = [[prepared(manifest, scope.namespace) for manifest in phase.objects] for phase in phases]
    refs = [ref_of(manifest) for group in groups for manifest in group]
    twice = sorted({str(ref) for ref in refs if refs.count(ref) > 1})
    if twice:
        raise Failure(f"rendered more than once, so nothing was changed: {', '.join(twice)}")
    return groups


def _create_namespace(client: Client, scope: Scope) -> Done:
    body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": scope.namespace, "labels": {MANAGED_BY_LABEL: MANAGED_BY}},
    }
    try:
        created = client.request("POST", KINDS["Namespace"].path(), query={"fieldManager": MANAGED_BY}, body=body).body
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise
        created = body
    return Done(ref_of(body), "created", None, created)


def _not_validated(this: Run, manifests: Iterable[Manifest]) -> Outcome:
    """Check mode without the namespace: the server cannot be asked about objects in it."""
    scope = this.scope
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scope.namespace}}
    items = list(manifests)
    for item in (namespace, record_of(scope, listings_of(items)), *items):
        this.note(Done(ref_of(item), "created", None, item))
    this.warnings.append(f"the namespace {scope.namespace} does not exist yet, so its objects were not validated")
    return this.outcome()


def _remember(this: Run, recorded: frozenset[Listing] | None, listings: frozenset[Listing]) -> None:
    """Note new listings in the record before anything is made there."""
    added = listings - (recorded or frozenset())
    if not added:
        return
    before = None if recorded is None else record_of(this.scope, recorded)
    if not this.settings.check_mode:
        write_record(this.client, this.scope, added, exists=recorded is not None)
    after = record_of(this.scope, added | (recorded or frozenset()))
    this.note(Done(record_ref(this.scope), "updated" if before else "created", before, after))
