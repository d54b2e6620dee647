# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier sidecar: a highly available Prometheus pair, each with a Thanos sidecar in its pod."""

from __future__ import annotations

import re
from dataclasses import replace

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from ..channels import GRPC, HTTP
from ..common import COMMON, EXTERNAL_LABELS, OBJSTORE, RESOURCES, replicas, storage
from ..external_labels import IN_PROMETHEUS, problems_of
from ..model import Context, Instance, Manifest, Stack
from ..parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import disruption_budget, stateful_set
from ..parts.objects import config_map, manifest, service_account
from ..parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from ..parts.pod_template import POD_NAME, config_volume, container, pod_template
from ..parts.services import services
from ..prometheus import DEFAULT_JOBS, configuration, labels, web
from ..prometheus_flags import problems_of_flags
from ..scrape_jobs import problems_of_credentials, problems_of_names, rules
from ..tier import THANOS, Duty, Program, Questions, Tier
from ..versions import DEFAULT_PROMETHEUS, at_least
from ..workloads import Workload, sole

PROMETHEUS_DIR = "/prometheus"
CONFIG_DIR = "/etc/prometheus"
# Prometheus may need long to write its head to disk; the sidecar's own graces are shorter.
GRACE = 600
# Before 3.0 Prometheus does not put the pod's name into external labels on its own.
_TAG = re.compile(r":v?(\d+\.\d+\.\d+)")
_EXPANDING = "--enable-feature=expand-external-labels"

_OPTIONS = {
    **COMMON,
    **replicas(2),
    **storage("10Gi"),
    **OBJSTORE,
    **EXTERNAL_LABELS,
    "prometheus_version": Option(default=DEFAULT_PROMETHEUS, form="version"),
    "prometheus_image": Option(form="image"),
    "prometheus_resources": Option("dict", options=RESOURCES, default={"requests": {"cpu": "100m", "memory": "400Mi"}}),
    "prometheus_extra_args": Option("list", elements="str"),
    "replica_label": Option(default="prometheus_replica", form="label_name"),
    "retention": Option(default="2d", form="duration"),
    "scrape_interval": Option(default="30s", form="interval"),
    "scrape_configs": Option("list", elements="dict"),
    "default_scrape": Option("bool", True),
    "discovery_rights_granted": Option("bool", False),
    "config_reload_interval": Option(default="30s", form="interval"),
}

_FLAG_OF = {**LOG_FLAGS, "config_reload_interval": "reloader.watch-interval"}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    problems = problems_of(instance, IN_PROMETHEUS)
    if seconds(instance["retention"]) < seconds("6h"):
        what = (
            f"{instance['retention']} is shorter than 6h (three two-hour blocks), so blocks could be deleted before "
            "they are uploaded"
        )
        problems.append(mistake("option-range", "retention", what))
    return [
        *problems,
        *problems_of_flags(instance["prometheus_extra_args"]),
        *problems_of_names(instance, DEFAULT_JOBS if instance["default_scrape"] else ()),
        *problems_of_credentials(instance),
    ]


def _args(instance: Instance) -> list[str]:
    """The sidecar's arguments, without extra_args."""
    return [
        "sidecar",
        HTTP_ADDRESS,
        GRPC_ADDRESS,
        f"--prometheus.url={web(instance).url('localhost')}",
        f"--tsdb.path={PROMETHEUS_DIR}",
        f"--reloader.config-file={CONFIG_DIR}/prometheus.yml",
        *objstore_args(instance),
        *arguments(instance, _FLAG_OF),
    ]


def _version(instance: Instance) -> str:
    """The Prometheus version: what the tag of an image of the user's own tells, else the option."""
    tag = _TAG.search(instance["prometheus_image"] or "")
    return tag[1] if tag else str(instance["prometheus_version"])


def _prometheus(instance: Instance) -> dict[str, object]:
    tag = f"v{instance['prometheus_version'].removeprefix('v')}"
    settings = [
        f"--config.file={CONFIG_DIR}/prometheus.yml",
        f"--storage.tsdb.path={PROMETHEUS_DIR}",
        f"--storage.tsdb.retention.time={instance['retention']}",
        # Equal durations keep Prometheus from compacting blocks that the sidecar is about to upload.
        "--storage.tsdb.min-block-duration=2h",
        "--storage.tsdb.max-block-duration=2h",
        "--web.enable-lifecycle",
        f"--web.listen-address=:{web(instance).port}",
        f"--log.level={instance['log_level']}",
        f"--log.format={instance['log_format']}",
        *([] if at_least(_version(instance), "3.0") else [_EXPANDING]),
    ]
    return container(
        instance,
        "prometheus",
        [*settings, *instance["prometheus_extra_args"]],
        channels=[web(instance)],
        mounts={"data": PROMETHEUS_DIR, "config": CONFIG_DIR},
        env=[POD_NAME],
        image_name=instance["prometheus_image"] or f"{instance['registry']}/prometheus/prometheus:{tag}",
        resources=instance["prometheus_resources"],
    )


def _discovery_role(instance: Instance, ctx: Context) -> list[Manifest]:
    subject = {"kind": "ServiceAccount", "name": instance.fullname, "namespace": ctx.stack.namespace}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": instance.fullname}
    rbac = "rbac.authorization.k8s.io/v1"
    return [
        manifest(rbac, "Role", instance, ctx, rules=rules(instance)),
        manifest(rbac, "RoleBinding", instance, ctx, roleRef=reference, subjects=[subject]),
    ]


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    return sole(instance, "StatefulSet", (HTTP, GRPC, web(instance)), _args(instance))


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    sidecar = container(
        instance,
        workload.container,
        [*workload.args, *instance["extra_args"]],
        channels=[workload.channel("http"), workload.channel("grpc")],
        mounts={"data": PROMETHEUS_DIR, "config": CONFIG_DIR, "objstore": OBJSTORE_DIR},
        env=objstore_env(instance, ctx),
    )
    template = pod_template(
        workload,
        ctx,
        [_prometheus(instance), sidecar],
        volumes=[objstore_volume(instance, ctx), config_volume(instance)],
        grace=GRACE,
        token=True,
        digests=objstore_digest(instance, ctx),
    )
    return [
        service_account(instance, ctx),
        *_discovery_role(instance, ctx),
        config_map(instance, ctx, "", {"prometheus.yml": configuration(instance, ctx)}),
        *services(workload, ctx, "web", "grpc"),
        *disruption_budget(workload, ctx),
        stateful_set(workload, ctx, template),
    ]


_PROGRAMS = (
    # A sidecar has no API that tells its version.
    replace(THANOS, metric="thanos_build_info"),
    Program(
        name="Prometheus",
        port="web",
        version="prometheus_version",
        image="prometheus_image",
        metric="",
        reloaded="prometheus_config_last_reload_successful",
        configuration="scrape_configs",
    ),
)

TIER = Tier(
    name="sidecar",
    command="sidecar",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        flags.GRPC,
        flags.OBJSTORE,
        flags.SHIPPER,
        """
        hash-func min-time prometheus.get_config_interval prometheus.get_config_timeout
        prometheus.http-client prometheus.http-client-file:f prometheus.ready_timeout prometheus.url
        reloader.config-envsubst-file:f reloader.config-file:f reloader.method reloader.process-name
        reloader.retry-interval reloader.rule-dir:fr reloader.watch-interval tsdb.path
        """,
    ),
    component="prometheus-sidecar",
    access="writer",
    store_api="sidecar",
    order=10,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.SCRAPE, Duty.UPLOAD}),
    external_route=False,
    check=_check,
    workloads=_workloads,
    render=_render,
    external_labels=labels,
    questions=Questions(
        programs=_PROGRAMS,
        page="Prometheus",
        page_port="web",
        hints={"fresh": ("scrape_interval", "scrape_configs"), "upload": ("objstore",)},
        writer="Prometheus",
        database="web",
    ),
)
