# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done: one LIST for each kind and namespace in use; and whether anything in the way is not ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .._errors import Failure
from .apis import listed
from .client import Client, in_parallel
from .compare import differences, former_managers
from .kinds import KINDS
from .manifest import (
    INSTANCE_LABEL,
    STACK_LABEL,
    Listing,
    Manifest,
    Ref,
    Scope,
    field_manager,
    kind_of,
    label_of,
    managers_of,
    ref_of,
    written_by,
    written_for,
)
from .refusals import frozen


@dataclass(frozen=True)
class Step:
    """One wanted object: what is there now (None: nothing), and why it must be applied (nothing: it need not).

    ``former`` are managers of other instances whose remains are given up once the object is applied.
    """

    ref: Ref
    manager: str
    desired: Manifest
    live: Manifest | None = None
    reasons: tuple[str, ...] = ()
    former: tuple[str, ...] = ()

    @property
    def due(self) -> bool:
        """Whether a PATCH has to be sent."""
        return self.live is None or bool(self.reasons)


@dataclass(frozen=True)
class Plan:
    """A step for every wanted object, and the live objects that nobody wants any longer."""

    steps: Mapping[Ref, Step]
    prune: tuple[Manifest, ...] = ()


def listings_of(manifests: Iterable[Manifest]) -> frozenset[Listing]:
    """The LISTs that find these manifests' live objects."""
    return frozenset(Listing(m["kind"], m["metadata"].get("namespace", "")) for m in manifests)


def make_plan(
    client: Client,
    scope: Scope,
    manifests: Iterable[Manifest],
    listings: Iterable[Listing],
    problems: Iterable[str] = (),
) -> Plan:
    """Make every LIST (those of the record, those of the manifests) and compare. Writes nothing.

    :param problems: what speaks against the run already.
    :raises Failure: these, and objects that are not ours whose names we need; all of them at once.
    """
    wanted = {ref_of(manifest): manifest for manifest in manifests}
    live = list_objects(client, scope, {*listings, *listings_of(wanted.values())})
    missing = [ref for ref in wanted if ref not in live]
    found, taken = _taken(client, scope, missing, wanted)
    steps = {ref: step_of(scope, ref, wanted[ref], live.get(ref) or found.get(ref)) for ref in wanted}
    refuse((*problems, *taken, *(text for step in steps.values() for text in _obstacles(scope, step))))
    return Plan(steps, tuple(item for ref, item in live.items() if ref not in wanted and _unwanted(scope, item)))


def refuse(problems: Iterable[str], begin: str = "this task changed nothing:") -> None:
    """End the run, before it changed anything, where there are problems."""
    lines = [f"- {text}" for text in sorted(problems)]
    if lines:
        raise Failure("\n".join([begin, *lines]))


def blank_plan(scope: Scope, manifests: Iterable[Manifest]) -> Plan:
    """The plan for a namespace that does not exist: create everything."""
    return Plan({ref: step_of(scope, ref, manifest, None) for manifest in manifests for ref in [ref_of(manifest)]})


def list_objects(client: Client, scope: Scope, listings: Iterable[Listing]) -> dict[Ref, Manifest]:
    """Every live object of the stack in these listings, by one LIST each."""

    def look(listing: Listing) -> list[Manifest]:
        return listed(client, listing, scope.selector)

    return {ref_of(item): item for items in in_parallel(look, sorted(listings)) for item in items}


def step_of(scope: Scope, ref: Ref, desired: Manifest, live: Manifest | None) -> Step:
    """Compare one wanted object with what is there."""
    manager = field_manager(scope.stack, label_of(desired, INSTANCE_LABEL))
    step = Step(ref, manager, desired, live)
    if live is None:
        return step
    former = former_managers(live, scope.stack, manager)
    reasons = (*differences(desired, live, manager), *(f"still has fields of {name}" for name in former))
    return replace(step, reasons=reasons, former=former)


def owner_of(item: Manifest) -> str:
    """Who made a foreign object, in words."""
    metadata = item["metadata"]
    release = (metadata.get("annotations") or {}).get("meta.helm.sh/release-name")
    if release:
        return f"is managed by Helm (release {release})"
    stack = label_of(item, STACK_LABEL)
    if stack:
        return f"belongs to the stack '{stack}'"
    label = label_of(item, "app.kubernetes.io/managed-by")
    if label and label != "o11y.thanos":
        return f"is managed by {label}"
    managers = ", ".join(managers_of(item))
    return f"was made by {managers}" if managers else "was not made by this collection"


def _taken(
    client: Client, scope: Scope, missing: Iterable[Ref], wanted: Mapping[Ref, Manifest]
) -> tuple[dict[Ref, Manifest], list[str]]:
    """Look for missing names among the objects without our label: those that lost it, and who has the others."""

    def look(listing: Listing) -> list[Manifest]:
        selector = f"{STACK_LABEL}!={scope.stack}"
        return listed(client, listing, selector, metadata_only=True)

    def read(ref: Ref) -> tuple[Ref, Manifest | None]:
        response = client.request("GET", ref.path, ok=(404,))
        kind = KINDS[ref.kind]
        item = {**(response.body or {}), "apiVersion": kind.api_version, "kind": kind.name}
        return ref, None if response.status == 404 else item

    names = set(missing)
    listings = listings_of(wanted[ref] for ref in names)
    others = {ref_of(item): item for items in in_parallel(look, sorted(listings)) for item in items}
    taken = {ref: item for ref, item in others.items() if ref in names}
    foreign = [
        f"{ref} exists and {owner_of(item)}; give the instance another name (or fullname), or remove the object"
        for ref, item in taken.items()
        if not written_by(item, scope.stack)
    ]
    lost = [ref for ref, item in taken.items() if written_by(item, scope.stack)]
    return {ref: item for ref, item in in_parallel(read, sorted(lost)) if item is not None}, foreign


def _obstacles(scope: Scope, step: Step) -> list[str]:
    """What speaks against applying over the live object, although it is the stack's."""
    if step.live is None:
        return []
    if step.live["metadata"].get("deletionTimestamp"):
        return [f"{step.ref} is being deleted; run again when it is gone"]
    owner, instance = label_of(step.live, INSTANCE_LABEL), label_of(step.desired, INSTANCE_LABEL)
    if owner in ("", instance) or scope.includes(owner) or not written_for(step.live, scope.stack, owner):
        text = frozen(step.ref, step.desired, step.live, step.reasons)
        return [text] if text else []
    return [f"{step.ref} belongs to the instance '{owner}' of this stack; give '{instance}' another name (or fullname)"]


def _unwanted(scope: Scope, item: Manifest) -> bool:
    """Whether a live object that is not rendered goes: only what we made for an instance that this run covers."""
    instance = label_of(item, INSTANCE_LABEL)
    return (
        kind_of(item).prunable
        and scope.includes(instance)
        and written_for(item, scope.stack, instance)
        and not item["metadata"].get("deletionTimestamp")
    )
