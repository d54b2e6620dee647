# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tier that only tests have: two shards that write blocks, and a router beside them behind TLS, in one file."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding, mistake
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import Option
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import flags
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import GRPC, HTTP
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.common import (
    COMMON,
    EXTERNAL_LABELS,
    OBJSTORE,
    replicas,
    storage,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.external_labels import IN_ARGUMENTS, external_labels
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Instance, Manifest, Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.command_line import (
    HTTP_ADDRESS,
    LOG_FLAGS,
    arguments,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.controllers import deployment, stateful_set
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.objects import service_account
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.objstore import objstore_args, objstore_volume
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.pod_template import container, pod_template
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.services import services
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import (
    THANOS,
    Duty,
    Questions,
    Tier,
    nothing_unread,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.workloads import Workload

_OPTIONS = {
    **COMMON,
    **replicas(2),
    **storage("1Gi"),
    **OBJSTORE,
    **EXTERNAL_LABELS,
    "replica_label": Option(default="toy_replica", form="label_name"),
    "shards": Option("list", elements="str", form="dns_label", default=["a", "b"]),
}
ROUTER = replace(HTTP, name="https", port=10443, scheme="https")


def _check(instance: Instance) -> list[Finding]:
    if "router" in instance["shards"]:
        return [mistake("option-range", "shards", "a shard cannot be called router")]
    return []


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    args = ("toy", HTTP_ADDRESS, *objstore_args(instance), *arguments(instance, LOG_FLAGS))
    shards = [
        Workload(instance, "StatefulSet", instance["replicas"], (HTTP, GRPC), args, TIER.duties, shard)
        for shard in instance["shards"]
    ]
    router = Workload(instance, "Deployment", 1, (replace(ROUTER, name="http"),), ("toy",), frozenset(), "router")
    return (*shards, router)


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    made = [service_account(instance, ctx)]
    for workload in ctx.stack.workloads(instance):
        arguments = [*workload.args, *instance["extra_args"]]
        thanos = container(instance, workload.container, arguments, channels=workload.channels, mounts={})
        template = pod_template(workload, ctx, [thanos], volumes=[objstore_volume(instance, ctx)], grace=30)
        made += services(workload, ctx, *(channel.name for channel in workload.channels))
        stateful = workload.kind == "StatefulSet"
        made.append(stateful_set(workload, ctx, template) if stateful else deployment(workload, ctx, template))
    return made


def _labels(instance: Instance, cluster: str) -> dict[str, str]:
    return external_labels(instance, {"cluster": cluster}, IN_ARGUMENTS)


TIER = Tier(
    name="toy",
    command="toy",
    options=_OPTIONS,
    flags=flags.table(flags.EVERY, flags.OBJSTORE),
    option_of={"log.level": "log_level"},
    component="toy-box",
    by_default=False,
    access="writer",
    without_objstore="",
    store_api="toy",
    order=25,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.UPLOAD}),
    external_route=False,
    check=_check,
    unread=nothing_unread,
    workloads=_workloads,
    render=_render,
    external_labels=_labels,
    questions=Questions(
        programs=(THANOS,),
        page="Toys",
        page_port="http",
        hints={"upload": ("objstore",)},
        writer="toy",
        database="http",
    ),
)
