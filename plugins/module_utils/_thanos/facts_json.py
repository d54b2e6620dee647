# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts as JSON and back, for the tasks of one run that hand them to each other. They hold no value of a Secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .._findings import Finding
from .._objstore.identity import Identity
from .._objstore.needs import Needs
from .hashring.rings import Hashring, Ingestor, IngestorState, RingFacts
from .model import Compactor, Count, Dialled, Existing, Facts, Front, Node, ObjstoreFact, Replica, TlsFact

# What of a finding is no text.
_TUPLES = ("options", "names")


def packed(facts: Facts) -> dict[str, Any]:
    """``facts`` in what JSON knows: lists for tuples and sets, and for a mapping by pairs a list of its entries."""
    plain = asdict(facts)
    return {
        **plain,
        "objstores": [[store, role, fact] for (store, role), fact in plain["objstores"].items()],
        "workloads": sorted(facts.workloads),
        "storage_classes": None if facts.storage_classes is None else sorted(facts.storage_classes),
        "secured": sorted(facts.secured),
    }


def unpacked(found: Mapping[str, Any]) -> Facts:
    """The facts that ``packed`` was given. Raises KeyError, TypeError or ValueError for what it did not write."""
    classes, nodes = found["storage_classes"], found["nodes"]
    return Facts(
        **{
            **found,
            "objstores": {(store, role): _objstore(fact) for store, role, fact in found["objstores"]},
            "workloads": frozenset(found["workloads"]),
            "claims": {name: (size, storage_class) for name, (size, storage_class) in found["claims"].items()},
            "volumes": {name: (asked, has) for name, (asked, has) in found["volumes"].items()},
            "storage_classes": None if classes is None else frozenset(classes),
            "compactors": tuple(Compactor(each["where"], _identity(each["identity"])) for each in found["compactors"]),
            "counts": {name: Count(**count) for name, count in found["counts"].items()},
            "files": {name: None if keys is None else tuple(keys) for name, keys in found["files"].items()},
            "certificates": {
                name: TlsFact(**{**fact, "empty": tuple(fact["empty"])}) for name, fact in found["certificates"].items()
            },
            "rings": {name: _rings(facts) for name, facts in found["rings"].items()},
            "dialled": {name: Dialled(**each) for name, each in found["dialled"].items()},
            "existing": {name: tuple(map(_existing, several)) for name, several in found["existing"].items()},
            "discovered": {name: tuple(addresses) for name, addresses in found["discovered"].items()},
            "secured": frozenset(found["secured"]),
            "fronts": {name: Front(**front) for name, front in found["fronts"].items()},
            "nodes": None if nodes is None else tuple(Node(**node) for node in nodes),
            "unfit": tuple(Finding(**{**each, **{k: tuple(each[k]) for k in _TUPLES}}) for each in found["unfit"]),
            "former": {name: Identity(*parts) for name, parts in found["former"].items()},
            "warnings": tuple(found["warnings"]),
        }
    )


def _objstore(fact: Mapping[str, Any]) -> ObjstoreFact:
    needs = fact["needs"]
    return ObjstoreFact(
        **{
            **fact,
            "identity": _identity(fact["identity"]),
            "needs": Needs(
                **{
                    **needs,
                    "env": {name: (secret, key) for name, (secret, key) in needs["env"].items()},
                    "bucket": _identity(needs["bucket"]),
                    "files": tuple(needs["files"]),
                }
            ),
            "missing": tuple(fact["missing"]),
        }
    )


def _rings(facts: Mapping[str, Any]) -> RingFacts:
    current = facts["current"]
    return RingFacts(
        None if current is None else tuple(map(_hashring, current)),
        {address: IngestorState(**state) for address, state in facts["live"].items()},
        dict(facts["sizes"]),
    )


def _hashring(ring: Mapping[str, Any]) -> Hashring:
    members = tuple(Ingestor(**member) for member in ring["members"])
    return Hashring(**{**ring, "members": members, "tenants": tuple(ring["tenants"])})


def _existing(found: Mapping[str, Any]) -> Existing:
    lists = {name: tuple(value) for name, value in found.items() if isinstance(value, (list, tuple))}
    return Existing(**{**found, **lists, "pods": tuple(Replica(**each) for each in found["pods"])})


def _identity(parts: Any) -> Identity | None:
    return None if parts is None else Identity(*parts)
