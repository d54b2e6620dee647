# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with scrape jobs: names, credentials that would be plain, files that are not there, missing rights, and
what no Prometheus starts with. The rest is left to promtool.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .._findings import Finding, mistake
from .._objstore.credentials import SECRETS_DIR
from .._options.forms import FORMS, seconds
from .credential_keys import Held, credentials_in
from .files import file_exists, job_files
from .model import Instance, Stack
from .passwords import Login, logins, texts
from .tier import Duty

# Role of kubernetes_sd_configs → (API group, resources) that it reads.
_READ: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "pod": [("", ("pods",))],
    "service": [("", ("services",))],
    "endpoints": [("", ("endpoints", "pods", "services"))],
    "endpointslice": [("discovery.k8s.io", ("endpointslices",)), ("", ("pods", "services"))],
    "ingress": [("networking.k8s.io", ("ingresses",))],
    "node": [("", ("nodes",))],
}
# What the default jobs and most others need.
_ALWAYS: list[tuple[str, tuple[str, ...]]] = [
    ("", ("pods", "services")),
    ("discovery.k8s.io", ("endpointslices",)),
]
VERBS = ("get", "list", "watch")


@dataclass(frozen=True)
class Discovery:
    """One entry of kubernetes_sd_configs that asks the API server as the ServiceAccount of the pods.

    ``namespaces`` is empty for the whole cluster; the stack's own is an empty text among them.
    """

    where: str
    role: str
    namespaces: frozenset[str]
    of_the_cluster: tuple[str, ...]

    def resources(self) -> list[tuple[str, tuple[str, ...]]]:
        """(API group, resources) that it reads."""
        return _READ.get(self.role, [])


def problems_of_names(instance: Instance, taken: Collection[str]) -> list[Finding]:
    """Prometheus refuses its whole configuration for one job without a name, or with the name of another."""
    problems, seen = [], set(taken)
    for i, config in enumerate(instance["scrape_configs"]):
        name = str(config.get("job_name") or "")
        if not name:
            problems.append(mistake("option-required", "scrape_configs", "every entry needs a job_name"))
        elif name in seen:
            other = "default_scrape" if name in taken else "another entry"
            hint = "rename it, or set default_scrape: false" if name in taken else "rename one of them"
            what = f"{other} has a job_name '{name}' too"
            problems.append(mistake("option-conflict", f"scrape_configs[{i}]", what, hint))
        seen.add(name)
    return problems


def problems_of_intervals(instance: Instance) -> list[Finding]:
    """Jobs that may take longer than their interval."""
    problems = []
    for i, job in enumerate(instance["scrape_configs"]):
        # An interval of 0 is none, to Prometheus too.
        interval, timeout = (str(job.get(f"scrape_{name}") or "0") for name in ("interval", "timeout"))
        if not all(FORMS["duration"].accepts(text) for text in (interval, timeout)):
            continue
        other = interval if seconds(interval) else str(instance["scrape_interval"])
        if seconds(timeout) > seconds(other):
            whose = "its scrape_interval" if seconds(interval) else "scrape_interval"
            what = f"{timeout} is longer than {whose}, which is {other}, and Prometheus does not start with that"
            where = f"scrape_configs[{i}].scrape_timeout"
            problems.append(mistake("option-conflict", where, what, "lower it, or give the job a longer interval"))
    return problems


def problems_of_expressions(instance: Instance) -> list[Finding]:
    """Regular expressions that look around, which RE2 cannot. Other mistakes in them are left to promtool."""
    return [
        mistake(
            "option-form",
            f"scrape_configs[{i}].{key}[{j}].regex",
            f"'{rule['regex']}' looks around itself with {found}…), which the expressions of Prometheus (RE2) cannot",
            "write what is not wanted as a rule of its own, with action: drop",
        )
        for i, job in enumerate(instance["scrape_configs"])
        for key in ("relabel_configs", "metric_relabel_configs")
        for j, rule in enumerate(_list(job.get(key)))
        if isinstance(rule, Mapping) and (found := _looks_around(rule.get("regex")))
    ]


# What is taken as it stands, and classes, are passed over.
_LOOKS = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|(?P<looks>\(\?<?[=!])", re.S)


def _looks_around(regex: Any) -> str:
    found = (match["looks"] for match in _LOOKS.finditer(regex)) if isinstance(regex, str) else ()
    return next(filter(None, found), "")


def problems_of_credentials(instance: Instance) -> list[Finding]:
    """Credentials in the jobs, which are in a ConfigMap and in diffs; none is quoted. Files that no pod has."""
    problems = []
    for held in credentials_in(instance["scrape_configs"], "scrape_configs"):
        what = "a credential that would be plain in a ConfigMap, in diffs and in logs"
        problems.append(mistake("password-plain", held.where, what, _way_in(held)))
    for where, text in texts(instance["scrape_configs"], "scrape_configs"):
        for login in logins(text, where):
            if login.hidden or ".labels." not in where:
                what = f"a URL with {login.what} in a ConfigMap, in diffs and in logs"
                problems.append(mistake("password-plain", where, what, _way_of_login(where, login)))
    for where, path in job_files(instance["scrape_configs"], "scrape_configs"):
        if not (instance["prometheus_image"] or instance["pod_annotations"] or file_exists(instance, path)):
            advice = f"name its Secret in secrets (or its ConfigMap in config_maps), and the file as {_BELOW}"
            problems.append(mistake("file-missing", where, f"the pods have no file {path}", advice))
    return problems


_BELOW = f"{SECRETS_DIR}/<Secret>/<key>"


def _way_in(held: Held) -> str:
    if held.below == "params":
        return (
            "write it as a label __param_<name> of the targets in a file of file_sd_configs, keep that in a Secret, "
            f"name the Secret in secrets, and the file as {_BELOW}"
        )
    if not held.file:
        return "Prometheus reads it from no file, so find the targets in another way, such as an identity of the pods"
    return f"keep it in a Secret, name that in secrets, and write {held.file}: {_BELOW}"


def _way_of_login(where: str, login: Login) -> str:
    if login.argument:
        return (
            "have it sent as a header, which a file may hold: keep it in a Secret, name that in secrets, and write "
            f"authorization.credentials_file: {_BELOW}, or http_headers: {{<header>: {{files: [{_BELOW}]}}}}"
        )
    if where.endswith(".proxy_url"):
        return "Prometheus reads it from no file, so name a proxy that asks the pods for none"
    return _way_in(Held(where, "", "basic_auth.password_file"))


def discoveries(instance: Instance) -> list[Discovery]:
    """What the jobs ask the API server that the pods belong to."""
    return [
        _discovery(entry, f"scrape_configs[{i}].kubernetes_sd_configs[{j}]")
        for i, job in enumerate(instance["scrape_configs"])
        for j, entry in enumerate(_list(job.get("kubernetes_sd_configs")))
        if isinstance(entry, Mapping) and not (entry.get("api_server") or entry.get("kubeconfig_file"))
    ]


def _discovery(entry: Mapping[str, Any], where: str) -> Discovery:
    asked = _mapping(entry.get("namespaces"))
    names = {str(name) for name in _list(asked.get("names"))} | ({""} if asked.get("own_namespace") else set())
    attached = _mapping(entry.get("attach_metadata"))
    cluster = [kind for key, kind in (("node", "nodes"), ("namespace", "namespaces")) if attached.get(key)]
    role = str(entry.get("role") or "").lower()
    if role == "node":
        cluster.append("nodes")
    return Discovery(where, role, frozenset(names), tuple(sorted(set(cluster))))


def _list(value: Any) -> list[Any]:
    """What Prometheus refuses is told by Prometheus."""
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def rules(instance: Instance) -> list[dict[str, Any]]:
    """The rules of the Role of the pods in their own namespace."""
    wanted: dict[str, set[str]] = {}
    asked = [pair for each in discoveries(instance) if each.role != "node" for pair in each.resources()]
    for group, resources in [*_ALWAYS, *asked]:
        wanted.setdefault(group, set()).update(resources)
    return [
        {"apiGroups": [group], "resources": sorted(resources), "verbs": list(VERBS)}
        for group, resources in wanted.items()
    ]


def problems_of_rights(stack: Stack) -> list[Finding]:
    """What the Prometheis of a stack ask the API server and may not, unless the user says that they may."""
    return [
        finding
        for instance in stack.doing(Duty.SCRAPE)
        if not instance["discovery_rights_granted"]
        for each in discoveries(instance)
        for finding in _problems_of_rights(each, instance, stack.namespace)
    ]


def _problems_of_rights(asked: Discovery, instance: Instance, namespace: str) -> list[Finding]:
    account = f"the ServiceAccount {namespace}/{instance.fullname}"
    everywhere = [*asked.of_the_cluster]
    others = sorted(asked.namespaces - {"", namespace})
    read = [name for _group, names in asked.resources() for name in names if name != "nodes"]
    if not asked.namespaces:
        everywhere += read
    told = []
    if everywhere:
        what = f"reads {_and(everywhere)} of the whole cluster, for which the pods have no right"
        told.append((what, f"a ClusterRole with get, list and watch on {_and(everywhere)}"))
    if others and read:
        what = f"reads {_and(read)} of {_and(others)}, for which the pods have no right"
        told.append((what, f"in {_and(others)} a Role with get, list and watch on {_and(read)}"))
    own = "; or name the namespaces, of which the stack's own needs nothing" if read and not asked.namespaces else ""
    return [
        mistake(
            "rights-missing",
            f"instances.{instance.name}.{asked.where}",
            what,
            f"bind {role} to {account}, and set discovery_rights_granted: true{own}",
        )
        for what, role in told
    ]


def _and(names: Collection[str]) -> str:
    *first, last = sorted(set(names))
    return f"{', '.join(first)} and {last}" if first else last
