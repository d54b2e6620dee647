# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that opens when every ruler pod has loaded its rules; it posts the reload that Thanos needs until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .._kubernetes.client import Client
from .._kubernetes.phases import (
    DONE,
    Gate,
    Snapshot,
    Verdict,
    failed,
    waiting,
)
from .pod_pages import ANSWERS, pods_of, said
from .prefix import args_of, as_run_by
from .rule_files import MARKER_FILE, config_map_name, slots
from .rule_sets import RuleSet, differences, rule_set
from .workloads import Workload

# Seconds until a changed ConfigMap is in every pod; what is refused after that are the new rules.
_ARRIVED = 120


@dataclass(frozen=True)
class Loaded:
    """What a pod shows: how it differs from what was given, why it refused to reload, and what else was answered.

    All empty: the pod has loaded what was given.
    """

    differences: tuple[str, ...] = ()
    refusal: str = ""
    unanswered: str = ""

    def __str__(self) -> str:
        if self.refusal:
            return f"refuses the rules: {self.refusal}"
        return self.unanswered or f"without the new rules yet: {_few(self.differences)}"


_UNASKED = Loaded(unanswered="not asked yet")


@dataclass(frozen=True)
class Ruler:
    """A workload that evaluates rules, and its rule files."""

    workload: Workload
    files: Mapping[str, str]

    @cached_property
    def given(self) -> RuleSet:
        """What it must have loaded."""
        return rule_set(self.files)

    @cached_property
    def config_maps(self) -> dict[str, dict[str, str]]:
        """The data of its ConfigMaps by name."""
        return {config_map_name(self.workload.instance, i): slot for i, slot in enumerate(slots(self.files))}


def rules_gate(namespace: str, expected: Mapping[str, Ruler]) -> Gate:
    """A gate over ruler pods; ``expected`` is by the workload's name."""

    pods = f"/api/v1/namespaces/{namespace}/pods"
    # The uids of pods that showed other rules in this run: one that shows what was given after that has read it.
    outdated: set[str] = set()

    def ask(client: Client, snapshot: Snapshot) -> dict[str, Loaded]:
        """What each pod shows; pods that show something else than expected, or may do so, are asked to reload."""
        loaded: dict[str, Loaded] = {}
        for pod, ruler in pods_of(snapshot, expected):
            name, workload = pod["metadata"]["name"], ruler.workload
            running = args_of(pod).get(workload.container, ())
            channel = as_run_by(workload.channel("http"), running, workload.instance.tier)
            if channel.closed:
                continue
            path = f"{channel.proxy(namespace, name)}{channel.prefix}"
            shown = _shown(client, path, ruler)
            if shown.differences:
                outdated.add(pod["metadata"]["uid"])
            if shown != Loaded() or _repaired(snapshot, ruler):
                answer = client.request("POST", f"{path}/-/reload", ok=ANSWERS)
                if answer.status == 500 and answer.body is None:
                    told = [answer.text.strip(), *_logged(client, f"{pods}/{name}/log", workload.container)]
                    shown = replace(shown, refusal=client.mask("; ".join(told)[:2000]))
            loaded[name] = shown
        return loaded

    def check(snapshot: Snapshot) -> Verdict:
        closed = {p["metadata"]["name"]: r.workload.channel("http").closed for p, r in pods_of(snapshot, expected)}
        if unasked := sorted(pod for pod, why in closed.items() if why):
            # Thanos reloads when it is told to, so that waiting would be in vain.
            return failed(f"{', '.join(unasked)} cannot be told to load the rules: {closed[unasked[0]]}", *unasked)
        loaded: Mapping[str, Loaded] = snapshot.answer
        late = (snapshot.now - snapshot.started).total_seconds() >= _ARRIVED
        names = sorted(pod["metadata"]["name"] for pod, _ruler in pods_of(snapshot, expected))
        behind = {name: shown for name in names if (shown := loaded.get(name, _UNASKED)) != Loaded()}
        if late and any(shown.refusal for shown in behind.values()):
            return failed(_sentence({n: s for n, s in behind.items() if s.refusal}), *behind)
        if behind:
            return waiting(_sentence(behind), *behind)
        unsure = [
            (pod["metadata"]["name"], ruler)
            for pod, ruler in pods_of(snapshot, expected)
            if _repaired(snapshot, ruler)
            # A kubelet swaps all files of a ConfigMap at once; of two, one may be there and the other not.
            if pod["metadata"]["uid"] not in outdated or len(_written(snapshot, ruler)) > 1
        ]
        if unsure and not late:
            repaired = ", ".join(sorted({name for _pod, ruler in unsure for name in _repaired(snapshot, ruler)}))
            what = "was edited by hand and is repaired; nothing tells when the repaired rules reach"
            return waiting(
                f"{repaired} {what} {', '.join(name for name, _ruler in unsure)}, so each is reloaded for {_ARRIVED} s"
            )
        return DONE

    return Gate("rules", ("Pod",), check, ask)


def _shown(client: Client, path: str, ruler: Ruler) -> Loaded:
    """What the pod behind ``path`` has loaded, or what was answered in its place."""
    answer = client.request("GET", f"{path}/api/v1/rules", ok=ANSWERS)
    if answer.status != 200:
        return Loaded(unanswered=f"without an answer about rules; {said(client, answer)}")
    return Loaded(tuple(differences(ruler.given, (answer.body or {}).get("data"))))


def _repaired(snapshot: Snapshot, ruler: Ruler) -> list[str]:
    """The ConfigMaps in which this run has replaced files, but no digest, since that was what it had to be.

    So somebody edited them by hand. A reload before they are in the pods is in vain, and nothing tells when they are.
    """
    found = []
    for name, had in _written(snapshot, ruler).items():
        wanted = ruler.config_maps[name]
        marker = next(file for file in wanted if file.startswith(MARKER_FILE))
        found += [name] if had.get(marker) == wanted[marker] else []
    return found


def _written(snapshot: Snapshot, ruler: Ruler) -> dict[str, Mapping[str, str]]:
    """The ConfigMaps of a ruler that this run has changed, and the files that were in them."""
    before = {ref.name: was.get("data") or {} for ref, was in snapshot.before.items() if ref.kind == "ConfigMap"}
    return {name: had for name, had in before.items() if had != ruler.config_maps.get(name, had)}


def _sentence(shown: Mapping[str, Loaded]) -> str:
    """What pods show; those that show the same are named together."""
    pods: dict[str, list[str]] = {}
    for name, each in shown.items():
        pods.setdefault(str(each), []).append(name)
    return "; ".join(f"{', '.join(names)}: {what}" for what, names in pods.items())


def _few(phrases: Sequence[str]) -> str:
    more = f" and {len(phrases) - 3} more differences" if len(phrases) > 3 else ""
    return "; ".join(phrases[:3]) + more


def _logged(client: Client, path: str, container: str) -> list[str]:
    """What the ruler's log says of its last attempt to load rules: the answer to a reload names no file."""
    query = {"container": container, "tailLines": "50"}
    answer = client.request("GET", path, query=query, accept="*/*", ok=range(400, 600))
    lines = answer.text.splitlines() if answer.status < 400 else []
    return [line for line in lines if "loading groups failed" in line][-1:]
