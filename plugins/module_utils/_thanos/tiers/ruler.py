# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier ruler: a StatefulSet that evaluates rules over a querier and sends alerts."""

from __future__ import annotations

import json

from ..._findings import Finding, mistake
from ..._options.rows import Option
from .. import flags
from .. import workload as w
from ..common import COMMON, EXTERNAL_LABELS, OBJSTORE, replicas, storage
from ..external_labels import IN_ARGUMENTS, external_labels, problems_of
from ..model import Context, Instance, Manifest, Stack
from ..rules import SLOTS, rule_files, slots
from ..tier import THANOS, Duty, Questions, Tier

RULES_DIR = "/etc/thanos/rules"
# In the ruler the connection age stands where the gRPC grace period belongs, so it bounds the shutdown.
CONNECTION_AGE = "2m"

_OPTIONS = {
    **COMMON,
    **replicas(2),
    **storage("5Gi"),
    **OBJSTORE,
    **EXTERNAL_LABELS,
    "rules": Option("dict"),
    "rule_files": Option("list", elements="path"),
    "rule_config_maps": Option("list", elements="str", form="dns_name"),
    "alertmanagers": Option("list", elements="str", form="url"),
    "query": Option("list", elements="str"),
    "replica_label": Option(default="rule_replica", form="label_name"),
    "evaluation_interval": Option(default="30s", form="duration"),
    "resend_delay": Option(default="1m", form="duration"),
    "retention": Option(default="48h", form="duration"),
    "alert_query_url": Option(form="http_url"),
    "test_alert": Option("bool", False),
}

_FLAG_OF = {
    **w.LOG_FLAGS,
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
    own = labels(instance, stack.cluster)
    return [
        "rule",
        w.http_address(),
        w.grpc_address(),
        f"--grpc-server-max-connection-age={CONNECTION_AGE}",
        f"--data-dir={w.DATA_DIR}",
        *w.objstore_args(instance),
        f"--rule-file={RULES_DIR}/*.yaml",
        f"--rule-file={RULES_DIR}/*.yml",
        *w.arguments(instance, _FLAG_OF),
        *(f"--label={name}={json.dumps(own[name])}" for name in sorted(own)),
        *(f"--query={address}" for address in _queriers(instance, stack)),
    ]


def _queriers(instance: Instance, stack: Stack) -> list[str]:
    """The queriers given, else those of the stack."""
    if instance["query"]:
        return list(instance["query"])
    # The prefix moves the querier's whole API, not only its pages.
    found = [(i.fullname, i["external_prefix"] or "") for i in stack.doing(Duty.QUERY)]
    names = found or [(f"{stack.name}-query", "")]
    return [f"http://{name}.{stack.namespace}.svc:{w.HTTP}{prefix}" for name, prefix in names]


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    container = w.container(
        instance,
        "thanos-ruler",
        [*_args(instance, ctx.stack), *instance["extra_args"]],
        ports=[w.HTTP_PORT, w.GRPC_PORT],
        mounts={"data": w.DATA_DIR, "objstore": w.OBJSTORE_DIR, "rules": RULES_DIR},
        env=[w.POD_NAME, *w.objstore_env(instance, ctx)],
    )
    # Every slot is mounted from the start, present or not: a further slot is then a reload and not a restart.
    sources = [{"configMap": {"name": f"{instance.fullname}-rules-{i}", "optional": True}} for i in range(SLOTS)]
    template = w.pod_template(
        instance,
        ctx,
        [container],
        volumes=[w.objstore_volume(instance, ctx), {"name": "rules", "projected": {"sources": sources}}],
        grace=w.GRACE_HTTP_GRPC,
        digests=w.objstore_digest(instance, ctx),
    )
    files = rule_files(instance, ctx.facts)
    return [
        w.service_account(instance, ctx),
        *(w.config_map(instance, ctx, f"-rules-{i}", data) for i, data in enumerate(slots(files))),
        *w.services(instance, ctx, {"http": w.HTTP, "grpc": w.GRPC}, store_api=True),
        *w.disruption_budget(instance, ctx),
        w.stateful_set(instance, ctx, template, replicas=instance["replicas"]),
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
        alert.label-drop:r alert.query-template alert.relabel-config alert.relabel-config-file
        alertmanagers.config alertmanagers.config-file alertmanagers.sd-dns-interval
        alertmanagers.send-timeout alertmanagers.url:r data-dir eval-interval for-grace-period
        for-outage-tolerance grpc-query-endpoint:r hash-func label:r query.config query.config-file
        query.http-method query.only-prometheus-params:hb query.sd-dns-interval query.sd-dns-resolver:h
        query.sd-files:r query.sd-interval query:r remote-write.config remote-write.config-file
        resend-delay restore-ignored-label:r rule-concurrent-evaluation rule-file:r rule-query-offset
        tsdb.block-duration tsdb.enable-native-histograms:b@0.40 tsdb.no-lockfile:b tsdb.retention
        tsdb.wal-compression:b
        """,
    ),
    component="rule-evaluation-engine",
    access="writer",
    store_api="rule",
    order=50,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.RULES, Duty.UPLOAD}),
    kind="StatefulSet",
    check=_check,
    args=_args,
    render=_render,
    external_labels=labels,
    questions=Questions(
        programs=(THANOS,),
        page="Ruler",
        hints={
            "rules": "rules, rule_files, rule_config_maps",
            "alerts": "alertmanagers, test_alert",
            "upload": "objstore",
        },
        writer="ruler",
        database="http",
    ),
)
