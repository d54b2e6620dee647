# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the objects that every cluster gets: CoreDNS, and local-path-provisioner with the default StorageClass."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.testbed import images
from tests.testbed.audit import PROVISIONER_NAMESPACE
from tests.testbed.node import DNS_ADDRESS, DNS_DOMAIN
from tests.testbed.plan import NodePlan

STORAGE_CLASS, HOSTNAME = "local-path", "kubernetes.io/hostname"
# local-path-provisioner starts its helper pods under this account, whatever its own is called.
_PROVISIONER = "local-path-provisioner-service-account"
# (namespace, name) of the Deployments that must be available before a cluster is ready.
DEPLOYMENTS = (("kube-system", "coredns"), (PROVISIONER_NAMESPACE, "local-path-provisioner"))

Manifest = dict[str, Any]

_COREFILE = f"""\
.:53 {{
    errors
    health
    ready
    kubernetes {DNS_DOMAIN} in-addr.arpa ip6.arpa {{
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 5
    }}
    prometheus :9153
    cache 5
    loadbalance
}}
"""
_SETUP = '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n'
_TEARDOWN = '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n'


def manifests(nodes: Sequence[NodePlan]) -> Manifest:
    """All of them as one List. They run on the first node, which is never lost; claims get storage on each."""
    here = {HOSTNAME: nodes[0].name}
    return {"apiVersion": "v1", "kind": "List", "items": [*_dns(here), *_provisioner(here, nodes)]}


def _dns(here: Manifest) -> list[Manifest]:
    labels = {"k8s-app": "kube-dns"}
    container = {
        "name": "coredns",
        "image": images.COREDNS.name,
        "args": ["-conf", "/etc/coredns/Corefile"],
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8080}, "failureThreshold": 5},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    pod = {
        "serviceAccountName": "coredns",
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "nodeSelector": here,
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "coredns"}}],
    }
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
        {"name": "metrics", "port": 9153, "protocol": "TCP"},
    ]
    rules = [
        _rule("", ("endpoints", "services", "pods", "namespaces"), ("list", "watch")),
        _rule("discovery.k8s.io", ("endpointslices",), ("list", "watch")),
    ]
    service = _object("v1", "Service", "kube-dns", "kube-system", labels=labels)
    service["spec"] = {"clusterIP": DNS_ADDRESS, "selector": labels, "ports": ports}
    return [
        _object("v1", "ServiceAccount", "coredns", "kube-system"),
        *_cluster_role("system:coredns", rules, "coredns", "kube-system"),
        {**_object("v1", "ConfigMap", "coredns", "kube-system"), "data": {"Corefile": _COREFILE}},
        _deployment("coredns", "kube-system", labels, pod),
        service,
    ]


def _provisioner(here: Manifest, nodes: Sequence[NodePlan]) -> list[Manifest]:
    namespace = PROVISIONER_NAMESPACE
    container = {
        "name": "local-path-provisioner",
        "image": images.PROVISIONER.name,
        "command": ["local-path-provisioner", "start", "--config", "/etc/config/config.json"],
        "volumeMounts": [{"name": "config", "mountPath": "/etc/config"}],
        "env": [
            {"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
            {"name": "CONFIG_MOUNT_PATH", "value": "/etc/config/"},
        ],
    }
    helper = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "helper-pod"},
        "spec": {
            "priorityClassName": "system-node-critical",
            "containers": [{"name": "helper-pod", "image": images.HELPER.name, "imagePullPolicy": "IfNotPresent"}],
        },
    }
    paths = {"nodePathMap": [{"node": node.name, "paths": [str(node.directory / "volumes")]} for node in nodes]}
    data = {
        "config.json": json.dumps(paths),
        "helperPod.yaml": json.dumps(helper),
        "setup": _SETUP,
        "teardown": _TEARDOWN,
    }
    pod = {
        "serviceAccountName": _PROVISIONER,
        "nodeSelector": here,
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "local-path-config"}}],
    }
    read, write = ("get", "list", "watch"), ("get", "list", "watch", "create", "patch", "update", "delete")
    rules = [
        _rule("", ("nodes", "persistentvolumeclaims", "configmaps", "pods", "pods/log"), read),
        _rule("", ("persistentvolumes", "pods"), write),
        _rule("", ("events",), ("create", "patch")),
        _rule("storage.k8s.io", ("storageclasses",), read),
    ]
    storage_class = _object("storage.k8s.io/v1", "StorageClass", STORAGE_CLASS)
    storage_class["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    behaviour = {
        "provisioner": "rancher.io/local-path",
        "volumeBindingMode": "WaitForFirstConsumer",
        "reclaimPolicy": "Delete",
    }
    return [
        _object("v1", "Namespace", namespace),
        _object("v1", "ServiceAccount", _PROVISIONER, namespace),
        *_cluster_role("local-path-provisioner", rules, _PROVISIONER, namespace),
        {**_object("v1", "ConfigMap", "local-path-config", namespace), "data": data},
        _deployment("local-path-provisioner", namespace, {"app": "local-path-provisioner"}, pod),
        {**storage_class, **behaviour},
    ]


def _object(api_version: str, kind: str, name: str, namespace: str = "", labels: Manifest | None = None) -> Manifest:
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _rule(group: str, resources: tuple[str, ...], verbs: tuple[str, ...]) -> Manifest:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


def _cluster_role(name: str, rules: list[Manifest], account: str, namespace: str) -> list[Manifest]:
    group = "rbac.authorization.k8s.io"
    binding = _object(f"{group}/v1", "ClusterRoleBinding", name)
    binding["roleRef"] = {"apiGroup": group, "kind": "ClusterRole", "name": name}
    binding["subjects"] = [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]
    return [{**_object(f"{group}/v1", "ClusterRole", name), "rules": rules}, binding]


def _deployment(name: str, namespace: str, labels: Manifest, pod: Manifest) -> Manifest:
    result = _object("apps/v1", "Deployment", name, namespace)
    result["spec"] = {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    return result
