# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every tier takes, and their groups that several tiers share."""

from __future__ import annotations

from .._options.rows import Option
from .versions import DEFAULT_THANOS

REPLICA_LABELS = ["prometheus_replica", "rule_replica", "receive_replica"]

RESOURCES = {
    "requests": Option("dict", form="quantity"),
    "limits": Option("dict", form="quantity"),
}
LABELS = Option("dict", form="kubernetes_label_value", keys="label_key")
ANNOTATIONS = Option("dict", form="text", keys="annotation_key")
EXTERNAL_LABELS = {"external_labels": Option("dict", form="text", keys="label_name")}

COMMON = {
    "state": Option(choices=("present", "absent"), default="present"),
    "fullname": Option(form="service_name"),
    "version": Option(default=DEFAULT_THANOS, form="version"),
    "registry": Option(default="quay.io", form="image"),
    "image": Option(form="image"),
    "image_pull_policy": Option(choices=("Always", "IfNotPresent", "Never"), default="IfNotPresent"),
    "image_pull_secrets": Option("list", elements="str", form="dns_name"),
    "resources": Option("dict", options=RESOURCES, default={"requests": {"cpu": "50m", "memory": "128Mi"}}),
    "node_selector": LABELS,
    "tolerations": Option("list", elements="dict"),
    "affinity": Option("dict"),
    "topology_spread_constraints": Option("list", elements="dict"),
    "priority_class_name": Option(form="dns_name"),
    "labels": LABELS,
    "annotations": ANNOTATIONS,
    "pod_labels": LABELS,
    "pod_annotations": ANNOTATIONS,
    "service_account_annotations": ANNOTATIONS,
    "env": Option(
        "list",
        elements="dict",
        options={"name": Option(required=True), "value": Option("raw"), "valueFrom": Option("dict")},
    ),
    "secrets": Option("list", elements="str", form="dns_name"),
    "config_maps": Option("list", elements="str", form="dns_name"),
    "extra_args": Option("list", elements="str"),
    "log_level": Option(choices=("debug", "info", "warn", "error"), default="info"),
    "log_format": Option(choices=("logfmt", "json"), default="logfmt"),
    "replica_labels": Option("list", elements="str", form="label_name", default=REPLICA_LABELS),
    "service": Option(
        "dict",
        default={},
        options={
            "type": Option(choices=("ClusterIP", "NodePort", "LoadBalancer"), default="ClusterIP"),
            "http_node_port": Option("int", minimum=1, maximum=65535),
            "grpc_node_port": Option("int", minimum=1, maximum=65535),
            "annotations": ANNOTATIONS,
        },
    ),
}


def replicas(default: int, *, least: int = 0) -> dict[str, Option]:
    """The options of the tiers that may have several pods."""
    return {"replicas": Option("int", default, minimum=least), "manage_replicas": Option("bool", True)}


def storage(size: str) -> dict[str, Option]:
    """The option ``storage`` of the tiers that have a claim."""
    return {
        "storage": Option(
            "dict",
            default={},
            options={
                "size": Option(default=size, form="claim_size"),
                "storage_class": Option(form="dns_name"),
            },
        )
    }


OBJSTORE = {
    "objstore": Option(default="default", form="dns_label"),
    "objstore_secret": Option(
        "dict",
        options={
            "name": Option(form="dns_name", required=True),
            "key": Option(default="objstore.yml"),
        },
    ),
}
