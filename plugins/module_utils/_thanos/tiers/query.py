# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier query: a Deployment that answers PromQL from the StoreAPIs named in its endpoint file."""

from __future__ import annotations

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from ..common import COMMON, replicas
from ..dialled import settings_digests, settings_notes
from ..endpoint_file import endpoint_file
from ..endpoint_services import SERVICES, problems_of_services
from ..grafana import GRAFANA
from ..grpc_tls import CLIENT_TLS, GRPC_TLS, grpc_channel, server_args
from ..known_endpoints import KEEPING, annotation
from ..model import Context, Instance, Manifest, Stack
from ..parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import deployment, disruption_budget
from ..parts.data_source import data_source
from ..parts.objects import config_map, service_account
from ..parts.pod_template import GRACE_HTTP_GRPC, config_volume, thanos_pod
from ..parts.services import published_service, services
from ..parts.tls_files import tls_digests, tls_mounts, tls_volumes
from ..prefix import web_channel
from ..publish import PUBLISH, problems_of_publish
from ..remote_endpoints import ENDPOINTS, problems_of_endpoints
from ..tier import THANOS, Duty, Questions, Tier, nothing_unread
from ..workloads import Workload, sole

DISTRIBUTED = "distributed"

_OPTIONS = {
    **COMMON,
    **replicas(2),
    **GRPC_TLS,
    **CLIENT_TLS,
    **ENDPOINTS,
    **SERVICES,
    **KEEPING,
    **PUBLISH,
    **GRAFANA,
    "mode": Option(choices=("local", DISTRIBUTED), default="local"),
    "partition_labels": Option("list", elements="str", form="label_name"),
    "timeout": Option(default="2m", form="interval"),
    "max_concurrent": Option("int", 20, minimum=1),
    "lookback_delta": Option(form="span"),
    "auto_downsampling": Option("bool", True),
    "partial_response": Option("bool", True),
    "promql_engine": Option(choices=("prometheus", "thanos"), default="prometheus"),
    "store_response_timeout": Option(form="duration"),
    "sd_reload_interval": Option(default="30s", form="interval"),
    "external_prefix": Option(form="path_prefix"),
    "alert_query_url": Option(form="http_url"),
}

_FLAG_OF = {
    **LOG_FLAGS,
    "replica_labels": "query.replica-label",
    "timeout": "query.timeout",
    "max_concurrent": "query.max-concurrent",
    "lookback_delta": "query.lookback-delta",
    "auto_downsampling": "query.auto-downsampling",
    "partial_response": "query.partial-response",
    "promql_engine": "query.promql-engine",
    "store_response_timeout": "store.response-timeout",
    "sd_reload_interval": "endpoint.sd-config-reload-interval",
    "external_prefix": "web.external-prefix",
    "alert_query_url": "alert.query-url",
    "partition_labels": "query.partition-label",
}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    problems = []
    response = instance["store_response_timeout"]
    if response and seconds(response) >= seconds(instance["timeout"]):
        what = (
            f"{response} is not shorter than timeout ({instance['timeout']}), so one slow store would use up the whole "
            "query"
        )
        problems.append(mistake("option-conflict", "store_response_timeout", what, "make it shorter"))
    return [
        *problems,
        *_problems_of_mode(instance),
        *problems_of_endpoints(instance),
        *problems_of_services(instance),
        *problems_of_publish(instance),
    ]


def _problems_of_mode(instance: Instance) -> list[Finding]:
    """Labels that distributed mode would sum up wrongly by, or that it alone looks at."""
    partition = instance["partition_labels"]
    if partition and instance["mode"] != DISTRIBUTED:
        what = "is looked at in distributed mode only"
        return [mistake("option-without-effect", "partition_labels", what, "set mode: distributed, or leave it out")]
    return [
        mistake(
            "option-conflict",
            "partition_labels",
            f"{label} is one of replica_labels, too: it cannot tell copies apart and parts of the whole",
            "leave it in one of them",
        )
        for label in partition
        if label in instance["replica_labels"]
    ]


def _args(instance: Instance) -> list[str]:
    """The arguments, without extra_args."""
    return [
        "query",
        HTTP_ADDRESS,
        GRPC_ADDRESS,
        *server_args(instance),
        *(["--query.mode=distributed"] if instance["mode"] == DISTRIBUTED else []),
        "--endpoint.sd-config-file=/etc/thanos/config/endpoints.yaml",
        *arguments(instance, _FLAG_OF),
    ]


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    args = _args(instance)
    return sole(instance, "Deployment", (web_channel(instance, args), grpc_channel(instance)), args)


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    template = thanos_pod(
        workload,
        ctx,
        mounts={"config": "/etc/thanos/config", **tls_mounts(instance)},
        env=instance["env"],
        volumes=[config_volume(instance), *tls_volumes(instance)],
        grace=GRACE_HTTP_GRPC,
        digests={**tls_digests(instance, ctx), **settings_digests(instance, ctx)},
    )
    return [
        service_account(instance, ctx),
        config_map(instance, ctx, "", {"endpoints.yaml": endpoint_file(instance, ctx)}, annotation(instance)),
        *services(workload, ctx, "http", "grpc"),
        *published_service(workload, ctx),
        *disruption_budget(workload, ctx),
        *data_source(instance, ctx),
        deployment(workload, ctx, template, settings_notes(instance)),
    ]


TIER = Tier(
    name="query",
    command="query",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        flags.WEB,
        flags.GRPC,
        flags.ROUTE,
        flags.SELECTOR,
        flags.PROMQL,
        """
        deduplication.func endpoint-group-strict:r endpoint-group:r endpoint-strict:r
        endpoint.info-timeout:h endpoint.sd-config endpoint.sd-config-file:f
        endpoint.sd-config-reload-interval endpoint:r exemplar.partial-response:hb
        grpc-client-server-name grpc-client-tls-ca:f grpc-client-tls-cert:f grpc-client-tls-key:f
        grpc-client-tls-min-version@0.42 grpc-client-tls-secure:b grpc-client-tls-skip-verify:b
        grpc-compression grpc.proxy-strategy:h inject-test-addresses:h@0.41
        metric-metadata.partial-response:hb query.active-query-path query.auto-downsampling:b
        query.conn-metric.label:r query.default-evaluation-interval query.default-tenant-id
        query.disable-fallback:hb query.distributed-with-overlapping-interval:hb
        query.dynamic-lookback-delta:hb query.enforce-tenancy:b
        query.instant.default.max_source_resolution:h query.lazy-retrieval-max-buffered-responses:h
        query.lookback-delta query.max-concurrent query.max-concurrent-select
        query.metadata.default-time-range query.mode query.partial-response:b query.partition-label:r
        query.promql-engine query.replica-label:r query.telemetry.request-duration-seconds-quantiles:r
        query.telemetry.request-samples-quantiles:r query.telemetry.request-series-seconds-quantiles:r
        query.tenant-certificate-field query.tenant-header query.tenant-label-name query.timeout
        rule.partial-response:hb selector-label:r status.partial-response:hb@0.40 store.response-timeout
        store.sd-dns-interval store.sd-dns-resolver:h store.sd-files:fr store.sd-interval
        store.unhealthy-timeout target.partial-response:hb
        """,
    ),
    option_of=flags.options_of(_FLAG_OF, flags.OF_GRPC, {"endpoint.sd-config-file": "endpoints"}),
    component="query-layer",
    by_default=True,
    access="",
    without_objstore="",
    store_api="",
    order=40,
    start="new queriers",
    duties=frozenset({Duty.QUERY}),
    external_route=True,
    check=_check,
    unread=nothing_unread,
    workloads=_workloads,
    render=_render,
    external_labels=None,
    questions=Questions(
        programs=(THANOS,),
        page="Query UI",
        page_port="http",
        hints={},
        writer="",
        database="",
    ),
)
