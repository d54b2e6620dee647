# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every expected replica is there, ready, and runs the image and the version asked for."""

from __future__ import annotations

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import (
    WEB,
    Answers,
    Pod,
    Question,
    metrics_of,
    to_pod,
)
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import silent
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, Workload
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, Line, plural

BUILDINFO = "/api/v1/status/buildinfo"


def _version_questions(workload: Workload, pod: Pod) -> list[tuple[str, str, Question]]:
    """(program, expected version, where it tells its own). A sidecar has no such API, but a metric."""
    if workload.tier != "sidecar":
        return [("Thanos", workload.version, to_pod(pod, BUILDINFO))]
    return [
        ("Thanos", workload.version, metrics_of(pod)),
        ("Prometheus", workload.prometheus_version, to_pod(pod, BUILDINFO, WEB)),
    ]


def questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Each ready pod is asked for its version."""
    return [
        question
        for workload in expected.workloads
        for pod in answers.ready(workload)
        for _, _, question in _version_questions(workload, pod)
    ]


def judge(expected: Expectations, answers: Answers) -> list[Line]:
    """One line when all is well, else one for each pod that is not."""
    wrong = [line for workload in expected.workloads for line in _judge(workload, expected.namespace, answers)]
    if wrong:
        return wrong
    counts = ", ".join(f"{workload.replicas} {workload.instance}" for workload in expected.workloads)
    return [Line(PASS, "pods", f"{counts} ready, Thanos {expected.versions() or 'of its own image'}")]


def _judge(workload: Workload, namespace: str, answers: Answers) -> list[Line]:
    ready = answers.ready(workload)
    lines = [line for pod in ready for line in _content(workload, pod, answers)]
    if len(ready) >= workload.replicas:
        return lines
    expected = f"{plural(workload.replicas, 'ready pod')} of {workload.fullname}"
    known = {pod.name: pod.state for pod in answers.of(workload) if not pod.ready}
    states = known | {name: "does not exist" for name in workload.pod_names if name not in {p.name for p in answers.of(workload)}}
    found = f"{len(ready)} ready" + "".join(f"; {name} {state}" for name, state in states.items())
    hint = next(iter(known), "")
    next_step = f"kubectl -n {namespace} describe " + (f"pod {hint}" if hint else f"pods -l app.kubernetes.io/instance={workload.fullname}")
    message = f"{len(ready)} of {workload.replicas} pods are ready"
    option = f"instances.{workload.instance}.replicas"
    return [*lines, Line(FAIL, "pods", message, workload.instance, expected, found, next_step, option)]


def _content(workload: Workload, pod: Pod, answers: Answers) -> list[Line]:
    option = f"instances.{workload.instance}.version"
    restart = f"run deploy again, then kubectl -n {pod.namespace} get pod {pod.name} -o yaml"
    lines = [
        Line(FAIL, "pods", f"container {name} runs another image", pod.name, image, pod.images.get(name, ""), restart, option)
        for name, image in workload.images.items()
        if pod.images.get(name) != image
    ]
    for program, version, question in _version_questions(workload, pod):
        reply = answers.reply(question)
        if reply.error:
            lines.append(silent("pods", pod, reply.error))
            continue
        found = reply.body.label("thanos_build_info", "version") if question.metrics else reply.body["version"]
        # A program that somebody compiled without it has an empty version.
        if version and found and found.removeprefix("v") != version:
            lines.append(Line(FAIL, "pods", f"{program} has another version", pod.name, version, found, restart, option))
    return lines
