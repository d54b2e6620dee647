# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that opens when every ruler pod has loaded its rules; it posts the reload that Thanos needs until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.phases import (
    DONE,
    Gate,
    Snapshot,
    Verdict,
    failed,
    waiting,
)
from .model import Manifest
from .prefix import args_of, as_run_by
from .rule_files import MARKER_METRIC
from .workloads import Workload

Digests = Mapping[str, str]
# A refusal by the API server itself, or by what guards the pod, does not pass: it is no answer but an error.
_ANSWERS = frozenset(range(400, 600)) - {403}
# Seconds until a changed ConfigMap is in every pod; what is refused after that are the new rules.
_ARRIVED = 120


@dataclass(frozen=True)
class Loaded:
    """What a pod shows: its markers, and why it refused to reload where it did."""

    digests: Digests = field(default_factory=dict)
    refusal: str = ""


@dataclass(frozen=True)
class Ruler:
    """A workload that evaluates rules, and slot → digest of the rule files that it must have loaded."""

    workload: Workload
    digests: Digests


def rules_gate(namespace: str, expected: Mapping[str, Ruler]) -> Gate:
    """A gate over ruler pods; ``expected`` is by the workload's name."""

    pods = f"/api/v1/namespaces/{namespace}/pods"

    def ask(client: Client, snapshot: Snapshot) -> dict[str, Loaded]:
        """What each pod shows; pods with other markers than expected are asked to reload."""
        loaded: dict[str, Loaded] = {}
        for pod, ruler in _pods(snapshot, expected):
            name, workload = pod["metadata"]["name"], ruler.workload
            running = args_of(pod).get(workload.container, ())
            channel = as_run_by(workload.channel("http"), running, workload.instance.tier)
            if channel.closed:
                continue
            path = f"{channel.proxy(namespace, name)}{channel.prefix}"
            answer = client.request("GET", f"{path}/api/v1/rules", ok=_ANSWERS)
            shown = markers(answer.body) if answer.status == 200 else {}
            refusal = ""
            if shown != ruler.digests:
                answer = client.request("POST", f"{path}/-/reload", ok=_ANSWERS)
                if answer.status == 500 and answer.body is None:
                    told = [answer.text.strip(), *_logged(client, f"{pods}/{name}/log", workload.container)]
                    refusal = client.mask("; ".join(told)[:2000])
            loaded[name] = Loaded(shown, refusal)
        return loaded

    def check(snapshot: Snapshot) -> Verdict:
        closed = {p["metadata"]["name"]: r.workload.channel("http").closed for p, r in _pods(snapshot, expected)}
        if unasked := sorted(pod for pod, why in closed.items() if why):
            # Thanos reloads when it is told to, so that waiting would be in vain.
            return failed(f"{', '.join(unasked)} cannot be told to load the rules: {closed[unasked[0]]}", *unasked)
        loaded: Mapping[str, Loaded] = snapshot.answer
        shown = {pod["metadata"]["name"]: ruler.digests for pod, ruler in _pods(snapshot, expected)}
        behind = sorted(pod for pod, digests in shown.items() if loaded.get(pod, Loaded()).digests != digests)
        refused = [f"{pod} refuses its rules: {why}" for pod in behind if (why := loaded.get(pod, Loaded()).refusal)]
        if refused and (snapshot.now - snapshot.started).total_seconds() >= _ARRIVED:
            return failed("; ".join(refused), *behind)
        text = "; ".join([f"{', '.join(behind)} have not loaded the new rules yet", *refused])
        return waiting(text, *behind) if behind else DONE

    return Gate("rules", ("Pod",), check, ask)


def _logged(client: Client, path: str, container: str) -> list[str]:
    """What the ruler's log says of its last attempt to load rules: the answer to a reload names no file."""
    query = {"container": container, "tailLines": "50"}
    answer = client.request("GET", path, query=query, accept="*/*", ok=range(400, 600))
    lines = answer.text.splitlines() if answer.status < 400 else []
    return [line for line in lines if "loading groups failed" in line][-1:]


def _pods(snapshot: Snapshot, expected: Mapping[str, Ruler]) -> Iterator[tuple[Manifest, Ruler]]:
    """The pods that are to have the rules, each with its ruler."""
    for pod in snapshot.of("Pod"):
        ruler = expected.get((pod["metadata"].get("labels") or {}).get("app.kubernetes.io/instance", ""))
        if ruler and not pod["metadata"].get("deletionTimestamp"):
            yield pod, ruler


def markers(body: Any) -> dict[str, str]:
    """Digest by slot, from an answer of the rules API."""
    found = {}
    for group in ((body or {}).get("data") or {}).get("groups") or []:
        for rule in group.get("rules") or []:
            if rule.get("name") == MARKER_METRIC:
                labels = rule.get("labels") or {}
                found[str(labels.get("slot"))] = str(labels.get("digest"))
    return found
