# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that opens when every ruler pod has loaded its rules; it posts the reload that Thanos needs until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.phases import (
    DONE,
    Gate,
    Snapshot,
    Verdict,
    waiting,
)
from .rules import MARKER_METRIC

Digests = Mapping[str, str]


def rules_gate(namespace: str, expected: Mapping[str, Digests]) -> Gate:
    """A gate over ruler pods. ``expected`` is the instance's name on the server → slot → digest of its rule files."""

    def ask(client: Client, snapshot: Snapshot) -> dict[str, Digests]:
        """The markers that each pod shows; pods with others than expected are asked to reload."""
        loaded: dict[str, Digests] = {}
        for pod, fullname in _pods(snapshot, expected):
            path = f"/api/v1/namespaces/{namespace}/pods/{pod}:10902/proxy"
            answer = client.request("GET", f"{path}/api/v1/rules", ok=range(400, 600))
            loaded[pod] = markers(answer.body) if answer.status == 200 else {}
            if loaded[pod] != expected[fullname]:
                client.request("POST", f"{path}/-/reload", ok=range(400, 600))
        return loaded

    def check(snapshot: Snapshot) -> Verdict:
        loaded: Mapping[str, Digests] = snapshot.answer
        behind = [pod for pod, fullname in _pods(snapshot, expected) if loaded.get(pod) != expected[fullname]]
        return waiting(f"{', '.join(sorted(behind))} have not loaded the new rules yet", *behind) if behind else DONE

    return Gate("rules", ("Pod",), check, ask)


def _pods(snapshot: Snapshot, expected: Mapping[str, Digests]) -> Iterator[tuple[str, str]]:
    """(pod, instance's name on the server) of the pods that are to have the rules."""
    for pod in snapshot.of("Pod"):
        fullname = (pod["metadata"].get("labels") or {}).get("app.kubernetes.io/instance", "")
        if fullname in expected and not pod["metadata"].get("deletionTimestamp"):
            yield pod["metadata"]["name"], fullname


def markers(body: Any) -> dict[str, str]:
    """Digest by slot, from an answer of the rules API."""
    found = {}
    for group in ((body or {}).get("data") or {}).get("groups") or []:
        for rule in group.get("rules") or []:
            if rule.get("name") == MARKER_METRIC:
                labels = rule.get("labels") or {}
                found[str(labels.get("slot"))] = str(labels.get("digest"))
    return found
