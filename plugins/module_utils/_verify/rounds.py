# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask, judge, and ask again what failed, until all is well or time is up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._findings import FAIL, Finding
from .._kubernetes.client import Client
from .._thanos.channels import Channel, at
from . import ask
from .answers import Answers
from .checks import CHECKS
from .expect import Expectations
from .report import Report, of_check

PAUSE = 3.0
# history needs four, alerts two; more would be a check that never stops asking.
ROUNDS = 8
# What to look at when a check fails, its line does not name a nearer option, and no tier knows a hint.
_OPTIONS = {
    "pods": ("replicas, version and image of the instance",),
    "dedup": ("common.replica_labels",),
}


def verify(client: Client, expected: Expectations, names: Sequence[str], timeout: float) -> Report:
    """Run the checks ``names``; those with a line that fails, or will settle, are run again for up to ``timeout`` s.

    A failure that waiting will not mend ends it: what other checks wait for may depend on it.
    """
    deadline = time.monotonic() + timeout
    lines: dict[str, list[Finding]] = {}
    unsettled = [name for name in CHECKS if name in names]
    while unsettled:
        lines |= _run(client, expected, unsettled)
        unsettled = [name for name in unsettled if any(line.severity == FAIL or line.soon for line in lines[name])]
        left = deadline - time.monotonic()
        if left <= 0 or any(line.lasting for found in lines.values() for line in found):
            break
        time.sleep(min(PAUSE, left) if unsettled else 0)
    return Report(title(client, expected), tuple(line for name in CHECKS for line in lines.get(name, ())))


def _run(client: Client, expected: Expectations, names: Iterable[str]) -> dict[str, list[Finding]]:
    """The lines of each check, after asking what they want to know in as many rounds as they need."""
    beside = [promise.workload for promise in expected.promises if promise.workload.beside]
    own = ask.pods(client, expected.namespace, expected.stack)
    answers = Answers((*own, *ask.pods_beside(client, expected.namespace, beside)))
    pods = {pod.name for pod in answers.pods}
    for _round in range(ROUNDS):
        lines = {name: CHECKS[name](expected, answers) for name in names}
        if not answers.wanted:
            break
        answers = ask.ask(client, answers)
    return {name: [_complete(line, name, expected, pods) for line in found] for name, found in lines.items()}


def _complete(line: Finding, check: str, expected: Expectations, pods: Iterable[str]) -> Finding:
    """``line`` with its check, and where it fails with where to look."""
    found = of_check(line, check)
    if line.severity != FAIL:
        return found
    logs = f"kubectl -n {expected.namespace} logs {line.where} --all-containers" if line.where in pods else ""
    return replace(found, advice=line.advice or logs, options=line.options or hints(check, expected))


def hints(check: str, expected: Expectations) -> tuple[str, ...]:
    """The paths of the options to look at when a check fails."""
    return _OPTIONS.get(check) or tuple(
        dict.fromkeys(
            f"instances.{promise.instance.name}.{'prometheus' if promise.workload.beside else option}"
            for promise in expected.promises
            for option in promise.tier.questions.hints.get(check, ())
        )
    )


def title(client: Client, expected: Expectations) -> str:
    """``eu · stack thanos in monitoring · Thanos 0.42.4 · Kubernetes 1.36``."""
    thanos = f"Thanos {expected.versions()}" if expected.versions() else "Thanos"
    where = f"stack {expected.stack} in {expected.namespace}"
    return f"{expected.cluster} · {where} · {thanos} · Kubernetes {ask.kubernetes_version(client)}"


def addresses(client: Client, expected: Expectations) -> list[tuple[str, str]]:
    """(page, URL) of every web page that a NodePort or a load balancer publishes."""
    pods = ask.pods(client, expected.namespace, expected.stack)
    services = {s["metadata"]["name"]: s for s in ask.services(client, expected.namespace, expected.stack)}
    result = []
    for promise in expected.promises:
        name, page, port = promise.workload.name, promise.tier.questions.page, promise.tier.questions.page_port
        channel = next((channel for channel in promise.workload.channels if channel.name == port), None)
        hosts = [pod.host_ip for pod in pods if pod.workload == name and pod.host_ip]
        url = _url(services[name], channel, hosts) if channel and name in services else ""
        if url:
            own = "" if promise.name == promise.tier.name else f" {promise.name}"
            result.append((f"{page}{own}", url))
    return result


def _url(service: Mapping[str, Any], channel: Channel, hosts: Sequence[str]) -> str:
    """Where the page of ``service`` is reached from outside; empty when it is not."""
    port: Mapping[str, Any] = next((p for p in service["spec"]["ports"] if p["name"] == channel.name), {})
    for ingress in service.get("status", {}).get("loadBalancer", {}).get("ingress") or []:
        return f"{channel.scheme}://{at(ingress.get('hostname') or ingress.get('ip'), port['port'])}"
    # A NodePort answers on every node; the one that runs the pod certainly does.
    return f"{channel.scheme}://{at(hosts[0], port['nodePort'])}" if hosts and port.get("nodePort") else ""
