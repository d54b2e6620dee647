# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier sidecar: a highly available Prometheus pair, each with a Thanos sidecar in its pod."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from ..channels import HTTP
from ..common import COMMON, EXTERNAL_LABELS, OBJSTORE, RESOURCES, replicas, storage
from ..existing import PROMETHEUS, problems_of_beside, unread_beside, workloads_beside
from ..external_labels import IN_PROMETHEUS, problems_of
from ..grpc_tls import GRPC_TLS, grpc_channel, server_args
from ..model import Context, Instance, Manifest, Stack
from ..parts.beside import discovery
from ..parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import disruption_budget, stateful_set
from ..parts.objects import config_map, manifest, service_account
from ..parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from ..parts.pod_template import POD_NAME, config_volume, container, pod_template
from ..parts.services import services
from ..parts.tls_files import tls_digests, tls_mounts, tls_volumes
from ..prometheus import DEFAULT_JOBS, configuration, labels, web
from ..prometheus_flags import problems_of_flags
from ..prometheus_options import RECEIVES, UNREAD_BY_AGENT, mode_flags, problems_of_mode
from ..prometheus_version import problems_of_image, prometheus_version
from ..remote_write import REMOTE_WRITE_TO, problems_of_remote_write
from ..scrape_jobs import (
    problems_of_credentials,
    problems_of_expressions,
    problems_of_intervals,
    problems_of_names,
    rules,
)
from ..tier import THANOS, Duty, Program, Questions, Tier
from ..times import problems_of_times
from ..versions import DEFAULT_PROMETHEUS
from ..workloads import Workload, sole

PROMETHEUS_DIR = "/prometheus"
CONFIG_DIR = "/etc/prometheus"
# Prometheus may need long to write its head to disk; the sidecar's own graces are shorter.
GRACE = 600
# Options of a Prometheus that the collection deploys.
_OWN = {
    **replicas(2),
    **storage("10Gi"),
    **EXTERNAL_LABELS,
    **REMOTE_WRITE_TO,
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
    **RECEIVES,
}
_OPTIONS = {**COMMON, **OBJSTORE, **GRPC_TLS, **PROMETHEUS, **_OWN}

_RELOADS = {"config_reload_interval": "reloader.watch-interval"}
_FLAG_OF = {**LOG_FLAGS, **_RELOADS}


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
        *problems_of_beside(instance, _OWN),
        *problems_of_flags(instance["prometheus_extra_args"], instance["agent"]),
        *([] if instance["prometheus"] else _problems_of_jobs(instance)),
        *problems_of_remote_write(instance, prometheus_version(instance)),
        *problems_of_image(instance),
        *problems_of_mode(instance, prometheus_version(instance)),
        *problems_of_times(instance),
    ]


def _problems_of_jobs(instance: Instance) -> list[Finding]:
    """Those of a Prometheus of the collection's own; beside another one there are to be none at all."""
    return [
        *problems_of_names(instance, DEFAULT_JOBS if instance["default_scrape"] else ()),
        *problems_of_credentials(instance),
        *problems_of_intervals(instance),
        *problems_of_expressions(instance),
    ]


def _unread(instance: Instance) -> Mapping[str, str]:
    """What has no effect on an agent, or beside a Prometheus of somebody else's."""
    return UNREAD_BY_AGENT if instance["agent"] and not instance["prometheus"] else unread_beside(instance)


def _args(instance: Instance) -> list[str]:
    """The sidecar's arguments, without extra_args."""
    reloads = f"--reloader.config-file={CONFIG_DIR}/prometheus.yml"
    reading = _reading(instance, web(instance).url("localhost"), PROMETHEUS_DIR, reloads)
    return [*reading, *arguments(instance, _RELOADS)]


def _reading(instance: Instance, url: str, folder: str, *more: str) -> list[str]:
    """The arguments of a sidecar that reads this Prometheus, whoever configures that."""
    return [
        "sidecar",
        HTTP_ADDRESS,
        GRPC_ADDRESS,
        *server_args(instance),
        f"--prometheus.url={url}",
        f"--tsdb.path={folder}",
        *more,
        *objstore_args(instance),
        *arguments(instance, LOG_FLAGS),
    ]


def _prometheus(instance: Instance) -> dict[str, Any]:
    tag = f"v{instance['prometheus_version'].removeprefix('v')}"
    settings = [
        f"--config.file={CONFIG_DIR}/prometheus.yml",
        *mode_flags(instance, prometheus_version(instance), PROMETHEUS_DIR),
        "--web.enable-lifecycle",
        f"--web.listen-address=:{web(instance).port}",
        f"--log.level={instance['log_level']}",
        f"--log.format={instance['log_format']}",
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
    if instance["prometheus"]:
        return workloads_beside(instance, partial(_reading, instance))
    if instance["agent"]:
        # It has neither a sidecar nor what that would need.
        return (Workload(instance, "StatefulSet", instance["replicas"], (web(instance),), (), frozenset()),)
    return sole(instance, "StatefulSet", (HTTP, grpc_channel(instance), web(instance)), _args(instance))


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    if instance["prometheus"]:
        return [discovery(workload, ctx) for workload in ctx.stack.workloads(instance)]
    (workload,) = ctx.stack.workloads(instance)
    containers, volumes, digests = _pod(workload, ctx)
    template = pod_template(
        workload,
        ctx,
        containers,
        volumes=[*volumes, config_volume(instance)],
        grace=GRACE,
        token=True,
        digests=digests,
    )
    ports = [channel.name for channel in workload.channels if channel.name in ("web", "grpc")]
    return [
        service_account(workload.instance, ctx),
        *_discovery_role(instance, ctx),
        config_map(instance, ctx, "", {"prometheus.yml": configuration(instance, ctx, prometheus_version(instance))}),
        *services(workload, ctx, *sorted(ports, reverse=True)),
        *disruption_budget(workload, ctx),
        stateful_set(workload, ctx, template),
    ]


def _pod(workload: Workload, ctx: Context) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
    """Containers, volumes and digests of the pods: an agent's are those of Prometheus alone."""
    instance = workload.instance
    if instance["agent"]:
        return [_prometheus(instance)], [], {}
    sidecar = container(
        instance,
        workload.container,
        [*workload.args, *instance["extra_args"]],
        channels=[workload.channel("http"), workload.channel("grpc")],
        mounts={"data": PROMETHEUS_DIR, "config": CONFIG_DIR, "objstore": OBJSTORE_DIR, **tls_mounts(instance)},
        env=objstore_env(instance, ctx),
    )
    volumes = [objstore_volume(instance, ctx), *tls_volumes(instance)]
    return [_prometheus(instance), sidecar], volumes, {**objstore_digest(instance, ctx), **tls_digests(instance, ctx)}


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
    option_of=flags.options_of(_FLAG_OF, flags.OF_GRPC, flags.OF_OBJSTORE),
    component="prometheus-sidecar",
    by_default=True,
    access="writer",
    without_objstore="agent",
    store_api="sidecar",
    order=10,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.SCRAPE, Duty.UPLOAD}),
    external_route=False,
    check=_check,
    unread=_unread,
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
