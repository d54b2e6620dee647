# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our fields on somebody else's object, as a sidecar in a Prometheus that another tool deployed.

The third kind of step beside apply and delete. Exactly the wanted fields are applied under a field manager of their
own, so the server keeps the owner's fields and ours apart, and the owner's next update leaves ours where they are. The
object is never created, labelled or deleted. A field that another manager holds with another value is not taken from
it: the run stops before it changes anything and says whose field it is. The record remembers each loan, since no label
leads to it; giving back is an apply without fields, after which the server removes what nobody else holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import Failure
from .apply import Done, bare
from .client import APPLY, Client, in_parallel
from .compare import content, differences, identifies, owned_fields, union
from .kinds import KINDS
from .manifest import STACK_LABEL, Manifest, Ref, Scope, borrower, label_of, managers_of, prepared, ref_of
from .phases import Borrowed
from .record import Loan
from .response import Response

_CONFLICT = re.compile(r'conflict with "([^"]*)"')


@dataclass(frozen=True)
class Borrowing:
    """The fields of one loan: the object they go to, and why they must be sent (nothing: they need not).

    ``fields`` without anything but the object's name gives back what there is. ``foreseen`` is what the server would
    make of it, asked before anything is changed.
    """

    loan: Loan
    manager: str
    fields: Manifest
    live: Manifest
    reasons: tuple[str, ...] = ()
    foreseen: Manifest | None = None

    @property
    def due(self) -> bool:
        """Whether a PATCH has to be sent."""
        return bool(self.reasons)


@dataclass(frozen=True)
class Loans:
    """What becomes of a stack's loans: those that are wanted, those that end, and those of which nothing is left."""

    wanted: tuple[Borrowing, ...] = ()
    ending: tuple[Borrowing, ...] = ()
    gone: tuple[Loan, ...] = ()

    def step(self, loan: Loan) -> Borrowing:
        """The plan for a loan that is wanted."""
        return next(each for each in self.wanted if each.loan == loan)

    @property
    def ended(self) -> tuple[Loan, ...]:
        """What the record need not remember after the run."""
        return (*(each.loan for each in self.ending), *self.gone)


def loan_of(borrowed: Borrowed, scope: Scope) -> Loan:
    """Whose fields on which object."""
    return Loan(borrowed.instance, ref_of(borrowed.fields, scope.namespace))


def plan_loans(
    client: Client, scope: Scope, borrowed: Iterable[Borrowed], recorded: Iterable[Loan]
) -> tuple[Loans, list[str]]:
    """Read each object and compare; ask the server about what differs. Writes nothing.

    :return: the plan, and sentences about what cannot be done.
    """
    wishes = {loan_of(each, scope): prepared(each.fields, scope.namespace) for each in borrowed}
    former = [loan for loan in recorded if loan not in wishes and scope.includes(loan.instance)]
    found = in_parallel(lambda wish: _wanted(client, scope, *wish), sorted(wishes.items(), key=lambda wish: wish[0]))
    ending = in_parallel(lambda loan: (loan, _ending(client, scope, loan)), sorted(former))
    loans = Loans(
        tuple(each for each in found if isinstance(each, Borrowing)),
        tuple(each for _unused, each in ending if each),
        tuple(loan for loan, each in ending if each is None),
    )
    return loans, [sentence for each in found if isinstance(each, list) for sentence in each]


def write_fields(client: Client, borrowing: Borrowing, *, dry_run: bool = False) -> Done:
    """Apply the fields of one loan, or give them back, where that is due.

    :raises Failure: another manager took one of the fields since they were planned, or the object has gone.
    """
    ref = borrowing.loan.ref
    if not borrowing.due:
        return Done(ref, "unchanged", holder=borrowing.loan.instance)
    after = borrowing.foreseen
    if not dry_run or after is None:
        answer = _patch(client, borrowing, dry_run=dry_run)
        if answer.status == 409:
            raise Failure("\n".join(_refusals(borrowing, answer)))
        after = answer.body
    action = "unchanged" if content(borrowing.live) == content(after) else "updated"
    before, after = _ours(borrowing, after)
    return Done(ref, action, before, after, borrowing.loan.instance)


def _wanted(client: Client, scope: Scope, loan: Loan, fields: Manifest) -> Borrowing | list[str]:
    """The plan for one loan, or why there can be none."""
    live = _read(client, loan.ref)
    if live is None:
        return [f"{loan.ref} does not exist, and '{loan.instance}' adds to it; it is for its owner to make"]
    if live["metadata"].get("deletionTimestamp"):
        return [f"{loan.ref} is being deleted, so '{loan.instance}' cannot add to it; run again when it is there anew"]
    if label_of(live, STACK_LABEL) == scope.stack:
        return [f"{loan.ref} is an object of this stack, so '{loan.instance}' cannot add to it as to somebody else's"]
    manager = borrower(scope.stack, loan.instance)
    plan = Borrowing(loan, manager, fields, live, differences(fields, live, manager))
    if not plan.due:
        return plan
    answer = _patch(client, plan, dry_run=True)
    if answer.status == 409:
        return _refusals(plan, answer)
    return Borrowing(loan, manager, fields, live, plan.reasons, answer.body)


def _ending(client: Client, scope: Scope, loan: Loan) -> Borrowing | None:
    live = _read(client, loan.ref)
    manager = borrower(scope.stack, loan.instance)
    if live is None or manager not in managers_of(live):
        return None
    return Borrowing(loan, manager, bare(loan.ref), live, ("no longer wanted",))


def _read(client: Client, ref: Ref) -> Manifest | None:
    response = client.request("GET", ref.path, ok=(404,))
    kind = KINDS[ref.kind]
    return None if response.status == 404 else {**response.body, "apiVersion": kind.api_version, "kind": kind.name}


def _patch(client: Client, plan: Borrowing, *, dry_run: bool) -> Response:
    """Apply without force. The uid keeps the server from creating the object where it has gone meanwhile."""
    body = {**plan.fields, "metadata": {**plan.fields["metadata"], "uid": plan.live["metadata"]["uid"]}}
    query = {"fieldManager": plan.manager, **({"dryRun": "All"} if dry_run else {})}
    return client.request("PATCH", plan.loan.ref.path, query=query, body=body, content_type=APPLY, ok=(409,))


def _refusals(plan: Borrowing, answer: Response) -> list[str]:
    """Whose fields stand in the way, a sentence for each."""
    loan = plan.loan
    causes = (answer.body.get("details") or {}).get("causes") or ()
    taken = [cause for cause in causes if cause.get("reason") == "FieldManagerConflict"]
    if not taken:
        return [f"{loan.ref} was replaced or removed while '{loan.instance}' was adding to it; run again"]
    return [
        f"{loan.ref}: '{loan.instance}' wants to set {cause.get('field')}, which is held by "
        f"{_holder(str(cause.get('message')))} with another value; it is not taken from there"
        for cause in taken
    ]


def _holder(message: str) -> str:
    match = _CONFLICT.search(message)
    return match[1] if match else message


def _ours(plan: Borrowing, after: Manifest) -> tuple[Manifest, Manifest]:
    """Of the object before and after what is ours, since the owner's fields are not for our output."""
    trees = [owned_fields(item, plan.manager, plan.fields["apiVersion"]) or {} for item in (plan.live, after)]
    before, now = (_part(item, union(*trees), bare(plan.loan.ref)) for item in (plan.live, after))
    return before, now


def _part(item: Manifest, tree: Mapping[str, Any], name: Manifest) -> Manifest:
    fields = _only(item, tree) if tree else {}
    return {**fields, **name, "metadata": {**fields.get("metadata", {}), **name["metadata"]}}


def _only(value: Any, tree: Mapping[str, Any]) -> Any:
    """The parts of a value that a tree of FieldsV1 names; a leaf names all that is there."""
    names = {name: node for name, node in tree.items() if name != "."}
    if not names:
        return value
    if isinstance(value, Mapping):
        return {key: _only(found, names[f"f:{key}"]) for key, found in value.items() if f"f:{key}" in names}
    if not isinstance(value, list):
        return value
    chosen = ((item, name) for item in value for name in names if identifies(name, item))
    return [_item(item, name, names[name]) for item, name in chosen]


def _item(item: Any, name: str, tree: Mapping[str, Any]) -> Any:
    """An item of a list with the keys by which it is known."""
    part = _only(item, tree)
    return {**json.loads(name[2:]), **part} if isinstance(part, Mapping) else part
