# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing a whole stack; what holds data goes only where that is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from .._errors import Failure, InvalidInput
from .._findings import Finding, mistake
from .apis import listed
from .borrowed import plan_loans
from .client import Client, in_parallel
from .kinds import KINDS
from .manifest import KEEP_ANNOTATION, Listing, Manifest, Scope, kind_of, ref_of, written_by
from .phases import DONE, Gate, Snapshot, Verdict, waiting
from .record import Record, read_record, record_ref
from .response import ApiError
from .running import Outcome, Run, Settings, namespace_exists
from .wait import INTERVAL

_CLAIM = "PersistentVolumeClaim"
_SYSTEM = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


def teardown(
    client: Client,
    scope: Scope,
    settings: Settings,
    going: Mapping[str, bool],
    judge: Callable[[Sequence[Manifest]], list[Finding]] = lambda _live: [],
) -> Outcome:
    """Delete every object of the stack that we made, and give back our fields on objects of others.

    :param going: whether ``PersistentVolumeClaim``, ``Secret`` and ``Namespace`` go too, and ``Kept`` Secrets that are
        marked to outlive a teardown; absent means they stay.
    :param judge: why the stack must not be removed, by its live objects.
    :raises InvalidInput: for such a reason, before anything is removed.
    """
    if going.get("Namespace") and scope.namespace in _SYSTEM:
        what = f"the namespace {scope.namespace} belongs to Kubernetes and stays"
        raise InvalidInput([mistake("namespace-protected", "delete_namespace", what)])
    this = Run(client, scope, settings)
    if not namespace_exists(client, scope.namespace):
        return this.outcome()
    recorded = read_record(client, scope)
    live = _live(client, scope, going, recorded)
    if problems := judge(live):
        raise InvalidInput(problems)
    items = [item for item in live if _goes(scope, item, going)]
    loans, _none = plan_loans(client, scope, (), recorded.loans if recorded else ())
    namespace = KINDS["Namespace"].path(name=scope.namespace)
    try:
        this.write_fields(loans.ending)
        this.delete(item for item in items if item["kind"] != _CLAIM)
        this.delete(item for item in items if item["kind"] == _CLAIM)
        if going.get("Namespace"):
            this.delete([{**client.request("GET", namespace).body, "apiVersion": "v1", "kind": "Namespace"}])
        if settings.wait and not settings.check_mode:
            kinds = ("Pod", _CLAIM) if going.get(_CLAIM) else ("Pod",)
            this.wait_for(Gate("teardown", kinds, _empty), "teardown")
            if going.get("Namespace"):
                _until_gone(client, namespace, this.deadline)
    except Failure as error:
        raise this.failure(error, [ref_of(item) for item in items]) from None
    return this.outcome()


def _live(client: Client, scope: Scope, going: Mapping[str, bool], recorded: Record | None) -> list[Manifest]:
    """The live objects of the stack. Without a record every kind that may be pruned is looked for, where allowed."""
    every = {Listing(kind.name, scope.namespace) for kind in KINDS.values() if kind.prunable and kind.namespaced}
    listings = set(every if recorded is None else recorded.listings)
    if going.get(_CLAIM):
        listings.add(Listing(_CLAIM, scope.namespace))

    def look(listing: Listing) -> list[Manifest]:
        try:
            return listed(client, listing, scope.selector)
        except ApiError as error:
            if error.status == 403 and recorded is None:
                return []
            raise

    items = [item for found in in_parallel(look, sorted(listings)) for item in found]
    record = client.request("GET", record_ref(scope).path, ok=(404,)).body if recorded is not None else None
    known = {ref_of(item) for item in items}
    return items + ([record] if record and record_ref(scope) not in known else [])


def _goes(scope: Scope, item: Manifest, going: Mapping[str, bool]) -> bool:
    if item["metadata"].get("deletionTimestamp"):
        return False
    if item["kind"] == _CLAIM:
        return bool(going.get(_CLAIM))
    kept = KEEP_ANNOTATION in (item["metadata"].get("annotations") or {})
    if item["kind"] == "Secret" and not going.get("Kept" if kept else "Secret"):
        return False
    return kind_of(item).prunable and written_by(item, scope.stack)


def _empty(snapshot: Snapshot) -> Verdict:
    left = [f"{item['kind']} {item['metadata']['name']}" for items in snapshot.objects.values() for item in items]
    return waiting(f"still there: {', '.join(left)}") if left else DONE


def _until_gone(client: Client, path: str, deadline: float) -> None:
    while client.request("GET", path, ok=(404,)).status != 404:
        if time.monotonic() + INTERVAL > deadline:
            raise Failure(f"{path.rpartition('/')[2]}: the namespace is still being deleted (wait_timeout)")
        time.sleep(INTERVAL)
