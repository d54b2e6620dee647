# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of kinds: everything the engine may read or write. Adding a kind is adding a row; nothing is discovered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind on the API server.

    ``prunable``: may be deleted because nobody renders it any longer. ``wave`` is the order within a phase: what
    workloads refer to is there before them, and is deleted after them. ``comes_with`` names what brings an optional
    kind into a cluster; it is empty for the kinds that every cluster has.
    """

    name: str
    api_version: str
    plural: str
    namespaced: bool = True
    prunable: bool = True
    wave: int = 1
    comes_with: str = ""

    @property
    def optional(self) -> bool:
        """Whether a cluster may lack it."""
        return bool(self.comes_with)

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return self.api_version.rpartition("/")[0]

    def path(self, namespace: str = "", name: str = "") -> str:
        """Path of the collection (in one namespace, or everywhere), or of one object."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{inside}/{self.plural}" + (f"/{name}" if name else "")


_ROWS = (
    Kind("Namespace", "v1", "namespaces", namespaced=False, prunable=False, wave=0),
    Kind("ServiceAccount", "v1", "serviceaccounts"),
    Kind("Role", "rbac.authorization.k8s.io/v1", "roles"),
    Kind("RoleBinding", "rbac.authorization.k8s.io/v1", "rolebindings", wave=2),
    Kind("ConfigMap", "v1", "configmaps"),
    Kind("Secret", "v1", "secrets"),
    Kind("Service", "v1", "services"),
    Kind("PersistentVolumeClaim", "v1", "persistentvolumeclaims", prunable=False),
    Kind("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies"),
    Kind("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets"),
    Kind("Deployment", "apps/v1", "deployments", wave=2),
    Kind("StatefulSet", "apps/v1", "statefulsets", wave=2),
    Kind("Job", "batch/v1", "jobs", wave=2),
    Kind("Ingress", "networking.k8s.io/v1", "ingresses", wave=2),
    # Optional: a cluster has them when somebody installed what brings them.
    Kind("ServiceMonitor", "monitoring.coreos.com/v1", "servicemonitors", comes_with="the Prometheus Operator"),
    Kind("PrometheusRule", "monitoring.coreos.com/v1", "prometheusrules", comes_with="the Prometheus Operator"),
    Kind("Certificate", "cert-manager.io/v1", "certificates", comes_with="cert-manager"),
    Kind("HTTPRoute", "gateway.networking.k8s.io/v1", "httproutes", wave=2, comes_with="the Gateway API"),
    Kind("Route", "route.openshift.io/v1", "routes", wave=2, comes_with="OpenShift"),
    # Somebody else's, to which fields are added and nothing more.
    Kind(
        "Prometheus", "monitoring.coreos.com/v1", "prometheuses", prunable=False, comes_with="the Prometheus Operator"
    ),
    # Read only: what gates and gathering look at.
    Kind("ReplicaSet", "apps/v1", "replicasets", prunable=False),
    Kind("Pod", "v1", "pods", prunable=False),
    Kind("Event", "v1", "events", prunable=False),
    Kind("EndpointSlice", "discovery.k8s.io/v1", "endpointslices", prunable=False),
    Kind("CronJob", "batch/v1", "cronjobs", prunable=False),
    Kind("Node", "v1", "nodes", namespaced=False, prunable=False),
    Kind(
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        "customresourcedefinitions",
        namespaced=False,
        prunable=False,
    ),
    Kind("StorageClass", "storage.k8s.io/v1", "storageclasses", namespaced=False, prunable=False),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ROWS}

# What a rollout's gate lists, and quotes when it fails.
WAIT_KINDS = ("Pod", "ReplicaSet", "PersistentVolumeClaim", "Event")
