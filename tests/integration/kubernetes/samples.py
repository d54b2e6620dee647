# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests of every kind that a stack renders, with the spellings that servers normalise."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, labels

STACK = "thanos"
API_VERSIONS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
}


def manifest(kind: str, name: str, instance: str = "query", stack: str = STACK, **fields: Any) -> Manifest:
    """An object with the collection's labels and these top-level fields."""
    return {
        "apiVersion": API_VERSIONS.get(kind, "v1"),
        "kind": kind,
        "metadata": {"name": name, "labels": {**labels(stack, instance), "app.kubernetes.io/part-of": stack}},
        **fields,
    }


def config(name: str, instance: str = "query", **data: str) -> Manifest:
    """A small ConfigMap."""
    return manifest("ConfigMap", name, instance, data=data or {"key": "value"})


def pod_template(instance: str) -> Manifest:
    """A pod with everything that has defaults, quantities, or empty values that mean something."""
    probe = {"httpGet": {"path": "/-/ready", "port": "http"}, "periodSeconds": 5}
    container = {
        "name": "thanos",
        "image": "quay.io/thanos/thanos:v0.42.4",
        "args": ["query", "--log.level=info"],
        "env": [
            {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "MEMORY", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1000m"}}},
            {"name": "EMPTY", "value": ""},
        ],
        "ports": [{"name": "grpc", "containerPort": 10901}, {"name": "http", "containerPort": 10902}],
        "resources": {"requests": {"cpu": 0.5, "memory": "1024Mi"}, "limits": {"cpu": "1000m", "memory": "2048Mi"}},
        "livenessProbe": {**probe, "failureThreshold": 4},
        "readinessProbe": probe,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/thanos", "readOnly": False},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    return {
        "metadata": {"labels": {**labels(STACK, instance), "app.kubernetes.io/name": instance}, "annotations": {}},
        "spec": {
            "serviceAccountName": f"thanos-{instance}",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 120,
            "nodeSelector": {},
            "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
            "imagePullSecrets": [],
            "securityContext": {"runAsNonRoot": True, "runAsUser": 1001, "seccompProfile": {"type": "RuntimeDefault"}},
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": {"app.kubernetes.io/name": instance}},
                }
            ],
            "affinity": {"podAntiAffinity": None},
            "initContainers": [],
            "containers": [container],
            "volumes": [
                {"name": "config", "configMap": {"name": f"thanos-{instance}", "optional": False}},
                {"name": "tmp", "emptyDir": {}},
            ],
        },
    }


def query() -> list[Manifest]:
    """The stateless half: everything that belongs to the instance ``query``."""
    selector = {"matchLabels": {"app.kubernetes.io/name": "query"}}
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    binding = {"kind": "ServiceAccount", "name": "thanos-query", "namespace": None}
    return [
        manifest("ServiceAccount", "thanos-query", automountServiceAccountToken=False),
        manifest("Role", "thanos-query", rules=[rule]),
        manifest(
            "RoleBinding",
            "thanos-query",
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "thanos-query"},
            subjects=[binding],
        ),
        manifest("ConfigMap", "thanos-query", data={"endpoints.yml": "endpoints: []\n"}),
        manifest("Secret", "thanos-query", type="Opaque", stringData={"token": "c4n4ry-s3cr3t"}),
        manifest(
            "Service",
            "thanos-query",
            spec={
                "selector": {"app.kubernetes.io/name": "query"},
                "ports": [
                    {"name": "grpc", "port": 10901, "targetPort": "grpc"},
                    {"name": "http", "port": 10902, "targetPort": 10902, "appProtocol": "http"},
                ],
            },
        ),
        manifest("PodDisruptionBudget", "thanos-query", spec={"maxUnavailable": 1, "selector": selector}),
        manifest(
            "NetworkPolicy",
            "thanos-query",
            spec={
                "podSelector": selector,
                "policyTypes": ["Ingress"],
                "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 10901}]}],
            },
        ),
        manifest(
            "Ingress",
            "thanos-query",
            spec={"defaultBackend": {"service": {"name": "thanos-query", "port": {"name": "http"}}}},
        ),
        manifest(
            "Deployment",
            "thanos-query",
            spec={
                "replicas": 2,
                "selector": selector,
                "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}},
                "template": pod_template("query"),
            },
        ),
    ]


def store() -> list[Manifest]:
    """The stateful half: the instance ``store``."""
    claim = {
        "metadata": {"name": "data", "labels": labels(STACK, "store")},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "0.5Ti"}},
            "storageClassName": "standard",
        },
    }
    template = pod_template("store")
    template["spec"]["volumes"][1] = {"name": "tmp", "emptyDir": {"sizeLimit": "1024Mi", "medium": "Memory"}}
    spec = {
        "serviceName": "thanos-store-headless",
        "replicas": 1,
        "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": {"app.kubernetes.io/name": "store"}},
        "template": template,
        "volumeClaimTemplates": [claim],
    }
    ports = [{"name": "grpc", "port": 10901, "targetPort": "grpc"}]
    return [
        manifest("ServiceAccount", "thanos-store", "store"),
        manifest("ConfigMap", "thanos-store", "store", data={"index-cache.yml": "type: IN-MEMORY\n"}),
        manifest(
            "Service",
            "thanos-store-headless",
            "store",
            spec={
                "clusterIP": "None",
                "publishNotReadyAddresses": True,
                "selector": {"app.kubernetes.io/name": "store"},
                "ports": ports,
            },
        ),
        manifest("StatefulSet", "thanos-store", "store", spec=spec),
    ]


def named(manifests: list[Manifest], kind: str, name: str = "thanos-query") -> Manifest:
    """A deep copy of one of the manifests."""
    return copy.deepcopy(next(m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name))
