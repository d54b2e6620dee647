# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every expected replica is there, ready, and runs the image, the version and the configuration asked for."""

from __future__ import annotations

from ..._thanos.tier import Program
from ..answers import (
    HTTP,
    WEB,
    Answers,
    Pod,
    metrics_of,
    silent,
    to_pod,
)
from ..expect import Expectations, Workload
from ..report import Line, failed, passed, plural

BUILDINFO = "/api/v1/status/buildinfo"


def pods(expected: Expectations, answers: Answers) -> list[Line]:
    """One line when all is well, else one for each instance and pod that is not."""
    lines = [line for workload in expected.workloads for line in _missing(workload, expected.namespace, answers)]
    for workload in expected.workloads:
        for pod in answers.ready(workload):
            lines += _images(workload, pod)
            for program in workload.tier.questions.programs:
                lines += _version(workload, pod, program, answers)
                lines += _configuration(workload, pod, program, answers)
    if lines:
        return lines
    counts = ", ".join(f"{workload.replicas} {workload.name}" for workload in expected.workloads)
    version = f", Thanos {expected.versions()}" if expected.versions() else ""
    return [passed(f"{counts} ready{version}")]


def _missing(workload: Workload, namespace: str, answers: Answers) -> list[Line]:
    ready, found = answers.ready(workload), answers.of(workload)
    if len(ready) >= workload.replicas:
        return []
    states = {pod.name: pod.state for pod in found if not pod.ready}
    fullname = workload.instance.fullname
    hint = f"pod {next(iter(states))}" if states else f"pods -l app.kubernetes.io/instance={fullname}"
    absent = set(workload.pod_names) - {pod.name for pod in found}
    states |= dict.fromkeys(sorted(absent), "does not exist")
    text = "; ".join([f"{len(ready)} ready", *(f"{name} {state}" for name, state in states.items())])
    message = f"{len(ready)} of {workload.replicas} pods are ready"
    wanted = f"{plural(workload.replicas, 'ready pod')} of {fullname}"
    return [failed(message, workload.name, wanted, text, f"kubectl -n {namespace} describe {hint}")]


def _images(workload: Workload, pod: Pod) -> list[Line]:
    wrong = {name: image for name, image in workload.images.items() if pod.images.get(name) != image}
    return [
        failed(f"container {name} runs another image", pod.name, image, pod.images.get(name, "none"), "run deploy")
        for name, image in wrong.items()
    ]


def _version(workload: Workload, pod: Pod, program: Program, answers: Answers) -> list[Line]:
    port = WEB if program.port == "web" else HTTP
    reply = answers.reply(metrics_of(pod, port) if program.metric else to_pod(pod, BUILDINFO, port=port))
    if reply.error:
        return [silent(pod, reply.error)]
    version = workload.version(program)
    found = reply.body.label(program.metric, "version") if program.metric else reply.body["version"]
    # A program that somebody compiled without it has an empty version.
    if not version or not found or found.removeprefix("v") == version:
        return []
    return [failed(f"{program.name} has another version", pod.name, version, found, "run deploy")]


def _configuration(workload: Workload, pod: Pod, program: Program, answers: Answers) -> list[Line]:
    """A program that reloads goes on with its old configuration when it refuses a new one."""
    if not program.reloaded:
        return []
    reply = answers.reply(metrics_of(pod, WEB if program.port == "web" else HTTP))
    if reply.error or reply.body.total(program.reloaded):
        return []  # one that does not answer is told of with its version
    message = f"{program.name} refuses its configuration and goes on with the one before"
    option = f"{workload.tier}: {program.configuration}"
    return [failed(message, pod.name, f"{program.reloaded} 1", f"{program.reloaded} 0", option=option)]
