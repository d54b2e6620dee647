# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every expected replica is there, ready, and runs the image, the version and the configuration asked for."""

from __future__ import annotations

from ..answers import (
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
RELOADED = "prometheus_config_last_reload_successful"


def pods(expected: Expectations, answers: Answers) -> list[Line]:
    """One line when all is well, else one for each instance and pod that is not."""
    lines = [line for workload in expected.workloads for line in _missing(workload, expected.namespace, answers)]
    for workload in expected.workloads:
        for pod in answers.ready(workload):
            lines += [*_images(workload, pod), *_versions(workload, pod, answers)]
            lines += _configuration(pod, answers) if workload.tier == "sidecar" else []
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


def _versions(workload: Workload, pod: Pod, answers: Answers) -> list[Line]:
    """A sidecar has no API that tells its version, but a metric."""
    asked = [("Thanos", workload.version, to_pod(pod, BUILDINFO))]
    if workload.tier == "sidecar":
        asked = [
            ("Thanos", workload.version, metrics_of(pod)),
            ("Prometheus", workload.prometheus_version, to_pod(pod, BUILDINFO, port=WEB)),
        ]
    lines = []
    for program, version, question in asked:
        reply = answers.reply(question)
        if reply.error:
            lines.append(silent(pod, reply.error))
            continue
        found = reply.body.label("thanos_build_info", "version") if question.metrics else reply.body["version"]
        # A program that somebody compiled without it has an empty version.
        if version and found and found.removeprefix("v") != version:
            lines.append(failed(f"{program} has another version", pod.name, version, found, "run deploy"))
    return lines


def _configuration(pod: Pod, answers: Answers) -> list[Line]:
    """Prometheus goes on with its old configuration when it refuses a new one."""
    reply = answers.reply(metrics_of(pod, WEB))
    if reply.error or reply.body.total(RELOADED):
        return []  # a Prometheus that does not answer is told of with its version
    message = "Prometheus refuses its configuration and goes on with the one before"
    return [failed(message, pod.name, f"{RELOADED} 1", f"{RELOADED} 0", option="sidecar: scrape_configs")]
