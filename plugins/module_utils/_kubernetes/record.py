# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent object of a stack: which kinds it ever used, and in which namespaces.

In the manner of ApplySet (Kubernetes enhancement 3659), a ConfigMap remembers every listing (kind and namespace) where
objects of the stack may be, so that pruning finds all of them with one LIST for each and looks nowhere else. Listings
are only ever added, each under a key of its own, so runs at the same time cannot take each other's away.
"""

from __future__ import annotations

from collections.abc import Iterable

from .client import ApiError, Client
from .kinds import KINDS
from .manifest import MANAGED_BY, MANAGED_BY_LABEL, STACK_LABEL, Listing, Manifest, Ref, Scope, field_manager


def record_ref(scope: Scope) -> Ref:
    """Where the record of a stack is."""
    return Ref("ConfigMap", scope.namespace, f"o11y-thanos-{scope.stack}")


def read_record(client: Client, scope: Scope) -> frozenset[Listing] | None:
    """The listings that the record names, None where there is no record."""
    response = client.request("GET", record_ref(scope).path, ok=(404,))
    if response.status == 404:
        return None
    pairs = (key.partition(".") for key in response.body.get("data") or {})
    return frozenset(Listing(kind, namespace) for kind, _unused, namespace in pairs if kind in KINDS)


def record_of(scope: Scope, listings: Iterable[Listing]) -> Manifest:
    """The record as a manifest: a key ``<Kind>.<namespace>`` for each listing, with the API version as value."""
    ref = record_ref(scope)
    data = {f"{kind}.{namespace}".rstrip("."): KINDS[kind].api_version for kind, namespace in sorted(listings)}
    metadata = {
        "name": ref.name,
        "namespace": ref.namespace,
        "labels": {MANAGED_BY_LABEL: MANAGED_BY, STACK_LABEL: scope.stack},
    }
    return {"apiVersion": "v1", "kind": ref.kind, "metadata": metadata, "data": data}


def write_record(client: Client, scope: Scope, listings: Iterable[Listing], *, exists: bool) -> None:
    """Add listings to the record, before anything is created there."""
    ref, manifest = record_ref(scope), record_of(scope, listings)
    query = {"fieldManager": field_manager(scope.stack, "")}
    if not exists:
        try:
            client.request("POST", KINDS[ref.kind].path(ref.namespace), query=query, body=manifest)
            return
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
    patch = {"metadata": {"labels": manifest["metadata"]["labels"]}, "data": manifest["data"]}
    client.request("PATCH", ref.path, query=query, body=patch, content_type="application/merge-patch+json")
