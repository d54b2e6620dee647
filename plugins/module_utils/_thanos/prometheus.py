# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of the Prometheus beside the sidecar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .channels import Channel
from .external_labels import IN_PROMETHEUS, external_labels, written
from .model import Context, Instance
from .plain_json import plain_json
from .prometheus_flags import path_of
from .prometheus_options import scrape_settings
from .remote_write import remote_writes

_WEB = Channel("web", 9090, whole=True)
DEFAULT_JOBS = ("thanos", "prometheus", "pods")

_OF_AWS = re.compile("(?:aws|ec2|ecs|elasticache|lightsail|msk|rds)_sd_configs")
_KEEP_RUNNING = {
    "source_labels": ["__meta_kubernetes_pod_phase"],
    "regex": "Pending|Succeeded|Failed|Completed",
    "action": "drop",
}
_POD_IP_AND_PORT = ["__meta_kubernetes_pod_ip", "__meta_kubernetes_pod_annotation_prometheus_io_port"]
# The port that a pod names itself; only in brackets has an IPv6 address one.
_ADDRESSES = [
    {
        "source_labels": _POD_IP_AND_PORT,
        "regex": regex,
        "replacement": replacement,
        "target_label": "__address__",
    }
    for regex, replacement in ((r"([^:]+);(\d+)", "$1:$2"), (r"(.*:.*);(\d+)", "[$1]:$2"))
]
_TO_POD = [
    {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
    {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
]


def web(instance: Instance) -> Channel:
    """The port of Prometheus, behind the path that the user's flags give it."""
    return replace(_WEB, prefix=path_of(instance["prometheus_extra_args"]))


def _pods(namespace: str) -> list[dict[str, Any]]:
    return [{"role": "pod", "namespaces": {"names": [namespace]}}]


def default_scrape_configs(instance: Instance, ctx: Context) -> list[dict[str, Any]]:
    """Jobs for Thanos (named as its mixin expects), for Prometheus itself, and for annotated pods of the namespace."""
    label = "__meta_kubernetes_pod_label_"
    annotation = "__meta_kubernetes_pod_annotation_prometheus_io_"
    port = "__meta_kubernetes_pod_container_port_name"
    stack = {"source_labels": [f"{label}o11y_thanos_stack"], "regex": ctx.stack.name, "action": "keep"}
    return [
        {
            "job_name": "thanos",
            "kubernetes_sd_configs": _pods(ctx.stack.namespace),
            "relabel_configs": [
                stack,
                {"source_labels": [port], "regex": "http", "action": "keep"},
                {"source_labels": [f"{label}app_kubernetes_io_name"], "target_label": "job"},
                *_TO_POD,
            ],
        },
        {
            "job_name": "prometheus",
            **({"metrics_path": web(instance).plain("/metrics")} if web(instance).prefix else {}),
            "kubernetes_sd_configs": _pods(ctx.stack.namespace),
            "relabel_configs": [
                {"source_labels": [f"{label}app_kubernetes_io_instance"], "regex": instance.fullname, "action": "keep"},
                {"source_labels": [port], "regex": "web", "action": "keep"},
                *_TO_POD,
            ],
        },
        {
            "job_name": "pods",
            "kubernetes_sd_configs": _pods(ctx.stack.namespace),
            "relabel_configs": [
                {"source_labels": [f"{annotation}scrape"], "regex": "true", "action": "keep"},
                _KEEP_RUNNING,
                {"source_labels": [f"{annotation}path"], "regex": "(.+)", "target_label": "__metrics_path__"},
                *_ADDRESSES,
                *_TO_POD,
            ],
        },
    ]


def labels(instance: Instance, cluster: str) -> dict[str, str]:
    """The labels that identify this Prometheus in every query and block."""
    return external_labels(instance, {"cluster": cluster}, IN_PROMETHEUS)


def each_job(instance: Instance) -> dict[str, str]:
    """Every job of the user's by its place among the options, in a configuration of its own.

    Of what holds for all jobs it has the interval alone, which a timeout must not pass; the rest is not the user's.
    """
    settings = {"scrape_interval": instance["scrape_interval"]}
    return {
        f"scrape_configs[{i}]": plain_json({"global": settings, "scrape_configs": [_in_a_region(job)]}) + "\n"
        for i, job in enumerate(instance["scrape_configs"])
    }


def _in_a_region(job: Mapping[str, Any]) -> dict[str, Any]:
    """The job with regions of AWS. Where it names none, older releases ask the machine as they read the job: a pod has
    an answer, and the controller has none.
    """

    def complete(entry: Any) -> Any:
        return {"region": "us-east-1", **entry} if isinstance(entry, Mapping) else entry

    return {
        key: [complete(entry) for entry in value] if _OF_AWS.fullmatch(str(key)) and isinstance(value, list) else value
        for key, value in job.items()
    }


def _global(instance: Instance, version: str) -> dict[str, Any]:
    return {"scrape_interval": instance["scrape_interval"], **scrape_settings(instance, version)}


def configuration(instance: Instance, ctx: Context, version: str) -> str:
    """``prometheus.yml``, written as JSON, which is YAML too: the same text on every run, without a library."""
    jobs = default_scrape_configs(instance, ctx) if instance["default_scrape"] else []
    document = {
        "global": {
            **_global(instance, version),
            "external_labels": written(labels(instance, ctx.stack.cluster), IN_PROMETHEUS),
        },
        "scrape_configs": [*jobs, *instance["scrape_configs"]],
        **({"remote_write": writes} if (writes := remote_writes(instance)) else {}),
    }
    return plain_json(document, indent=2) + "\n"
