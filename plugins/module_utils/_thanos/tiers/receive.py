# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier receive: takes remote writes. A Deployment of routers and a StatefulSet of ingestors for each hashring."""

from __future__ import annotations

from dataclasses import replace

from ..._findings import Finding, mistake
from ..._options.rows import Option
from .. import flags
from ..common import COMMON, EXTERNAL_LABELS
from ..grpc_tls import GRPC_TLS
from ..hashring.ring_file import RING_KEY, ring_config_map, ring_text
from ..model import Context, Instance, Manifest, Stack
from ..parts.objects import config_map
from ..receive_ingestors import COMBINED, INGESTOR, KEEPING, OF_KEEPING, ingestor_objects, ingestors
from ..receive_limits import limits_file, problems_of_limits
from ..receive_pods import OF_BOTH
from ..receive_rings import HASHRING, REPLICATION, ROUTER, planned_rings, problems_of_rings, rings
from ..receive_routers import OF_ROUTING, ROUTING, router_objects, routers
from ..receive_tenancy import TENANCY, labels, problems_of_labels, problems_of_tenancy
from ..remote_write_tls import OF_REMOTE_WRITE_TLS, problems_of_remote_write_tls
from ..tier import THANOS, Duty, Questions, Tier, nothing_unread
from ..workloads import Workload

_OPTIONS = {
    **COMMON,
    **KEEPING,
    **ROUTING,
    **GRPC_TLS,
    **EXTERNAL_LABELS,
    **REPLICATION,
    **TENANCY,
    "mode": Option(choices=(ROUTER, COMBINED), default=ROUTER),
    "hashrings": Option("list", elements=Option("dict", options=HASHRING)),
    "replica_label": Option(default="receive_replica", form="label_name"),
    "expect_tenants": Option("list", elements="str", form="tenant"),
}
_OPTION_OF = {
    "receive.hashrings-file": "hashrings",
    "receive.limits-config-file": "limits",
    "receive.capnproto-address": "replication_protocol",
    "label": "external_labels",
}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    return [
        *problems_of_rings(instance),
        *problems_of_labels(instance),
        *problems_of_tenancy(instance),
        *problems_of_limits(instance),
        *problems_of_remote_write_tls(instance),
        *_problems_of_ports(instance),
    ]


def _problems_of_ports(instance: Instance) -> list[Finding]:
    service, combined = instance["service"], instance["mode"] == COMBINED
    problems = []
    if service["type"] == "ClusterIP" and instance["remote_write_node_port"]:
        what, advice = "a Service of type ClusterIP has no node port", "set service.type: NodePort, or leave it out"
        problems.append(mistake("option-without-effect", "remote_write_node_port", what, advice))
    ports = {f"service.{name}": service[name] for name in ("http_node_port", "grpc_node_port")}
    ports["remote_write_node_port"] = instance["remote_write_node_port"]
    if not combined and ports.pop("service.grpc_node_port"):
        what = "routers, which the Service leads to, serve no gRPC"
        problems.append(mistake("option-without-effect", "service.grpc_node_port", what, "leave it out"))
    if combined and len(rings(instance)) > 1:
        what = "each hashring has a Service, and two cannot have one node port"
        problems += [
            mistake("option-conflict", name, what, "leave it out, or set mode: router")
            for name, port in ports.items()
            if port
        ]
    if combined and instance["router"]:
        what = "there are no routers in mode combined"
        problems.append(mistake("option-without-effect", "router", what, "leave it out, or set mode: router"))
    return problems


def _workloads(instance: Instance, stack: Stack) -> tuple[Workload, ...]:
    members = tuple(ingestors(ring, stack) for ring in rings(instance, stack))
    return members if instance["mode"] == COMBINED else (routers(instance, stack), *members)


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    limits = {"limits.yaml": limits_file(instance, ctx.stack)} if instance["limits"] else {}
    file = {RING_KEY: ring_text(planned_rings(instance, ctx).rings)}
    result = [config_map(instance, ctx, ring_config_map(""), file)]
    if limits:
        result.append(config_map(instance, ctx, "-limits", limits))
    for workload in ctx.stack.workloads(instance):
        result += ingestor_objects(workload, ctx) if Duty.INGEST in workload.duties else router_objects(workload, ctx)
    return result


TIER = Tier(
    name="receive",
    command="receive",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        flags.GRPC,
        flags.OBJSTORE,
        """
        enable-feature:r hash-func label:r matcher-cache-size receive-forward-max-backoff:h
        receive-forward-timeout:h receive.artificial-max-delay:h@0.41 receive.capnproto-address
        receive.default-tenant-id receive.forward.async-workers receive.grpc-compression
        receive.grpc-service-config receive.hashrings receive.hashrings-algorithm
        receive.hashrings-file-refresh-interval
        receive.hashrings-file:f receive.lazy-retrieval-max-buffered-responses receive.limits-config-file:hf
        receive.limits-config-reload-timer:h receive.limits-config:h receive.local-endpoint
        receive.otlp-enable-target-info:b receive.otlp-promote-resource-attributes:r receive.relabel-config
        receive.relabel-config-file:f receive.replica-header receive.replication-factor receive.replication-protocol
        receive.split-tenant-label-name receive.tenant-certificate-field receive.tenant-header
        receive.tenant-label-name remote-write.address remote-write.client-server-name remote-write.client-tls-ca:f
        remote-write.client-tls-cert:f remote-write.client-tls-key:f remote-write.client-tls-min-version@0.42
        remote-write.client-tls-secure:b remote-write.client-tls-skip-verify:b remote-write.server-tls-cert:f
        remote-write.server-tls-ciphers:r@0.42 remote-write.server-tls-client-ca:f
        remote-write.server-tls-curves:r@0.42 remote-write.server-tls-key:f remote-write.server-tls-min-version
        shipper.allow-out-of-order-uploads:hb shipper.ignore-unequal-block-size:hb!0.42
        shipper.skip-corrupted-blocks:hb shipper.upload-concurrency@0.41 tsdb.allow-overlapping-blocks:b
        tsdb.block.expanded-postings-cache-size tsdb.enable-native-histograms:b
        tsdb.head.expanded-postings-cache-size tsdb.max-block-duration:h tsdb.max-exemplars
        tsdb.max-retention-bytes tsdb.memory-snapshot-on-shutdown:hb tsdb.min-block-duration:h tsdb.no-lockfile:b
        tsdb.out-of-order.cap-max tsdb.out-of-order.time-window tsdb.path tsdb.retention
        tsdb.too-far-in-future.time-window tsdb.wal-compression:b tsdb.write-queue-size:h writer.intern:hb
        """,
    ),
    option_of=flags.options_of(
        {**OF_BOTH, **OF_ROUTING, **OF_KEEPING}, flags.OF_GRPC, flags.OF_OBJSTORE, OF_REMOTE_WRITE_TLS, _OPTION_OF
    ),
    component="database-write-hashring",
    by_default=False,
    access="writer",
    without_objstore="",
    store_api="receive",
    order=15,
    start="new workloads",
    duties=INGESTOR | {Duty.ROUTE},
    external_route=False,
    check=_check,
    unread=nothing_unread,
    workloads=_workloads,
    render=_render,
    external_labels=labels,
    questions=Questions(
        programs=(replace(THANOS, metric="thanos_build_info"),),
        page="",
        page_port="",
        hints={"upload": ("objstore",)},
        writer="ingestor",
        database="http",
    ),
)
