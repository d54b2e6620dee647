# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find every workload of the cluster that compacts a bucket: two on one bucket destroy each other's blocks."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.manifest import INSTANCE_LABEL, STACK_LABEL, label_of, written_for
from .._objstore.identity import Identity, identity
from .model import Compactor, Context, Facts, Manifest, Stack
from .objstores import objstore_fact
from .tier import Duty

# What a compactor has among its command and arguments, and in its image or its command.
COMMAND, PROGRAM = "compact", "thanos"
_FLAG = "--objstore.config"


def compactors_among(
    client: Client,
    stack: Stack,
    facts: Facts,
    workloads: Mapping[str, Iterable[Manifest]],
    pods: Callable[[], Iterable[Manifest]],
) -> list[Compactor]:
    """The compactors among live workloads of the cluster by kind, without those that the run names.

    Where it starts, wakes or moves one, those count too, as they are now, and so do pods that outlived their workload;
    ``pods`` is called only then.
    """
    starts = _starts(stack, facts, workloads["StatefulSet"])
    passed = set() if starts else {i.name for i in (*stack.instances, *stack.absent)}
    found = [
        compactor
        for kind, items in workloads.items()
        for item in items
        if instance_of(item, stack) not in passed
        for compactor in _compactors_of(client, kind, item)
    ]
    known = {compactor.identity for compactor in found}
    left = [compactor for pod in (pods() if starts else ()) for compactor in _compactors_of(client, "Pod", pod)]
    return [*found, *(compactor for compactor in left if compactor.identity not in known)]


def instance_of(item: Mapping[str, Any], stack: Stack) -> str:
    """The instance that a live workload of the stack belongs to, even where its labels were edited; else empty."""
    metadata = item["metadata"]
    if metadata["namespace"] != stack.namespace:
        return ""
    for instance in (*stack.instances, *stack.absent):
        names = {workload.name for workload in stack.workloads(instance)}
        if metadata["name"] in names and written_for(item, stack.name, instance.name):
            return instance.name
    return label_of(item, INSTANCE_LABEL) if label_of(item, STACK_LABEL) == stack.name else ""


def _starts(stack: Stack, facts: Facts, stateful_sets: Iterable[Manifest]) -> bool:
    """Whether a compactor of the run does not run yet, or not on the object store that it is to have."""
    ctx = Context(stack, facts)
    running = {
        (item["metadata"]["namespace"], item["metadata"]["name"]): item["spec"]["template"]["metadata"]
        for item in stateful_sets
        if item["spec"].get("replicas", 1)
    }
    for instance in stack.doing(Duty.COMPACT):
        fact, template = objstore_fact(instance, ctx), running.get((stack.namespace, instance.fullname), {})
        runs_on = (template.get("annotations") or {}).get("o11y.thanos/objstore-digest")
        if not instance["paused"] and (fact is None or fact.digest != runs_on):
            return True
    return False


def _compactors_of(client: Client, kind: str, item: Mapping[str, Any]) -> Iterable[Compactor]:
    spec = item["spec"]
    if kind == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    elif spec.get("replicas", 1) == 0:
        return
    pod = spec if kind == "Pod" else spec["template"]["spec"]
    for container in pod["containers"]:
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        if COMMAND in words[:2] and (PROGRAM in container.get("image", "") or PROGRAM in "".join(words[:1])):
            where = f"{kind} {item['metadata']['namespace']}/{item['metadata']['name']}"
            text = _configuration(client, item["metadata"]["namespace"], pod, container, words)
            yield Compactor(where, identity(text) if text else None)


def bucket_of(client: Client, namespace: str, pod: Manifest) -> Identity | None:
    """The bucket that a pod is started with, where its arguments and a readable object tell."""
    for container in pod["containers"]:
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        text = _configuration(client, namespace, pod, container, words)
        if text:
            return identity(text)
    return None


def _configuration(
    client: Client, namespace: str, pod: Mapping[str, Any], container: Mapping[str, Any], words: list[str]
) -> str:
    """The objstore.yml that a container is started with, where its arguments and a readable object tell; else empty."""
    for word in words:
        flag, _unused, value = word.partition("=")
        if flag == _FLAG and value.startswith("$("):
            return _from_environment(client, namespace, container, value[2:-1])
        if flag == _FLAG:
            return value
        if flag == f"{_FLAG}-file":
            return _from_file(client, namespace, pod, container, value)
    return ""


def _from_environment(client: Client, namespace: str, container: Mapping[str, Any], name: str) -> str:
    for variable in container.get("env") or []:
        source = (variable.get("valueFrom") or {}).get("secretKeyRef")
        if variable["name"] == name and source:
            return _read(client, namespace, "secrets", source["name"], source["key"])
    return ""


def _from_file(client: Client, namespace: str, pod: Mapping[str, Any], container: Mapping[str, Any], path: str) -> str:
    for mount in container.get("volumeMounts") or []:
        folder = mount["mountPath"].rstrip("/")
        if path == folder or path.startswith(f"{folder}/"):
            key = mount.get("subPath") or path[len(folder) + 1 :]
            for volume in pod.get("volumes") or []:
                if volume["name"] == mount["name"] and "secret" in volume:
                    return _read(client, namespace, "secrets", volume["secret"]["secretName"], key)
                if volume["name"] == mount["name"] and "configMap" in volume:
                    return _read(client, namespace, "configmaps", volume["configMap"]["name"], key)
    return ""


def _read(client: Client, namespace: str, plural: str, name: str, key: str) -> str:
    answer = client.request("GET", f"/api/v1/namespaces/{namespace}/{plural}/{name}", ok=(403, 404))
    if answer.status != 200:
        return ""
    value = str((answer.body.get("data") or {}).get(key, ""))
    return base64.b64decode(value).decode("utf-8", "replace") if plural == "secrets" else value
