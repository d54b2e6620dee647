# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that opens when the Prometheis of others run with the sidecar that was added to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import Ref
from .._kubernetes.phases import DONE, Gate, Snapshot, Verdict, failed, waiting
from .._kubernetes.readiness import Patience, rollout
from .existing import CONTAINER, STATEFUL_SET
from .model import Existing, Manifest


def existing_gate(namespace: str, existing: Iterable[Existing]) -> Gate:
    """A gate over these: they carry no label of ours, so that it reads them itself."""
    several = tuple(existing)

    def read(client: Client, _snapshot: Snapshot) -> dict[str, tuple[Manifest, ...]]:
        objects: dict[str, tuple[Manifest, ...]] = {}
        for each in several:
            row = KINDS[each.kind]
            answer = client.request("GET", row.path(namespace, each.name), ok=(404,))
            live = [] if answer.status == 404 else [{**answer.body, "kind": row.name, "apiVersion": row.api_version}]
            query = {"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(each.selector.items()))}
            pods = client.request("GET", KINDS["Pod"].path(namespace), query=query).body["items"]
            objects[each.kind] = (*objects.get(each.kind, ()), *live)
            objects["Pod"] = (*objects.get("Pod", ()), *pods)
        return objects

    def check(snapshot: Snapshot) -> Verdict:
        found = replace(snapshot, objects={**snapshot.objects, "PersistentVolumeClaim": (), **(snapshot.answer or {})})
        verdicts = [_verdict(found, each, namespace) for each in several]
        broken = [verdict.reason for verdict in verdicts if verdict.state == "failed"]
        behind = [verdict.reason for verdict in verdicts if verdict.state == "waiting"]
        pods = [pod for verdict in verdicts for pod in verdict.pods]
        if broken:
            return failed("; ".join(broken), *pods)
        return waiting("; ".join(behind), *pods) if behind else DONE

    return Gate("sidecars beside others", ("Event",), check, read)


def _verdict(snapshot: Snapshot, existing: Existing, namespace: str) -> Verdict:
    ref = Ref(existing.kind, namespace, existing.name)
    if existing.kind == STATEFUL_SET:
        return rollout(snapshot, ref, Patience())
    live = snapshot.get(existing.kind, existing.name)
    if live is None:
        return waiting(f"{ref} does not exist")
    lacks = _lacks(live, existing.replicas) or _unlike(live, _pods_of(snapshot, existing), existing.replicas)
    return waiting(f"{ref}: {lacks}") if lacks else DONE


def _lacks(live: Mapping[str, Any], wanted: int) -> str:
    """What the operator has still to do, by the status that it writes."""
    status = live.get("status") or {}
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    reconciled = conditions.get("Reconciled") or {}
    if reconciled.get("status") == "False":
        return f"the operator cannot do it: {reconciled.get('message') or reconciled.get('reason', 'no reason given')}"
    if reconciled.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "the operator has not seen the new generation"
    for word in ("updated", "available"):
        count = status.get(f"{word}Replicas", 0)
        if count < wanted:
            return f"{count} of {wanted} pods {word}"
    return ""


def _pods_of(snapshot: Snapshot, existing: Existing) -> list[Manifest]:
    """Its pods among those that were read."""
    wanted = existing.selector.items()
    return [pod for pod in snapshot.objects["Pod"] if wanted <= (pod["metadata"].get("labels") or {}).items()]


def _unlike(live: Mapping[str, Any], pods: Iterable[Manifest], wanted: int) -> str:
    """How many pods have still to be made as the resource says: the operator may call a generation reconciled and its
    pods updated before it has changed what they are made from.
    """
    marks = ((live["spec"].get("podMetadata") or {}).get("annotations") or {}).items()
    made = [
        pod
        for pod in pods
        if marks <= (pod["metadata"].get("annotations") or {}).items()
        and "deletionTimestamp" not in pod["metadata"]
        and any(each["name"] == CONTAINER for each in pod["spec"]["containers"])
    ]
    return "" if len(made) >= wanted else f"{len(made)} of {wanted} pods have the sidecar as it is wanted"
