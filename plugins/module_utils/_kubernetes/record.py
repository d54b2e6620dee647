# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent object of a stack: what no label leads to.

In the manner of ApplySet (Kubernetes enhancement 3659), a ConfigMap remembers every listing (kind and namespace) where
objects of the stack may be, so that pruning finds all of them with one LIST for each and looks nowhere else. Listings
are only ever added. It also remembers each loan: an object of somebody else that has fields of ours, until they are
given back. Every entry has a key of its own, so runs at the same time cannot take each other's away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from .client import Client
from .kinds import KINDS
from .manifest import MANAGED_BY, MANAGED_BY_LABEL, STACK_LABEL, Listing, Manifest, Ref, Scope, field_manager
from .refusals import explained
from .response import ApiError

_MERGE = "application/merge-patch+json"
_LOAN = "loan"


@dataclass(frozen=True, order=True)
class Loan:
    """An object of somebody else on which an instance has fields."""

    instance: str
    ref: Ref


@dataclass(frozen=True)
class Record:
    """What the record remembers."""

    listings: frozenset[Listing] = frozenset()
    loans: frozenset[Loan] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.listings or self.loans)

    def plus(self, other: Record) -> Record:
        """With what the other one remembers."""
        return Record(self.listings | other.listings, self.loans | other.loans)

    def minus(self, other: Record) -> Record:
        """Without what the other one remembers."""
        return Record(self.listings - other.listings, self.loans - other.loans)


def record_ref(scope: Scope) -> Ref:
    """Where the record of a stack is."""
    return Ref("ConfigMap", scope.namespace, f"o11y-thanos-{scope.stack}")


def read_record(client: Client, scope: Scope) -> Record | None:
    """What the record remembers, None where there is no record. Entries in no form of ours are passed over."""
    response = client.request("GET", record_ref(scope).path, ok=(404,))
    if response.status == 404:
        return None
    data = response.body.get("data") or {}
    pairs = (key.partition(".") for key in data)
    loans = (_loan(text) for key, text in data.items() if key.startswith(f"{_LOAN}."))
    return Record(
        frozenset(Listing(kind, namespace) for kind, _unused, namespace in pairs if kind in KINDS),
        frozenset(loan for loan in loans if loan),
    )


def record_of(scope: Scope, record: Record) -> Manifest:
    """The record as a manifest.

    A key ``<Kind>.<namespace>`` for each listing, with the API version as value, and a key ``loan.<digest>`` for each
    loan, with instance and object as JSON.
    """
    ref = record_ref(scope)
    data = {f"{kind}.{namespace}".rstrip("."): KINDS[kind].api_version for kind, namespace in sorted(record.listings)}
    data.update((_key(loan), _text(loan)) for loan in sorted(record.loans))
    metadata = {
        "name": ref.name,
        "namespace": ref.namespace,
        "labels": {MANAGED_BY_LABEL: MANAGED_BY, STACK_LABEL: scope.stack},
    }
    return {"apiVersion": "v1", "kind": ref.kind, "metadata": metadata, "data": data}


def write_record(client: Client, scope: Scope, added: Record, *, exists: bool) -> None:
    """Add to the record, before anything is created there or written to it."""
    ref, manifest = record_ref(scope), record_of(scope, added)
    query = {"fieldManager": field_manager(scope.stack, "")}
    if not exists:
        try:
            client.request("POST", KINDS[ref.kind].path(ref.namespace), query=query, body=manifest)
            return
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise explained(error, ref) from None
    patch = {"metadata": {"labels": manifest["metadata"]["labels"]}, "data": manifest["data"]}
    try:
        client.request("PATCH", ref.path, query=query, body=patch, content_type=_MERGE)
    except ApiError as error:
        raise explained(error, ref) from None


def forget(client: Client, scope: Scope, loans: Iterable[Loan]) -> None:
    """Take loans out of the record, after their fields were given back."""
    patch = {"data": dict.fromkeys(map(_key, loans))}
    query = {"fieldManager": field_manager(scope.stack, "")}
    client.request("PATCH", record_ref(scope).path, query=query, body=patch, content_type=_MERGE, ok=(404,))


def _key(loan: Loan) -> str:
    """A name may be as long as a key, so its digest stands for it."""
    return f"{_LOAN}.{hashlib.sha256(_text(loan).encode()).hexdigest()[:16]}"


def _text(loan: Loan) -> str:
    ref = loan.ref
    return json.dumps({"instance": loan.instance, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name})


def _loan(text: str) -> Loan | None:
    try:
        parts = json.loads(text)
        loan = Loan(parts["instance"], Ref(parts["kind"], parts["namespace"], parts["name"]))
    except (KeyError, TypeError, ValueError):
        return None
    return loan if loan.ref.kind in KINDS else None
