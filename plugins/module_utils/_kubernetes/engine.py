# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: plan everything, phase by phase apply what differs and pass the gate, and prune where a phase says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .._errors import Failure
from .._threads import in_threads, settled
from .apis import Apis
from .apply import Done
from .borrowed import Loans, loan_of, plan_loans
from .client import Client
from .kinds import KINDS
from .manifest import (
    MANAGED_BY,
    MANAGED_BY_LABEL,
    Manifest,
    Scope,
    prepared,
    ref_of,
)
from .node_ports import taken
from .phases import Phase
from .plan import (
    Plan,
    blank_plan,
    listings_of,
    make_plan,
    refuse,
)
from .record import (
    Record,
    forget,
    read_record,
    record_of,
    record_ref,
    write_record,
)
from .response import ApiError
from .running import (
    Outcome,
    Run,
    Settings,
    namespace_exists,
)
from .sizes import too_large
from .trial import refused

__all__ = ["Outcome", "Settings", "run"]


def run(client: Client, scope: Scope, phases: Sequence[Phase], settings: Settings, apis: Apis | None = None) -> Outcome:
    """Make the cluster what the phases say, and remove what the scope's instances no longer render.

    In check mode nothing is written: what differs is sent as a dry run, what would be deleted is reported.

    :param apis: what is known of optional APIs already; asked for again only where they were not.
    :raises Failure: nothing was changed, or the message says what was and what was not.
    """
    this = Run(client, scope, settings)
    wanted = _prepared(phases, scope)
    this.redactor.learn_secrets(m for group in wanted for m in group)
    manifests = [m for group in wanted for m in group]
    borrowed = [each for phase in phases for each in phase.borrows]
    this.redactor.learn_secrets(prepared(each.fields, scope.namespace) for each in borrowed)
    exists, recorded = _namespace_and_record(client, scope)
    known = recorded or Record()
    loans, problems = plan_loans(client, scope, borrowed, known.loans)
    problems += (apis or Apis(client)).problems(map(ref_of, manifests))
    problems += too_large(manifests)
    if exists:
        plan = make_plan(client, scope, manifests, known.listings, problems)
        refuse(taken(client, scope, plan.steps.values()))
    else:
        plan = blank_plan(scope, manifests)
        refuse((*problems, *taken(client, scope, plan.steps.values())))
        if settings.check_mode:
            return _not_validated(this, manifests, loans)
        this.note(_create_namespace(client, scope))
    try:
        if not settings.check_mode:
            begin = "this task changed nothing, since the API server refuses" if exists else "the API server refuses"
            refuse(refused(client, plan.steps.values()), f"{begin}:")
        _remember(this, recorded, _record_of_use(manifests, loans))
        _advance(this, phases, wanted, plan, loans)
        _forget(this, known.plus(_record_of_use(manifests, loans)), loans)
    except Failure as error:
        refs = (*plan.steps, *(each.loan.ref for each in loans.wanted), *(ref_of(item) for item in plan.prune))
        raise this.failure(error, refs) from None
    return this.outcome()


def _namespace_and_record(client: Client, scope: Scope) -> tuple[bool, Record | None]:
    """Whether the namespace is there, and what its record remembers, asked side by side."""

    def ask(what: str) -> Callable[[], Any]:
        return settled(
            lambda: namespace_exists(client, scope.namespace) if what == "namespace" else read_record(client, scope)
        )

    exists, recorded = in_threads(ask, ["namespace", "record"])
    # Without the namespace, reading in it may be forbidden.
    return (True, recorded()) if exists() else (False, None)


def _advance(
    this: Run, phases: Sequence[Phase], wanted: Sequence[Sequence[Manifest]], plan: Plan, loans: Loans
) -> None:
    prune, ending = plan.prune, loans.ending
    for phase, manifests in zip(phases, wanted, strict=True):
        steps = [plan.steps[ref_of(manifest)] for manifest in manifests]
        fields = [loans.step(loan_of(each, this.scope)) for each in phase.borrows]
        removes = phase.prunes and (prune or ending)
        if phase.guard and (removes or any([s.due for s in steps] + [f.due for f in fields])):
            this.guard(phase.guard, phase.name)
        this.apply(this.completed(phase, steps))
        this.write_fields(fields)
        if phase.prunes:
            this.write_fields(ending)
            this.delete(prune)
            prune, ending = (), ()
        this.pass_by(phase)
        this.end(phase.ends)
    # What an object of ours provides is no longer referred to by somebody else's before it goes.
    this.write_fields(ending)
    this.delete(prune)


def _prepared(phases: Iterable[Phase], scope: Scope) -> list[list[Manifest]]:
    """The manifests of each phase in the form that is sent."""
    groups = [[prepared(manifest, scope.namespace) for manifest in phase.objects] for phase in phases]
    refs = [ref_of(manifest) for group in groups for manifest in group]
    loans = [loan_of(each, scope) for phase in phases for each in phase.borrows]
    twice = sorted({str(ref) for ref in refs if refs.count(ref) > 1})
    twice += sorted({f"fields of '{loan.instance}' on {loan.ref}" for loan in loans if loans.count(loan) > 1})
    if twice:
        raise Failure(f"rendered more than once, so this task changed nothing: {', '.join(twice)}")
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


def _not_validated(this: Run, manifests: Iterable[Manifest], loans: Loans) -> Outcome:
    """Check mode without the namespace: the server cannot be asked about objects in it."""
    scope = this.scope
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scope.namespace}}
    items = list(manifests)
    for item in (namespace, record_of(scope, _record_of_use(items, loans)), *items):
        this.note(Done(ref_of(item), "created", None, item))
    this.write_fields(loans.wanted)
    this.warnings.append(f"the namespace {scope.namespace} does not exist yet, so its objects were not validated")
    return this.outcome()


def _record_of_use(manifests: Iterable[Manifest], loans: Loans) -> Record:
    """What the record must remember of this run."""
    return Record(listings_of(manifests), frozenset(each.loan for each in loans.wanted))


def _remember(this: Run, recorded: Record | None, used: Record) -> None:
    """Note in the record what is new to it, before anything is made there."""
    known = recorded or Record()
    added = used.minus(known)
    if not added:
        return
    before = None if recorded is None else record_of(this.scope, recorded)
    if not this.settings.check_mode:
        write_record(this.client, this.scope, added, exists=recorded is not None)
    after = record_of(this.scope, known.plus(added))
    this.note(Done(record_ref(this.scope), "updated" if before else "created", before, after))


def _forget(this: Run, known: Record, loans: Loans) -> None:
    """Take what was given back out of the record."""
    if not loans.ended:
        return
    if not this.settings.check_mode:
        forget(this.client, this.scope, loans.ended)
    after = record_of(this.scope, known.minus(Record(loans=frozenset(loans.ended))))
    this.note(Done(record_ref(this.scope), "updated", record_of(this.scope, known), after))
