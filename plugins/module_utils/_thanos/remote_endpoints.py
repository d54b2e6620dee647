# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""StoreAPIs that a user names for a querier, and what Thanos takes of what can be said of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._findings import Finding, mistake
from .._options.rows import Option
from .grpc_tls import MIN_VERSION
from .model import Instance, Stack
from .tier import Duty
from .versions import at_least

Endpoint = Mapping[str, Any]

_TLS = {"enabled": Option("bool", True), "ca": Option(form="secret_key"), "min_version": MIN_VERSION}
OF_ENDPOINT = {
    "name": Option(),
    "address": Option(form="grpc_address"),
    "tls": Option("dict", options=_TLS, shorthand="enabled"),
    "server_name": Option(form="dns_name"),
    "group": Option("bool", False),
    "strict": Option("bool"),
    "service_config": Option("dict"),
}
ENDPOINTS = {"endpoints": Option("list", elements=Option("dict", options=OF_ENDPOINT, shorthand="address"))}
# The oldest Thanos that reads it; an older one leaves it out without a word.
_SINCE = {"tls": "0.42", "service_config": "0.40"}
_LOCAL_SINCE = "0.42"


def is_dynamic(endpoint: Endpoint) -> bool:
    """Whether the address is a name that Thanos looks up by DNS."""
    return "+" in str(endpoint["address"])


def has_tls(endpoint: Endpoint) -> bool:
    """Whether the endpoint's own setting says that TLS is spoken to it."""
    return bool(endpoint["tls"] and endpoint["tls"]["enabled"])


def problems_of_endpoints(instance: Instance) -> list[Finding]:
    """Everything that Thanos would refuse, leave out without a word, or never do."""
    problems = []
    for i, endpoint in enumerate(instance["endpoints"]):
        if endpoint and not endpoint["address"] and not endpoint["name"]:
            advice = "give it, or the name of an endpoint that this querier knows already"
            problems.append(mistake("option-required", f"endpoints[{i}].address", "is required", advice, joint=" "))
        elif endpoint and endpoint["address"]:
            problems += [finding.beneath(f"endpoints[{i}]") for finding in _problems_of(endpoint, instance)]
    local = instance["local_tls"]
    if local:
        problems += _of_local(instance, local)
    return [*problems, *_twice(instance["endpoints"])]


def _of_local(instance: Instance, local: Mapping[str, Any]) -> list[Finding]:
    problems = []
    if local["ca"] and not instance["client_tls"]:
        problems.append(mistake("option-incomplete", "local_tls.ca", "there is no Secret with it", _SECRET))
    if not at_least(instance["version"], _LOCAL_SINCE):
        what = f"Thanos {instance['version']} does not read it; it came with {_LOCAL_SINCE}"
        problems.append(mistake("version-too-old", "local_tls", what))
    named = [argument for argument in instance["extra_args"] if argument.startswith("--grpc-client-")]
    if named:
        what = f"{named[0]} in extra_args has no effect beside it"
        problems.append(mistake("option-conflict", "local_tls", what, "leave one of them out"))
    return problems


_SECRET = "name the Secret with certificates in client_tls"
_STATIC = "give a static address, host:port"
_Rule = tuple[Callable[[Endpoint], bool], str, str, str, str]
# When it is wrong; then id, option, what and advice.
_RULES: tuple[_Rule, ...] = (
    (
        lambda e: e["strict"] and is_dynamic(e),
        "option-conflict",
        "strict",
        "{address} is looked up by DNS, and Thanos does not start with a strict endpoint that is",
        _STATIC,
    ),
    (
        lambda e: e["tls"] is not None and is_dynamic(e) and not e["group"],
        "option-conflict",
        "tls",
        "{address} is looked up by DNS, and to such endpoints Thanos speaks as local_tls says, whatever stands here",
        f"{_STATIC}, or set group",
    ),
    (
        lambda e: has_tls(e) and is_dynamic(e) and e["group"] and not e["server_name"],
        "option-incomplete",
        "server_name",
        "without it the certificate would have to be for the name '{address}'",
        "give the name in the certificate",
    ),
    (
        lambda e: bool(e["server_name"]) and not has_tls(e),
        "option-without-effect",
        "server_name",
        "is the name in a certificate, and the endpoint has no TLS",
        "set tls, or leave it out",
    ),
    (
        lambda e: e["tls"] is not None and not e["tls"]["enabled"] and bool(e["tls"]["ca"]),
        "option-without-effect",
        "tls.ca",
        "the endpoint has no TLS",
        "leave it out, or enabled",
    ),
    (
        lambda e: bool(e["service_config"]) and not e["group"],
        "option-conflict",
        "service_config",
        "Thanos does not start with it for an endpoint that is no group",
        "set group, or leave it out",
    ),
)


def _problems_of(endpoint: Endpoint, instance: Instance) -> list[Finding]:
    problems = [
        mistake(id, f".{option}", what.format(address=endpoint["address"]), advice)
        for wrong, id, option, what, advice in _RULES
        if wrong(endpoint)
    ]
    if has_tls(endpoint) and endpoint["tls"]["ca"] and not instance["client_tls"]:
        problems.append(mistake("option-incomplete", ".tls.ca", "there is no Secret with it", _SECRET))
    version = instance["version"]
    problems += [
        mistake("version-too-old", f".{option}", f"Thanos {version} does not read it; it came with {since}")
        for option, since in _SINCE.items()
        if endpoint[option] and not at_least(version, since)
    ]
    return problems


def _twice(endpoints: Iterable[Endpoint]) -> list[Finding]:
    """Addresses with two settings, of which the last would count."""
    seen: dict[str, Endpoint] = {}
    problems = []
    for i, endpoint in enumerate(endpoints):
        if endpoint and endpoint["address"] and seen.setdefault(endpoint["address"], endpoint) != endpoint:
            what = f"{endpoint['address']} is given twice, with different settings, of which Thanos takes one"
            problems.append(mistake("option-conflict", f"endpoints[{i}]", what, "leave one of them out"))
    return problems


def problems_of_self(stack: Stack) -> list[Finding]:
    """Endpoints that are the querier itself: Thanos does not notice, and a query goes round until its time is over."""
    problems = []
    for querier in (i for i in stack.doing(Duty.QUERY) if "endpoints" in i.options):
        own = _own_names(querier, stack)
        for i, endpoint in enumerate(querier["endpoints"]):
            host = str(endpoint["address"]).rpartition("+")[2].partition(":")[0].removeprefix("_grpc._tcp.")
            if host in own:
                what = (
                    f"{endpoint['address']} is this querier itself, and a query would go round until its time is over"
                )
                problems.append(
                    mistake("option-conflict", f"instances.{querier.name}.endpoints[{i}]", what, "leave it out")
                )
    return problems


def _own_names(querier: Instance, stack: Stack) -> set[str]:
    """The names of the querier's Services, as they can be written in its namespace."""
    names = [f"{w.name}{end}" for w in stack.workloads(querier) for end in ("", "-headless", "-published")]
    ends = ("", f".{stack.namespace}", f".{stack.namespace}.svc", f".{stack.namespace}.svc.cluster.local")
    return {f"{name}{end}" for name in names for end in ends}
