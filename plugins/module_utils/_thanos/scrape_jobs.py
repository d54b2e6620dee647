# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with scrape jobs: names, credentials that would be plain, files that are not there, missing rights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._findings import Finding, mistake
from .._objstore.credentials import SECRETS_DIR
from .files import file_exists, job_files
from .model import Instance, Stack
from .passwords import has_password
from .tier import Duty

# Keys of Prometheus whose value is a credential → the key that names a file with it; empty where there is none.
_CREDENTIALS: dict[str, str] = {
    "password": "password_file",
    "credentials": "credentials_file",
    "bearer_token": "bearer_token_file",
    "client_secret": "client_secret_file",
    "auth_token": "auth_token_file",
    "secrets": "files",
    "tls_config.key": "key_file",
    "Proxy-Authorization": "",
    **dict.fromkeys(
        ("secret_key", "token", "application_credential_secret", "application_secret", "consumer_key", "api_key"), ""
    ),
}
# Names that a user chooses there are labels, not keys of Prometheus.
_CHOSEN = frozenset({"labels"})

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


def problems_of_credentials(instance: Instance) -> list[Finding]:
    """Credentials in the jobs, which are in a ConfigMap and in diffs; none is quoted. Files that no pod has."""
    problems = []
    for where, key, value in _values(instance["scrape_configs"], "scrape_configs"):
        file = _CREDENTIALS.get(key)
        if file is not None and _filled(value):
            what = "a credential that would be plain in a ConfigMap, in diffs and in logs"
            problems.append(mistake("password-plain", where, what, _way_in(file)))
        elif isinstance(value, str) and has_password(value):
            what = "a URL with a password, which would be plain in a ConfigMap, in diffs and in logs"
            problems.append(mistake("password-plain", where, what, _way_in("basic_auth.password_file")))
    for where, path in job_files(instance["scrape_configs"], "scrape_configs"):
        if not (instance["prometheus_image"] or instance["pod_annotations"] or file_exists(instance, path)):
            advice = f"name its Secret in secrets (or its ConfigMap in config_maps), and the file as {_BELOW}"
            problems.append(mistake("file-missing", where, f"the pods have no file {path}", advice))
    return problems


_BELOW = f"{SECRETS_DIR}/<Secret>/<key>"


def _way_in(file: str) -> str:
    if not file:
        return "Prometheus reads it from no file, so find the targets in another way, such as an identity of the pods"
    return f"keep it in a Secret, name that in secrets, and write {file}: {_BELOW}"


def _filled(value: Any) -> bool:
    return bool(value) and (isinstance(value, str) or (isinstance(value, list) and all(value)))


def _values(value: Any, where: str, below: str = "") -> Iterator[tuple[str, str, Any]]:
    """(place, key, value) of everything in the jobs; the key of ``tls_config`` is ``tls_config.key``."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if str(key) not in _CHOSEN:
                yield f"{where}.{key}", f"{below}.{key}" if below == "tls_config" else str(key), item
                yield from _values(item, f"{where}.{key}", str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield f"{where}[{i}]", "", item
            yield from _values(item, f"{where}[{i}]", below)


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
