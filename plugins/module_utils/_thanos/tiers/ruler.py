# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier ruler: a StatefulSet that evaluates rules over a querier and sends alerts."""

from __future__ import annotations

from ..._findings import Finding, mistake
from ..._options.rows import Option
from .. import flags
from ..common import COMMON, EXTERNAL_LABELS, OBJSTORE, replicas, storage
from ..external_labels import IN_ARGUMENTS, external_labels, problems_of, written
from ..grpc_tls import GRPC_TLS, grpc_channel, server_args
from ..model import Context, Instance, Manifest, Stack
from ..parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import disruption_budget, stateful_set
from ..parts.objects import config_map, service_account
from ..parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from ..parts.pod_template import DATA_DIR, GRACE_HTTP_GRPC, POD_NAME, thanos_pod
from ..parts.services import services
from ..parts.tls_files import tls_digests, tls_mounts, tls_volumes
from ..plain_json import plain_json
from ..prefix import web_channel
from ..queriers import urls
from ..rule_files import SLOTS, config_map_name, rule_files, slots
from ..tier import THANOS, Duty, Questions, Tier, nothing_unread
from ..workloads import Workload, sole

RULES_DIR = "/etc/thanos/rules"
# In the ruler the connection age stands where the gRPC grace period belongs, so it bounds the shutdown.
CONNECTION_AGE = "2m"

_OPTIONS = {
    **COMMON,
    **replicas(2),
    **storage("5Gi"),
    **OBJSTORE,
    **GRPC_TLS,
    **EXTERNAL_LABELS,
    "rules": Option("dict"),
    "rule_files": Option("list", elements="path"),
    "rule_config_maps": Option("list", elements="str", form="dns_name"),
    "alertmanagers": Option("list", elements="str", form="url"),
    "query": Option("list", elements="str", form="query_address"),
    "replica_label": Option(default="rule_replica", form="label_name"),
    "evaluation_interval": Option(default="30s", form="interval"),
    "resend_delay": Option(default="1m", form="span"),
    "retention": Option(default="48h", form="duration"),
    "alert_query_url": Option(form="http_url"),
    "test_alert": Option("bool", False),
}

_FLAG_OF = {
    **LOG_FLAGS,
    "alertmanagers": "alertmanagers.url",
    "evaluation_interval": "eval-interval",
    "resend_delay": "resend-delay",
    "retention": "tsdb.retention",
    "alert_query_url": "alert.query-url",
    "replica_label": "alert.label-drop",
}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    problems = problems_of(instance, IN_ARGUMENTS)
    if instance["test_alert"] and not instance["alertmanagers"]:
        what = "there is nowhere to send the alert to"
        problems.append(mistake("option-incomplete", "test_alert", what, "set alertmanagers"))
    return problems


def labels(instance: Instance, cluster: str) -> dict[str, str]:
    """The labels of every series and alert of the ruler."""
    return external_labels(instance, {"cluster": cluster, "ruler": instance.fullname}, IN_ARGUMENTS)


def _args(instance: Instance, stack: Stack) -> list[str]:
    """The arguments, without extra_args."""
    own = written(labels(instance, stack.cluster), IN_ARGUMENTS)
    return [
        "rule",
        HTTP_ADDRESS,
        GRPC_ADDRESS,
        *server_args(instance),
        f"--grpc-server-max-connection-age={CONNECTION_AGE}",
        f"--data-dir={DATA_DIR}",
        *objstore_args(instance),
        f"--rule-file={RULES_DIR}/*.yaml",
        f"--rule-file={RULES_DIR}/*.yml",
        *arguments(instance, _FLAG_OF),
        *(f"--label={name}={plain_json(own[name])}" for name in sorted(own)),
        *(f"--query={address}" for address in instance["query"] or urls(stack)),
    ]


def _workloads(instance: Instance, stack: Stack) -> tuple[Workload, ...]:
    args = _args(instance, stack)
    return sole(instance, "StatefulSet", (web_channel(instance, args), grpc_channel(instance)), args)


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    # Every slot is mounted from the start, present or not: a further slot is then a reload and not a restart.
    sources = [{"configMap": {"name": config_map_name(instance, i), "optional": True}} for i in range(SLOTS)]
    template = thanos_pod(
        workload,
        ctx,
        mounts={"data": DATA_DIR, "objstore": OBJSTORE_DIR, "rules": RULES_DIR, **tls_mounts(instance)},
        env=[POD_NAME, *objstore_env(instance, ctx)],
        volumes=[
            objstore_volume(instance, ctx),
            {"name": "rules", "projected": {"sources": sources}},
            *tls_volumes(instance),
        ],
        grace=GRACE_HTTP_GRPC,
        digests={**objstore_digest(instance, ctx), **tls_digests(instance, ctx)},
    )
    files = rule_files(instance, ctx.facts)
    return [
        service_account(instance, ctx),
        *(config_map(instance, ctx, f"-rules-{i}", data) for i, data in enumerate(slots(files))),
        *services(workload, ctx, "http", "grpc"),
        *disruption_budget(workload, ctx),
        stateful_set(workload, ctx, template),
    ]


TIER = Tier(
    name="ruler",
    command="rule",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        flags.WEB,
        flags.GRPC,
        flags.OBJSTORE,
        flags.ROUTE,
        flags.PROMQL,
        flags.SHIPPER,
        """
        alert.label-drop:r alert.query-template alert.relabel-config alert.relabel-config-file:f
        alertmanagers.config alertmanagers.config-file:f alertmanagers.sd-dns-interval
        alertmanagers.send-timeout alertmanagers.url:r data-dir eval-interval for-grace-period
        for-outage-tolerance grpc-query-endpoint:r hash-func label:r query.config query.config-file:f
        query.http-method query.only-prometheus-params:hb query.sd-dns-interval query.sd-dns-resolver:h
        query.sd-files:fr query.sd-interval query:r remote-write.config remote-write.config-file:f
        resend-delay restore-ignored-label:r rule-concurrent-evaluation rule-file:fr rule-query-offset
        tsdb.block-duration tsdb.enable-native-histograms:b@0.40 tsdb.no-lockfile:b tsdb.retention
        tsdb.wal-compression:b
        """,
    ),
    option_of=flags.options_of(_FLAG_OF, flags.OF_GRPC, flags.OF_OBJSTORE, {"query": "query"}),
    component="rule-evaluation-engine",
    by_default=True,
    access="writer",
    without_objstore="",
    store_api="rule",
    order=50,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.RULES, Duty.UPLOAD}),
    external_route=False,
    check=_check,
    unread=nothing_unread,
    workloads=_workloads,
    render=_render,
    external_labels=labels,
    questions=Questions(
        programs=(THANOS,),
        page="Ruler",
        page_port="http",
        hints={
            "rules": ("rules", "rule_files", "rule_config_maps"),
            "alerts": ("alertmanagers", "test_alert"),
            "upload": ("objstore",),
        },
        writer="ruler",
        database="http",
    ),
)
