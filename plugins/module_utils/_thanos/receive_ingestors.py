# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ingestors of a receive: a StatefulSet for each hashring, whose members keep samples and upload blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._options.rows import Option
from .channels import HTTP, Channel
from .common import OBJSTORE, storage
from .grpc_tls import grpc_channel, server_args
from .model import Context, Instance, Manifest, Stack
from .parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, arguments
from .parts.controllers import disruption_budget, stateful_set
from .parts.objects import manifest, service_account
from .parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from .parts.pod_template import DATA_DIR
from .parts.services import services
from .receive_pods import OF_BOTH, pod
from .receive_rings import CAPNPROTO, Ring, member_host
from .receive_routers import route_args, route_files
from .receive_tenancy import label_args
from .remote_write_tls import CAPNPROTO_PORT, remote_write_channel
from .tier import Duty
from .workloads import Workload

COMBINED = "combined"
INGESTOR = frozenset({Duty.INGEST, Duty.STORE_API, Duty.UPLOAD})
_CAPNPROTO = Channel("capnproto", CAPNPROTO_PORT, "capnproto", closed="Cap'n Proto is no HTTP")

KEEPING: dict[str, Option] = {
    **storage("10Gi"),
    **OBJSTORE,
    "replicas": Option("int", 3, minimum=1),
    "retention": Option(default="15d", form="duration"),
    "too_far_in_future": Option(default="5m", form="duration"),
    "out_of_order_window": Option(form="duration"),
    "max_exemplars": Option("int", minimum=0),
    "wal_compression": Option("bool", True),
    "upload_concurrency": Option("int", minimum=0),
    "store_limits": Option(
        "dict", options={"request_series": Option("int", minimum=0), "request_samples": Option("int", minimum=0)}
    ),
    "termination_grace_period": Option("int", 900, minimum=30),
}
OF_KEEPING = {
    "retention": "tsdb.retention",
    "too_far_in_future": "tsdb.too-far-in-future.time-window",
    "out_of_order_window": "tsdb.out-of-order.time-window",
    "max_exemplars": "tsdb.max-exemplars",
    "wal_compression": "tsdb.wal-compression",
    "upload_concurrency": "shipper.upload-concurrency",
    "store_limits.request_series": "store.limits.request-series",
    "store_limits.request_samples": "store.limits.request-samples",
}


def _keep_args(instance: Instance, stack: Stack) -> list[str]:
    """The flags of what keeps samples."""
    listens = "" if instance["replication_protocol"] == CAPNPROTO else "127.0.0.1"
    return [
        GRPC_ADDRESS,
        *server_args(instance),
        f"--tsdb.path={DATA_DIR}",
        *objstore_args(instance),
        # It is listened to whatever the protocol is, and takes writes from everybody.
        f"--receive.capnproto-address={listens}:{CAPNPROTO_PORT}",
        *arguments(instance, OF_KEEPING),
        *label_args(instance, stack),
    ]


def ingestors(ring: Ring, stack: Stack) -> Workload:
    """The StatefulSet of one ring."""
    combined = ring.instance["mode"] == COMBINED
    unused: Mapping[str, Any] = {} if combined else {"remote_write_tls": None, "forward_tls": None, "limits": None}
    seen = replace(ring.instance, options={**ring.instance.options, **unused})
    host = member_host(f"{seen.fullname}-{ring.name}", "$(POD_NAME)", stack.namespace)
    routes = (
        [*route_args(seen), f"--receive.local-endpoint={host}:10901"]
        if combined
        # Who writes to it past the routers would not be bound by their limits.
        else ["--remote-write.address=127.0.0.1:19291"]
    )
    args = [seen.tier.command, HTTP_ADDRESS, *_keep_args(seen, stack), *routes, *arguments(seen, OF_BOTH)]
    channels = [HTTP, grpc_channel(seen)]
    channels += [remote_write_channel(seen)] if combined else []
    channels += [_CAPNPROTO] if seen["replication_protocol"] == CAPNPROTO else []
    duties = INGESTOR | ({Duty.ROUTE} if combined else set())
    return Workload(seen, "StatefulSet", seen["replicas"], tuple(channels), tuple(args), duties, ring.name)


def ingestor_objects(workload: Workload, ctx: Context) -> list[Manifest]:
    """The objects of the ingestors of one ring."""
    instance, routes = workload.instance, Duty.ROUTE in workload.duties
    volumes, mounts = route_files(workload) if routes else ([], {})
    template = pod(
        workload,
        ctx,
        volumes=[objstore_volume(instance, ctx), *volumes],
        mounts={"objstore": OBJSTORE_DIR, **mounts},
        env=objstore_env(instance, ctx),
        grace=instance["termination_grace_period"],
        digests=objstore_digest(instance, ctx),
    )
    made = stateful_set(workload, ctx, template)
    # Routers go on refusing to forward to a member for a while after it is ready again, as long as it was away.
    made["spec"]["updateStrategy"] = {"type": "OnDelete"}
    public, headless = services(workload, ctx, *(channel.name for channel in workload.channels))
    return [
        service_account(instance, ctx, workload.name),
        *([public] if routes else []),
        headless,
        *_admitted(workload, ctx),
        *disruption_budget(workload, ctx),
        made,
    ]


def _admitted(workload: Workload, ctx: Context) -> list[Manifest]:
    """Where Cap'n Proto is spoken, which knows no TLS: who may."""
    if _CAPNPROTO not in workload.channels:
        return []
    instance = workload.instance
    senders = {"o11y.thanos/stack": ctx.stack.name, "o11y.thanos/instance": instance.name}
    others = [{"port": c.port, "protocol": "TCP"} for c in workload.channels if c is not _CAPNPROTO]
    spec = {
        "podSelector": {"matchLabels": workload.selector},
        "policyTypes": ["Ingress"],
        "ingress": [
            {"ports": others},
            {
                "ports": [{"port": CAPNPROTO_PORT, "protocol": "TCP"}],
                "from": [{"podSelector": {"matchLabels": senders}}],
            },
        ],
    }
    return [manifest("networking.k8s.io/v1", "NetworkPolicy", instance, ctx, workload=workload.name, spec=spec)]
