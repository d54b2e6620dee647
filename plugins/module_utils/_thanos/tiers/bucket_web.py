# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier bucket_web: a Deployment with the web page of a bucket's blocks."""

from __future__ import annotations

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from ..common import COMMON, OBJSTORE, replicas
from ..model import Context, Instance, Manifest, Stack
from ..parts.command_line import HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import deployment, disruption_budget
from ..parts.objects import service_account
from ..parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from ..parts.pod_template import GRACE_HTTP, thanos_pod
from ..parts.services import services
from ..prefix import web_channel
from ..tier import THANOS, Duty, Questions, Tier, nothing_unread
from ..times import problems_of_times
from ..workloads import Workload, sole

_OPTIONS = {
    **COMMON,
    **replicas(1),
    **OBJSTORE,
    "label": Option(form="label_name"),
    "refresh": Option(default="30m", form="interval"),
    "timeout": Option(default="5m", form="interval"),
    "external_prefix": Option(form="path_prefix"),
    "route_prefix": Option(form="route_prefix"),
    "prefix_header": Option(form="header"),
    "min_time": Option(form="time"),
    "max_time": Option(form="time"),
}

_FLAG_OF = {
    **LOG_FLAGS,
    "label": "label",
    "refresh": "refresh",
    "timeout": "timeout",
    "external_prefix": "web.external-prefix",
    "route_prefix": "web.route-prefix",
    "prefix_header": "web.prefix-header",
    "min_time": "min-time",
    "max_time": "max-time",
}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    problems = problems_of_times(instance)
    if seconds(instance["timeout"]) >= seconds(instance["refresh"]):
        what = (
            f"{instance['timeout']} is not shorter than refresh ({instance['refresh']}), so looks would run into others"
        )
        problems.append(mistake("option-conflict", "timeout", what, "half of refresh, or less"))
    if instance["prefix_header"] and instance["external_prefix"]:
        what = "Thanos does not look at it beside external_prefix"
        problems.append(mistake("option-without-effect", "prefix_header", what, "leave one of them out"))
    return problems


def _args(instance: Instance) -> list[str]:
    """The arguments, without extra_args."""
    return [
        *("tools", "bucket", "web"),
        HTTP_ADDRESS,
        *objstore_args(instance),
        "--disable-admin-operations",
        *arguments(instance, _FLAG_OF),
    ]


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    args = _args(instance)
    return sole(instance, "Deployment", (web_channel(instance, args),), args)


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    template = thanos_pod(
        workload,
        ctx,
        mounts={"objstore": OBJSTORE_DIR},
        env=objstore_env(instance, ctx),
        volumes=[objstore_volume(instance, ctx)],
        grace=GRACE_HTTP,
        digests=objstore_digest(instance, ctx),
    )
    return [
        service_account(instance, ctx),
        *services(workload, ctx, "http"),
        *disruption_budget(workload, ctx),
        deployment(workload, ctx, template),
    ]


TIER = Tier(
    name="bucket_web",
    command="tools bucket web",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        flags.WEB,
        flags.OBJSTORE,
        flags.ROUTE,
        flags.SELECTOR,
        "disable-admin-operations:b label max-time min-time refresh timeout",
    ),
    option_of=flags.options_of(_FLAG_OF, flags.OF_OBJSTORE),
    component="object-store-bucket",
    by_default=False,
    access="reader",
    without_objstore="",
    store_api="",
    order=60,
    start="new workloads",
    duties=frozenset({Duty.SHOW}),
    external_route=True,
    check=_check,
    unread=nothing_unread,
    workloads=_workloads,
    render=_render,
    external_labels=None,
    questions=Questions(
        programs=(THANOS,),
        page="Bucket UI",
        page_port="http",
        hints={"bucket": ("objstore", "refresh", "timeout")},
        writer="",
        database="",
    ),
)
