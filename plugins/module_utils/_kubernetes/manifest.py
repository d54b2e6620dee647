# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine knows of a Kubernetes object: who it is, whose it is, and the one form in which it is sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from .kinds import KINDS, Kind

Manifest = dict[str, Any]

MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY = "o11y.thanos"
STACK_LABEL = "o11y.thanos/stack"
INSTANCE_LABEL = "o11y.thanos/instance"
# On a Secret: what pods need beside it, as JSON.
PODS_ANNOTATION = "o11y.thanos/pods"
# On a Secret that outlives a teardown, unless that says otherwise.
KEEP_ANNOTATION = "o11y.thanos/keep"

_QUANTITY = re.compile(r"([+-]?[0-9]*\.?[0-9]+|[+-]?[0-9]+\.)(?:([eE][+-]?[0-9]{1,3})|(n|u|m|k|[KMGTPE]i?))?")
_UNITS = {
    **{unit: Fraction(1, 1000**power) for power, unit in enumerate(("m", "u", "n"), 1)},
    **{unit: Fraction(1000**power) for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Fraction(1024**power) for power, unit in enumerate("KMGTPE", 1)},
}


@dataclass(frozen=True, order=True)
class Ref:
    """Which object: kind name, namespace (empty for cluster-scoped kinds), name."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def path(self) -> str:
        """The object's path on the API server."""
        return KINDS[self.kind].path(self.namespace, self.name)


class Listing(NamedTuple):
    """One LIST: the objects of a kind in one namespace (empty for cluster-scoped kinds)."""

    kind: str
    namespace: str


@dataclass(frozen=True)
class Scope:
    """What a run may touch: the instances of one stack that are named, or with ``None`` every instance of it.

    ``namespace`` is the stack's; manifests without a namespace land in it. Objects of the stack that carry no
    instance label belong to no instance, and only a teardown removes them.
    """

    stack: str
    namespace: str
    instances: frozenset[str] | None = None

    def __post_init__(self) -> None:
        """To the server an empty namespace is all of them."""
        if not self.stack or not self.namespace:
            raise ValueError("a scope without a stack or a namespace")

    @property
    def selector(self) -> str:
        """Label selector of the stack's objects."""
        return f"{STACK_LABEL}={self.stack}"

    def includes(self, instance: str) -> bool:
        """Whether objects that carry this instance label may be pruned by the run."""
        return bool(instance) and (self.instances is None or instance in self.instances)


def labels(stack: str, instance: str) -> dict[str, str]:
    """The labels that make an object ours."""
    return {MANAGED_BY_LABEL: MANAGED_BY, STACK_LABEL: stack, INSTANCE_LABEL: instance}


def field_manager(stack: str, instance: str) -> str:
    """The name under which the server notes which fields we wrote; empty ``instance`` for the stack's own objects."""
    return f"o11y.thanos/{stack}/{instance}"


def borrower(stack: str, instance: str) -> str:
    """The name under which we write fields of an object that is not ours.

    It does not begin as ``field_manager`` does, so such an object is never taken for one that we made.
    """
    return f"o11y.thanos-fields/{stack}/{instance}"


def ref_of(manifest: Mapping[str, Any], namespace: str = "") -> Ref:
    """The object's identity; ``namespace`` is used where the manifest of a namespaced kind names none."""
    kind, meta = KINDS[manifest["kind"]], manifest["metadata"]
    return Ref(kind.name, (meta.get("namespace") or namespace) if kind.namespaced else "", meta["name"])


def kind_of(manifest: Mapping[str, Any]) -> Kind:
    """The row of the table of kinds."""
    return KINDS[manifest["kind"]]


def label_of(item: Mapping[str, Any], label: str) -> str:
    """A label's value, empty where it is absent."""
    return str((item["metadata"].get("labels") or {}).get(label, ""))


def managers_of(item: Mapping[str, Any]) -> list[str]:
    """Who wrote fields of a live object, status writers left out."""
    entries = item["metadata"].get("managedFields") or []
    return sorted({str(e.get("manager", "")) for e in entries if not e.get("subresource")})


def written_by(item: Mapping[str, Any], stack: str) -> bool:
    """Whether one of the stack's field managers wrote to a live object."""
    return any(manager.startswith(field_manager(stack, "")) for manager in managers_of(item))


def written_for(item: Mapping[str, Any], stack: str, instance: str) -> bool:
    """Whether the field manager of an instance wrote to a live object."""
    return field_manager(stack, instance) in managers_of(item)


def prepared(manifest: Manifest, namespace: str) -> Manifest:
    """A copy in the form that is sent: ``None`` dropped, namespace filled in, a Secret's stringData as data."""
    result: Manifest = _without_none(manifest)
    if kind_of(result).namespaced:
        result["metadata"].setdefault("namespace", namespace)
    texts = result.pop("stringData", None) if result["kind"] == "Secret" else None
    if texts:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        result["data"] = {**result.get("data", {}), **encoded}
    return result


def quantity(value: Any) -> Fraction | None:
    """A Kubernetes quantity (``1000m``, ``0.5``, ``10Gi``, 1) as a number, None where it is none."""
    match = _QUANTITY.fullmatch(str(value))
    if isinstance(value, bool) or match is None:
        return None
    number, exponent, unit = match.groups()
    return Fraction(number + (exponent or "")) * _UNITS.get(unit or "", Fraction(1))


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(item) for item in value]
    return value
