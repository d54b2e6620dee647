# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier sidecar: a highly available Prometheus pair, each with a Thanos sidecar in its pod."""

from __future__ import annotations

from dataclasses import replace

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from .. import workload as w
from ..common import COMMON, EXTERNAL_LABELS, OBJSTORE, RESOURCES, replicas, storage
from ..external_labels import IN_PROMETHEUS, problems_of
from ..model import Context, Instance, Manifest, Stack
from ..prometheus import DEFAULT_JOBS, WEB, configuration, labels
from ..tier import THANOS, Duty, Program, Questions, Tier
from ..versions import DEFAULT_PROMETHEUS

PROMETHEUS_DIR = "/prometheus"
CONFIG_DIR = "/etc/prometheus"
# Prometheus may need long to write its head to disk; the sidecar's own graces are shorter.
GRACE = 600

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
    "scrape_interval": Option(default="30s", form="duration"),
    "scrape_configs": Option("list", elements="dict"),
    "default_scrape": Option("bool", True),
    "config_reload_interval": Option(default="30s", form="duration"),
}

_FLAG_OF = {**w.LOG_FLAGS, "config_reload_interval": "reloader.watch-interval"}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    problems = problems_of(instance, IN_PROMETHEUS)
    if seconds(instance["retention"]) < seconds("6h"):
        what = (
            f"{instance['retention']} is shorter than 6h (three two-hour blocks), so blocks could be deleted before "
            "they are uploaded"
        )
        problems.append(mistake("option-range", "retention", what))
    return problems + _problems_of_jobs(instance)


def _problems_of_jobs(instance: Instance) -> list[Finding]:
    """Prometheus refuses its whole configuration for one job without a name, or with the name of another."""
    problems, default = [], DEFAULT_JOBS if instance["default_scrape"] else ()
    seen = set(default)
    for i, config in enumerate(instance["scrape_configs"]):
        name = str(config.get("job_name") or "")
        if not name:
            problems.append(mistake("option-required", "scrape_configs", "every entry needs a job_name"))
        elif name in seen:
            other = "default_scrape" if name in default else "another entry"
            hint = "rename it, or set default_scrape: false" if name in default else "rename one of them"
            what = f"{other} has a job_name '{name}' too"
            problems.append(mistake("option-conflict", f"scrape_configs[{i}]", what, hint))
        seen.add(name)
    return problems


def _args(instance: Instance, _stack: Stack) -> list[str]:
    """The sidecar's arguments, without extra_args."""
    return [
        "sidecar",
        w.http_address(),
        w.grpc_address(),
        f"--prometheus.url=http://127.0.0.1:{WEB}",
        f"--tsdb.path={PROMETHEUS_DIR}",
        f"--reloader.config-file={CONFIG_DIR}/prometheus.yml",
        *w.objstore_args(instance),
        *w.arguments(instance, _FLAG_OF),
    ]


def _prometheus(instance: Instance) -> dict[str, object]:
    tag = f"v{instance['prometheus_version'].removeprefix('v')}"
    arguments = [
        f"--config.file={CONFIG_DIR}/prometheus.yml",
        f"--storage.tsdb.path={PROMETHEUS_DIR}",
        f"--storage.tsdb.retention.time={instance['retention']}",
        # Equal durations keep Prometheus from compacting blocks that the sidecar is about to upload.
        "--storage.tsdb.min-block-duration=2h",
        "--storage.tsdb.max-block-duration=2h",
        "--web.enable-lifecycle",
        f"--web.listen-address=0.0.0.0:{WEB}",
        f"--log.level={instance['log_level']}",
        f"--log.format={instance['log_format']}",
    ]
    return w.container(
        instance,
        "prometheus",
        [*arguments, *instance["prometheus_extra_args"]],
        ports=[{"name": "web", "containerPort": WEB, "protocol": "TCP"}],
        mounts={"data": PROMETHEUS_DIR, "config": CONFIG_DIR},
        env=[w.POD_NAME],
        image_name=instance["prometheus_image"] or f"{instance['registry']}/prometheus/prometheus:{tag}",
        resources=instance["prometheus_resources"],
        port="web",
    )


def _discovery_role(instance: Instance, ctx: Context) -> list[Manifest]:
    rules = [
        {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]},
    ]
    subject = {"kind": "ServiceAccount", "name": instance.fullname, "namespace": ctx.stack.namespace}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": instance.fullname}
    rbac = "rbac.authorization.k8s.io/v1"
    return [
        w.manifest(rbac, "Role", instance, ctx, rules=rules),
        w.manifest(rbac, "RoleBinding", instance, ctx, roleRef=reference, subjects=[subject]),
    ]


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    sidecar = w.container(
        instance,
        "thanos-sidecar",
        [*_args(instance, ctx.stack), *instance["extra_args"]],
        ports=[w.HTTP_PORT, w.GRPC_PORT],
        mounts={"data": PROMETHEUS_DIR, "config": CONFIG_DIR, "objstore": w.OBJSTORE_DIR},
        env=w.objstore_env(instance, ctx),
    )
    template = w.pod_template(
        instance,
        ctx,
        [_prometheus(instance), sidecar],
        volumes=[w.objstore_volume(instance, ctx), w.config_volume(instance)],
        grace=GRACE,
        token=True,
        digests=w.objstore_digest(instance, ctx),
    )
    ports = {"web": WEB, "grpc": w.GRPC}
    return [
        w.service_account(instance, ctx),
        *_discovery_role(instance, ctx),
        w.config_map(instance, ctx, "", {"prometheus.yml": configuration(instance, ctx)}),
        *w.services(instance, ctx, ports, store_api=True),
        *w.disruption_budget(instance, ctx),
        w.stateful_set(instance, ctx, template, replicas=instance["replicas"]),
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
        prometheus.http-client prometheus.http-client-file prometheus.ready_timeout prometheus.url
        reloader.config-envsubst-file reloader.config-file reloader.method reloader.process-name
        reloader.retry-interval reloader.rule-dir:r reloader.watch-interval tsdb.path
        """,
    ),
    component="prometheus-sidecar",
    access="writer",
    store_api="sidecar",
    order=10,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.SCRAPE, Duty.UPLOAD}),
    kind="StatefulSet",
    check=_check,
    args=_args,
    render=_render,
    external_labels=labels,
    questions=Questions(
        programs=_PROGRAMS,
        page="Prometheus",
        hints={"fresh": "scrape_interval, scrape_configs", "upload": "objstore"},
        writer="Prometheus",
        database="web",
    ),
)
