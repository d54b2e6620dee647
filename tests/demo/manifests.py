# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo puts beside Thanos: an Alertmanager, a block of the past, an S3 server in clusters of others. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.testbed import images

NAMESPACE = "monitoring"
LABELS = {"app.kubernetes.io/part-of": "o11y-thanos-demo"}
HISTORY = "demo-history"
S3 = "demo-s3"
S3_PORT = 7070
NOBODY = 65534

Manifest = dict[str, Any]

_ALERTMANAGER_CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
_RESTRICTED = {
    "runAsNonRoot": True,
    "runAsUser": NOBODY,
    "runAsGroup": NOBODY,
    "fsGroup": NOBODY,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def namespace() -> Manifest:
    """The namespace, with the label by which ``down`` knows that the demo made it."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": LABELS}}


def alertmanager() -> list[Manifest]:
    """An Alertmanager that notifies nobody, its page on a NodePort."""
    container = {
        "name": "alertmanager",
        "image": images.ALERTMANAGER.name,
        "args": ["--config.file=/etc/demo/alertmanager.yml", "--storage.path=/data", "--cluster.listen-address="],
        "ports": [{"name": "http", "containerPort": 9093}],
        "readinessProbe": {"httpGet": {"path": "/-/ready", "port": "http"}, "periodSeconds": 2},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/demo"}, {"name": "data", "mountPath": "/data"}],
        "securityContext": _CONTAINER,
    }
    volumes = [{"name": "config", "configMap": {"name": "alertmanager"}}, {"name": "data", "emptyDir": {}}]
    return [
        {**_named("v1", "ConfigMap", "alertmanager"), "data": {"alertmanager.yml": _ALERTMANAGER_CONFIG}},
        _deployment("alertmanager", container, volumes),
        _service("alertmanager", 9093),
    ]


def s3_server(access_key: str, secret_key: str) -> list[Manifest]:
    """An S3 server on a NodePort, its buckets on a claim; the bucket of the demo and its credentials live here only."""
    keys = {"ROOT_ACCESS_KEY_ID": access_key, "ROOT_SECRET_ACCESS_KEY": secret_key}
    container = {
        "name": "versitygw",
        "image": images.VERSITYGW.name,
        "command": ["/usr/local/bin/versitygw"],
        "args": [
            *(f"--port=:{S3_PORT}", "--region=us-east-1"),
            *("posix", "--sidecar=/data/sidecar", "/data/buckets"),
        ],
        "env": [{"name": name, "valueFrom": {"secretKeyRef": {"name": S3, "key": name}}} for name in keys],
        "ports": [{"name": "http", "containerPort": S3_PORT}],
        "readinessProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 2},
        "volumeMounts": [
            {"name": "data", "mountPath": "/data/buckets", "subPath": "buckets"},
            {"name": "data", "mountPath": "/data/sidecar", "subPath": "sidecar"},
        ],
        "securityContext": _CONTAINER,
    }
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return [
        {**_named("v1", "Secret", S3), "stringData": keys},
        {**_named("v1", "PersistentVolumeClaim", S3), "spec": claim},
        _deployment(S3, container, [{"name": "data", "persistentVolumeClaim": {"claimName": S3}}]),
        _service(S3, S3_PORT),
    ]


def history(samples: str, labels: Mapping[str, str]) -> list[Manifest]:
    """A Job that makes blocks of OpenMetrics text and uploads them with these external labels.

    It uses the programs that are deployed anyway, and the Secret that the collection made for the pods.
    """
    make = {
        "name": "make",
        "image": images.PROMETHEUS.name,
        "command": ["/bin/promtool", "tsdb", "create-blocks-from", "openmetrics", "/samples/samples.om", "/blocks"],
        "volumeMounts": [
            {"name": "samples", "mountPath": "/samples"},
            {"name": "blocks", "mountPath": "/blocks"},
            {"name": "scratch", "mountPath": "/tmp"},
        ],
        "securityContext": _CONTAINER,
    }
    upload = {
        "name": "upload",
        "image": images.THANOS.name,
        "args": [
            *("tools", "bucket", "upload-blocks", "--path=/blocks"),
            "--objstore.config-file=/etc/thanos/objstore/objstore.yml",
            *(f'--label={name}="{value}"' for name, value in labels.items()),
        ],
        "volumeMounts": [
            {"name": "blocks", "mountPath": "/blocks"},
            {"name": "objstore", "mountPath": "/etc/thanos/objstore", "readOnly": True},
        ],
        "securityContext": _CONTAINER,
    }
    volumes = [
        {"name": "samples", "configMap": {"name": HISTORY}},
        {"name": "blocks", "emptyDir": {}},
        {"name": "scratch", "emptyDir": {}},
        {"name": "objstore", "secret": {"secretName": "thanos-objstore-default"}},
    ]
    pod = {"restartPolicy": "Never", "securityContext": _RESTRICTED, "volumes": volumes}
    job = {
        "backoffLimit": 2,
        "template": {"metadata": {"labels": LABELS}, "spec": {**pod, "initContainers": [make], "containers": [upload]}},
    }
    return [
        {**_named("v1", "ConfigMap", HISTORY), "data": {"samples.om": samples}},
        {**_named("batch/v1", "Job", HISTORY), "spec": job},
    ]


def openmetrics(end: int) -> str:
    """Two hours of samples that end before ``end`` (seconds since 1970), in one block of Prometheus' two-hour grid."""
    start = (end // 7200 - 1) * 7200
    lines = ["# HELP demo_orders Orders of a shop, made up.", "# TYPE demo_orders counter"]
    for shop in ("berlin", "paris"):
        lines += [f'demo_orders_total{{shop="{shop}"}} {n * len(shop)} {start + n * 60}' for n in range(1, 119)]
    return "\n".join([*lines, "# EOF", ""])


def _named(api_version: str, kind: str, name: str) -> Manifest:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {**LABELS, "app.kubernetes.io/name": name}}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _deployment(name: str, container: Manifest, volumes: list[Manifest]) -> Manifest:
    selector = {"app.kubernetes.io/name": name}
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": _RESTRICTED,
        "containers": [container],
        "volumes": volumes,
    }
    template = {"metadata": {"labels": {**LABELS, **selector}}, "spec": pod}
    spec = {"replicas": 1, "strategy": {"type": "Recreate"}, "selector": {"matchLabels": selector}}
    return {**_named("apps/v1", "Deployment", name), "spec": {**spec, "template": template}}


def _service(name: str, port: int) -> Manifest:
    ports = [{"name": "http", "port": port, "targetPort": "http"}]
    spec = {"type": "NodePort", "selector": {"app.kubernetes.io/name": name}, "ports": ports}
    return {**_named("v1", "Service", name), "spec": spec}
