# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts as JSON and back, for the tasks of one run that hand them to each other. They hold no value of a Secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .._objstore.identity import Identity
from .._objstore.needs import Needs
from .model import Compactor, Count, Facts, ObjstoreFact


def packed(facts: Facts) -> dict[str, Any]:
    """``facts`` in what JSON knows: lists for tuples and sets, and for a mapping by pairs a list of its entries."""
    plain = asdict(facts)
    return {
        **plain,
        "objstores": [[store, role, fact] for (store, role), fact in plain["objstores"].items()],
        "workloads": sorted(facts.workloads),
        "storage_classes": None if facts.storage_classes is None else sorted(facts.storage_classes),
    }


def unpacked(found: Mapping[str, Any]) -> Facts:
    """The facts that ``packed`` was given. Raises KeyError, TypeError or ValueError for what it did not write."""
    classes = found["storage_classes"]
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
                }
            ),
            "missing": tuple(fact["missing"]),
        }
    )


def _identity(parts: Any) -> Identity | None:
    return None if parts is None else Identity(*parts)
