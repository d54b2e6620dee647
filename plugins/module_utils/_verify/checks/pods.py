# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every expected replica is there, ready, and runs the image, the version and the configuration asked for."""

from __future__ import annotations

from ..._findings import PASS, Finding
from ..._kubernetes.kinds import KINDS
from ..._kubernetes.manifest import field_manager
from ..._thanos.tier import Program
from ..._thanos.volumes import enlarging
from ..answers import (
    Answers,
    Pod,
    Question,
    metrics_of,
    silent,
    to_pod,
)
from ..expect import Expectations, Promise
from ..images import edited_by, rewritten
from ..report import failed, passed, pending, plural

BUILDINFO = "/api/v1/status/buildinfo"


def pods(expected: Expectations, answers: Answers) -> list[Finding]:
    """One line when all is well and one for each image that the cluster rewrites, else one for each that is not."""
    lines = [line for promise in expected.promises for line in _missing(promise, expected.namespace, answers)]
    for promise in expected.promises:
        for pod in answers.ready(promise):
            lines += _images(promise, pod, expected, answers)
            for program in promise.programs:
                lines += _version(promise, pod, program, answers)
                lines += _configuration(promise, pod, program, answers)
    lines += _volumes(expected)
    if any(line.severity != PASS for line in lines):
        return [line for line in lines if line.severity != PASS]
    counts = ", ".join(f"{promise.replicas} {promise.name}" for promise in expected.promises)
    version = f", Thanos {expected.versions()}" if expected.versions() else ""
    # Every replica says the same of its image.
    return [passed(f"{counts} ready{version}"), *dict.fromkeys(lines)]


def _volumes(expected: Expectations) -> list[Finding]:
    """Kubernetes gives a pod the claim of its name that is there, also one that is smaller than asked for."""
    return [
        pending(f"the claim {small.claim} is made larger, from {small.size} to {small.wanted}", small.workload.title)
        if small.growing
        else failed(
            f"the claim {small.claim} is smaller than asked for",
            small.workload.title,
            small.wanted,
            small.size,
            enlarging(small.workload, expected.namespace, small.wanted),
            options=[f"instances.{small.workload.instance.name}.storage.size"],
        )
        for small in expected.small
    ]


def _missing(promise: Promise, namespace: str, answers: Answers) -> list[Finding]:
    ready, found = answers.ready(promise), answers.of(promise)
    if len(ready) >= promise.replicas:
        return []
    fullname = promise.workload.name
    wanted = f"{plural(promise.replicas, 'ready pod')} of {fullname}"
    if not found and not promise.workload.beside:
        return [_nobody(promise, namespace, wanted, answers)]
    states = {pod.name: pod.state for pod in found if not pod.ready}
    labels = ",".join(f"{key}={value}" for key, value in promise.workload.selector.items())
    hint = f"pod {next(iter(states))}" if states else f"pods -l {labels}"
    absent = set(promise.workload.pod_names) - {pod.name for pod in found}
    states |= dict.fromkeys(sorted(absent), "does not exist")
    text = "; ".join([f"{len(ready)} ready", *(f"{name} {state}" for name, state in states.items())])
    message = f"{len(ready)} of {promise.replicas} pods are ready"
    return [failed(message, promise.name, wanted, text, f"kubectl -n {namespace} describe {hint}")]


def _nobody(promise: Promise, namespace: str, wanted: str, answers: Answers) -> Finding:
    """Why there is no pod at all: there is nothing to describe, and somebody may have scaled the workload down."""
    workload = promise.workload
    what = f"{workload.kind.lower()}/{workload.name}"
    reply = answers.reply(Question(KINDS[workload.kind].path(namespace, workload.name), ""))
    if reply.error.startswith("HTTP 404"):
        return failed("is not there", promise.name, wanted, f"no {what}", "run deploy", lasting=True)
    if not reply.error and reply.body["spec"].get("replicas") == 0:
        scale = f"kubectl -n {namespace} scale {what} --replicas={promise.replicas}"
        message, found = "somebody has scaled it to 0 replicas", f"{what} with replicas: 0"
        return failed(message, promise.name, wanted, found, f"run deploy, or {scale}", lasting=True)
    message = f"0 of {promise.replicas} pods are ready"
    return failed(message, promise.name, wanted, "no pod exists", f"kubectl -n {namespace} describe {what}")


def _images(promise: Promise, pod: Pod, expected: Expectations, answers: Answers) -> list[Finding]:
    """Images that differ; those that the server stored otherwise than they were sent are told, and nothing is wrong."""
    lines = []
    for name, image in promise.images.items():
        found = pod.images.get(name, "none")
        if found == image:
            continue
        by_hand = _edited_by(promise, name, expected, answers) if rewritten(image, found) else ""
        if rewritten(image, found) and not by_hand:
            text = f"container {name} of {promise.name} runs {found} in the place of {image}, as the cluster stored it"
            lines.append(passed(text, promise.name, found))
            continue
        told = f"{found} (set by {by_hand})" if by_hand else found
        lines.append(failed(f"container {name} runs another image", pod.name, image, told, "run deploy"))
    return lines


def _edited_by(promise: Promise, container: str, expected: Expectations, answers: Answers) -> str:
    """Who set the image in the workload by hand; empty where nobody did, or where the workload may not be read."""
    workload = promise.workload
    if workload.beside:
        return ""
    reply = answers.reply(Question(KINDS[workload.kind].path(expected.namespace, workload.name), ""))
    if reply.error:
        return ""
    return edited_by(reply.body, field_manager(expected.stack, promise.instance.name), container)


def _version(promise: Promise, pod: Pod, program: Program, answers: Answers) -> list[Finding]:
    port = program.port
    reply = answers.reply(metrics_of(pod, port) if program.metric else to_pod(pod, BUILDINFO, port=port))
    if reply.error:
        return [silent(pod, reply)]
    version = promise.version(program)
    found = reply.body.label(program.metric, "version") if program.metric else reply.body["version"]
    # A program that somebody compiled without it has an empty version.
    if not version or not found or found.removeprefix("v") == version:
        return []
    return [failed(f"{program.name} has another version", pod.name, version, found, "run deploy")]


def _configuration(promise: Promise, pod: Pod, program: Program, answers: Answers) -> list[Finding]:
    """A program that reloads goes on with its old configuration when it refuses a new one."""
    if not program.reloaded:
        return []
    reply = answers.reply(metrics_of(pod, program.port))
    if reply.error or reply.body.total(program.reloaded):
        return []  # one that does not answer is told of with its version
    message = f"{program.name} refuses its configuration and goes on with the one before"
    options = [f"instances.{promise.instance.name}.{program.configuration}"]
    return [failed(message, pod.name, f"{program.reloaded} 1", f"{program.reloaded} 0", options=options)]
