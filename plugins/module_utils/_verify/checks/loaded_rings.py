# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every router has loaded the hashrings that the cluster has, and every member of these is ready.

A router's readiness says nothing of its rings, and its counters of failed forwards hardly move while an ingestor is
away: so members are counted, and the file is told by the hash that the router shows.
"""

from __future__ import annotations

from ..._findings import Finding
from ..._kubernetes.kinds import KINDS
from ..._thanos.hashring.ring_file import RING_KEY, hashes_of, read_rings, ring_config_map
from ..._thanos.hashring.rings import Hashring
from ..._thanos.model import Instance
from ..._thanos.receive_rings import idle_rings
from ..._thanos.tier import Duty
from ..answers import Answers, Question, metrics_of, silent
from ..expect import Expectations
from ..report import failed, passed, pending, plural

_HASH = "thanos_receive_config_hash"


def hashrings(expected: Expectations, answers: Answers) -> list[Finding]:
    """A line for each instance with routers when all is well, else one for each router and ring that is not."""
    lines: list[Finding] = []
    for instance in {p.instance.fullname: p.instance for p in expected.doing(Duty.ROUTE)}.values():
        path = KINDS["ConfigMap"].path(expected.namespace, ring_config_map(instance.fullname))
        reply = answers.reply(Question(path, ""))
        if reply.error:
            lines.append(pending(f"its hashrings cannot be read: {reply.error}", instance.name))
            continue
        text = str((reply.body.get("data") or {}).get(RING_KEY, ""))
        try:
            rings = read_rings(text)
        except ValueError as error:
            lines.append(failed("its hashrings are broken", instance.name, "a hashring file", str(error), "run deploy"))
            continue
        lines += _of(instance, text, rings, expected, answers)
    return lines


def _of(
    instance: Instance, text: str, rings: tuple[Hashring, ...], expected: Expectations, answers: Answers
) -> list[Finding]:
    lines = [line for ring in rings for line in _members(ring, instance, answers)]
    lines += _not_yet(instance, rings, expected)
    routers = [p for p in expected.doing(Duty.ROUTE) if p.instance.fullname == instance.fullname]
    lines += answers.waiting(routers)
    refused = taken = 0.0
    for pod in answers.ready(*routers):
        reply = answers.reply(metrics_of(pod))
        if reply.error:
            lines.append(silent(pod, reply))
            continue
        if reply.body.total(_HASH) not in hashes_of(text):
            message = "has not loaded the hashrings that the cluster has"
            every = instance["hashring_refresh_interval"]
            advice = f"a router looks every {every}, once its node has the file; its log says what it refuses"
            found = f"{_HASH} {reply.body.total(_HASH):.0f}"
            lines.append(failed(message, pod.name, "the hash of the file", found, advice))
        codes = reply.body.by("http_requests_total", "code", handler="receive")
        refused += sum(count for code, count in codes.items() if code.startswith("5"))
        taken += sum(codes.values())
    if lines:
        return lines
    told = f"; {refused:.0f} of {taken:.0f} writes refused since the routers started" if refused else ""
    sizes = ", ".join(f"{ring.name} of {plural(len(ring.members), 'ingestor')}" for ring in rings)
    count = sum(p.replicas for p in routers)
    idle = ", ".join(idle_rings(instance))
    besides = f"; without tenants: {idle}" if idle else ""
    return [passed(f"{sizes}, loaded by {plural(count, 'router')}{besides}{told}", instance.name)]


def _members(ring: Hashring, instance: Instance, answers: Answers) -> list[Finding]:
    """A ring of which members are away: how many copies of a sample can be written."""
    ready = {pod.name for pod in answers.pods if pod.ready}
    away = [member.pod for member in ring.members if member.pod not in ready]
    if not away:
        return []
    count = len(ring.members)
    message = f"ring {ring.name}: {count - len(away)} of {count} ingestors are ready"
    copies = instance["replication_factor"]
    wanted = f"all {count}, since a write that is to be kept {copies} times may meet any of them"
    return [failed(message, instance.name, wanted, f"{', '.join(away)} not ready")]


def _not_yet(instance: Instance, rings: tuple[Hashring, ...], expected: Expectations) -> list[Finding]:
    """Ingestors that are asked for and get no samples yet. Those of a ring that stands by are to get none."""
    members = {member.pod for ring in rings for member in ring.members}
    return [
        pending(f"{len(out)} of {plural(p.replicas, 'ingestor')} of {p.name} are in no hashring yet", instance.name)
        for p in expected.doing(Duty.INGEST)
        if p.instance.fullname == instance.fullname
        and p.workload.role not in idle_rings(instance)
        and (out := [pod for pod in p.workload.pod_names if pod not in members])
    ]
