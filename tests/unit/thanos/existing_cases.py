# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else's Prometheus, and a stack that finds one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.existing import knowing
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import (
    Context,
    Existing,
    Replica,
    Stack,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.beside import borrowed
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS

FLAGS = {
    "storage.tsdb.path": "/data/tsdb",
    "storage.tsdb.min-block-duration": "2h",
    "storage.tsdb.max-block-duration": "2h",
    "storage.tsdb.retention.time": "15d",
    "web.listen-address": "[0.0.0.0:9091]",
    "web.external-url": "https://example.com/prom",
}


def replica(number: int, **more: Any) -> Replica:
    """A pod that answers."""
    labels = {"cluster": "eu", "prometheus_replica": f"main-{number}"}
    return Replica(**{"pod": f"main-{number}", "version": "3.9.1", "labels": labels, "flags": FLAGS, **more})


MAIN = Existing(
    "StatefulSet",
    "main",
    replicas=2,
    selector={"app": "main"},
    pods=(replica(0), replica(1)),
    container="prometheus",
    containers=("prometheus",),
    mounts=({"name": "db", "mountPath": "/data", "subPath": "prom"}, {"name": "config", "mountPath": "/etc/prom"}),
    user={},
    ports=(9091,),
)
OPERATED = Existing(
    "Prometheus",
    "main",
    replicas=2,
    selector={"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": "main"},
    pods=(replica(0), replica(1)),
    operator="0.85.0",
)
NAMED: dict[str, Any] = {"stateful_set": "main", "restart_prometheus": True}
RESOURCE: dict[str, Any] = {"custom_resource": "main", "restart_prometheus": True}


def stack(options: dict[str, Any], *found: Existing, **instances: Any) -> Stack:
    """A stack with a sidecar of these options that found these."""
    parsed = parse({"cluster": "eu", "instances": {"sidecar": options, **instances}})
    return knowing(parsed, {"sidecar": found})


def fields(named: dict[str, Any], found: Existing, **options: Any) -> dict[str, Any]:
    """The spec that is added."""
    made = stack({"prometheus": named, **options}, found)
    (lent,) = borrowed(made.instances[0], Context(made, FACTS))
    return dict(lent.fields["spec"])


def with_flags(**flags: str) -> Existing:
    """The Prometheus with other flags; _ stands for a dot."""
    more = {name.replace("__", "-").replace("_", "."): value for name, value in flags.items()}
    return replace(MAIN, pods=tuple(replace(each, flags={**FLAGS, **more}) for each in MAIN.pods))


CHARTED = replace(OPERATED, tool="Helm", chart="kube-prometheus-stack")


def live(**metadata: Any) -> dict[str, Any]:
    """A StatefulSet on the server."""
    prometheus = {
        "name": "server",
        "image": "quay.io/prometheus/prometheus:v3.9.1",
        "ports": [{"containerPort": 9090}],
        "volumeMounts": [{"name": "db", "mountPath": "/data", "readOnly": False}],
    }
    pod = {
        "containers": [{"name": "reload", "image": "x/reloader"}, prometheus],
        "volumes": [{"name": "db", "emptyDir": {}}],
    }
    spec = {"selector": {"matchLabels": {"app": "main"}}, "template": {"spec": pod}}
    return {"metadata": {"name": "main", **metadata}, "spec": spec}
