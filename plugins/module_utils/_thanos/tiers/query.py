# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier query: a Deployment that answers PromQL from the StoreAPIs named in its endpoint file."""

from __future__ import annotations

from dataclasses import replace

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from ..channels import GRPC, HTTP
from ..common import COMMON, replicas
from ..endpoint_file import endpoint_file
from ..model import Context, Instance, Manifest, Stack
from ..parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import deployment, disruption_budget
from ..parts.objects import config_map, service_account
from ..parts.pod_template import GRACE_HTTP_GRPC, config_volume, container, pod_template
from ..parts.services import services
from ..prefix import prefix_of
from ..tier import THANOS, Duty, Questions, Tier
from ..workloads import Workload, sole

_OPTIONS = {
    **COMMON,
    **replicas(2),
    "endpoints": Option("list", elements="str", form="grpc_address"),
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
    return problems


def _args(instance: Instance) -> list[str]:
    """The arguments, without extra_args."""
    return [
        "query",
        HTTP_ADDRESS,
        GRPC_ADDRESS,
        "--endpoint.sd-config-file=/etc/thanos/config/endpoints.yaml",
        *arguments(instance, _FLAG_OF),
    ]


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    args = _args(instance)
    prefix = prefix_of([*args, *instance["extra_args"]], external_route=True)
    return sole(instance, "Deployment", (replace(HTTP, prefix=prefix), GRPC), args)


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    thanos = container(
        instance,
        workload.container,
        [*workload.args, *instance["extra_args"]],
        channels=workload.channels,
        mounts={"config": "/etc/thanos/config"},
        env=instance["env"],
    )
    template = pod_template(workload, ctx, [thanos], volumes=[config_volume(instance)], grace=GRACE_HTTP_GRPC)
    return [
        service_account(instance, ctx),
        config_map(instance, ctx, "", {"endpoints.yaml": endpoint_file(instance, ctx)}),
        *services(workload, ctx, "http", "grpc"),
        *disruption_budget(workload, ctx),
        deployment(workload, ctx, template),
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
        grpc-compression grpc.proxy-strategy:h inject-test-addresses:h
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
        rule.partial-response:hb selector-label:r status.partial-response:hb store.response-timeout
        store.sd-dns-interval store.sd-dns-resolver:h store.sd-files:fr store.sd-interval
        store.unhealthy-timeout target.partial-response:hb
        """,
    ),
    component="query-layer",
    access="",
    store_api="",
    order=40,
    start="new queriers",
    duties=frozenset({Duty.QUERY}),
    external_route=True,
    check=_check,
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
