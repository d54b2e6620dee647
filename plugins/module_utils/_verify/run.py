# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask, judge, and ask again what failed, until all is well or time is up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._verify import ask
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Question
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks import CHECKS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, Line, Report

PAUSE = 3.0
# history needs four, alerts two; more would be a check that never stops asking.
ROUNDS = 8
_PAGES = {"query": "Query UI", "sidecar": "Prometheus", "ruler": "Ruler"}


def verify(client: ask.Client, expected: Expectations, names: Sequence[str], timeout: float) -> Report:
    """Run the checks ``names``. Lines that fail, or that are pending but will settle, are looked at again for ``timeout`` s."""
    deadline = time.monotonic() + timeout
    lines: dict[str, list[Line]] = {}
    open_checks = [name for name in CHECKS if name in names]
    while True:
        answers = _learn(client, expected, open_checks)
        lines |= {name: CHECKS[name].judge(expected, answers) for name in open_checks}
        open_checks = [name for name in open_checks if any(line.status == FAIL or line.soon for line in lines[name])]
        left = deadline - time.monotonic()
        if not open_checks or left <= 0:
            break
        time.sleep(min(PAUSE, left))
    ordered = tuple(line for name in CHECKS for line in lines.get(name, ()))
    return Report(title(client, expected), ordered)


def _learn(client: ask.Client, expected: Expectations, names: Iterable[str]) -> Answers:
    """Everything that these checks want to know, in as many rounds as they need."""
    answers = Answers(ask.pods(client, expected.namespace, expected.stack))
    for _ in range(ROUNDS):
        wanted = (question for name in names for question in CHECKS[name].questions(expected, answers))
        new: list[Question] = [q for q in dict.fromkeys(wanted) if q not in answers.replies]
        if not new:
            break
        answers = ask.ask(client, answers, new)
    return answers


def title(client: ask.Client, expected: Expectations) -> str:
    """``eu · stack thanos in monitoring · Thanos 0.42.4 · Kubernetes 1.36``."""
    thanos = f"Thanos {expected.versions()}" if expected.versions() else "Thanos"
    where = f"stack {expected.stack} in {expected.namespace}"
    return f"{expected.cluster} · {where} · {thanos} · Kubernetes {ask.kubernetes_version(client)}"


def addresses(client: ask.Client, expected: Expectations) -> list[tuple[str, str]]:
    """(page, URL) of every web page that a NodePort or a load balancer publishes."""
    pods = ask.pods(client, expected.namespace, expected.stack)
    services = {s["metadata"]["name"]: s for s in ask.services(client, expected.namespace, expected.stack)}
    result = []
    for workload in expected.workloads:
        service = services.get(workload.fullname)
        hosts = [pod.host_ip for pod in pods if pod.instance == workload.fullname and pod.host_ip]
        url = _url(service, hosts) if service and workload.tier in _PAGES else ""
        if url:
            own = "" if workload.instance == workload.tier else f" {workload.instance}"
            result.append((f"{_PAGES[workload.tier]}{own}", url))
    return result


def _url(service: dict[str, Any], hosts: Sequence[str]) -> str:
    """Where the page of ``service`` is reached from outside; empty when it is not."""
    port = next((p for p in service["spec"]["ports"] if p["name"] in ("http", "web")), {})
    for ingress in service.get("status", {}).get("loadBalancer", {}).get("ingress") or []:
        return f"http://{ingress.get('hostname') or ingress.get('ip')}:{port['port']}"
    # A NodePort answers on every node; the one that runs the pod certainly does.
    return f"http://{hosts[0]}:{port['nodePort']}" if hosts and port.get("nodePort") else ""


