# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A data source for Grafana: a file in a ConfigMap or Secret with the label by which its sidecar finds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake
from .._options.rows import Option
from .common import LABELS
from .fronts import fronts_of
from .model import Instance, Stack
from .plain_json import plain_json
from .tier import Duty

OPTION = "grafana_datasource"
GRAFANA = {
    OPTION: Option(
        "dict",
        options={
            "kind": Option(choices=("ConfigMap", "Secret"), default="ConfigMap"),
            "name": Option(default="Thanos"),
            "uid": Option(),
            "labels": Option("dict", form=LABELS.form, keys=LABELS.keys, default={"grafana_datasource": "1"}),
            "is_default": Option("bool", False),
            "json_data": Option("dict"),
        },
    )
}


def file_of(instance: Instance, stack: Stack) -> tuple[str, str]:
    """(name, text) of the file. Data sources of all stacks lie in one folder of Grafana, so that names differ."""
    given: Mapping[str, Any] = instance[OPTION]
    source = {
        "name": given["name"],
        **({"uid": given["uid"]} if given["uid"] else {}),
        "type": "prometheus",
        "access": "proxy",
        "url": _url(instance, stack),
        "isDefault": given["is_default"],
        "jsonData": {"prometheusType": "Thanos", "httpMethod": "POST", **given["json_data"]},
    }
    text = f"apiVersion: 1\ndatasources:\n- {plain_json(source)}\n"
    return f"{stack.namespace}-{instance.fullname}.yaml", text


def _url(instance: Instance, stack: Stack) -> str:
    """Where Grafana asks: a querier's frontend rather than the querier."""
    fronts = fronts_of(instance, stack) if Duty.QUERY in instance.tier.duties else []
    (workload,) = stack.workloads(instance)
    return fronts[0].url if fronts else workload.channel("http").url(f"{workload.name}.{stack.namespace}.svc")


def problems_of_names(stack: Stack) -> list[Finding]:
    """Two data sources of one name, or two that are the default: Grafana does not start with them."""
    problems = []
    owner: dict[str, Instance] = {}
    for instance in (i for i in stack.instances if i.options.get(OPTION)):
        given = instance[OPTION]
        keys = [f"the name {given['name']}", *([f"the uid {given['uid']}"] if given["uid"] else [])]
        for key in [*keys, *(["is_default"] if given["is_default"] else [])]:
            other = owner.setdefault(key, instance)
            if other is not instance:
                where = f"instances.{instance.name}.{OPTION}"
                what = f"{other.name} has {key}, too, and Grafana takes one of them at most"
                problems.append(mistake("option-conflict", where, what, "change it in one of them"))
    return problems
