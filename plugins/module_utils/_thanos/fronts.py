# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Query frontends beside the queriers of their stack: whom each asks, for which tenants, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .._findings import Finding, mistake
from .caches import IN_MEMORY, NONE
from .flags import name_of
from .model import Front, Instance, Stack
from .queriers import queriers_of
from .tier import Duty

# Thanos' own header, to which a frontend changes the one that it is told of.
TENANT_HEADER = "THANOS-TENANT"
CACHES = ("query_range_cache", "labels_cache")
_FORMER = "query-frontend.org-id-header"


def downstream(instance: Instance, stack: Stack) -> str:
    """The URL that a frontend asks. Where several queriers could be meant, the first: then the checks refuse it."""
    if instance["downstream_url"]:
        return str(instance["downstream_url"]).rstrip("/")
    known = queriers_of(stack)
    return known.get(str(instance["querier"] or ""), next(iter(known.values())))


def fronts_of(querier: Instance, stack: Stack) -> list[Front]:
    """The frontends that ask this querier: of this run, and live ones beside it."""
    (workload,) = stack.workloads(querier)
    url = workload.channel("http").url(f"{workload.name}.{stack.namespace}.svc")
    fronts = [_front(front, stack) for front in stack.doing(Duty.FRONT)]
    return [front for front in (*fronts, *stack.fronts.values()) if front.downstream == url]


def _front(instance: Instance, stack: Stack) -> Front:
    (workload,) = stack.workloads(instance)
    url = workload.channel("http").url(f"{workload.name}.{stack.namespace}.svc")
    return Front(url, downstream(instance, stack), bool(caches_of(instance)))


def querier_of(instance: Instance, stack: Stack) -> Instance | None:
    """The querier of this run that a frontend asks; None for one that the run does not deploy."""
    if instance["downstream_url"]:
        return None
    known = {i.name: i for i in stack.doing(Duty.QUERY)}
    return known.get(instance["querier"]) if instance["querier"] else next(iter(known.values()), None)


def tenant_header(instance: Instance, stack: Stack) -> str:
    """The header that tells tenants apart in the cache: the option's, or that of a querier which holds them apart."""
    if instance["tenant_header"]:
        return str(instance["tenant_header"])
    querier = querier_of(instance, stack)
    told = dict.fromkeys(["query.tenant-header"], TENANT_HEADER)
    names = []
    for argument in querier["extra_args"] if querier else ():
        name, _equals, value = argument.partition("=")
        names.append(name_of(name))
        told[name_of(name)] = value
    return told["query.tenant-header"] if "query.enforce-tenancy" in names else ""


def caches_of(instance: Instance) -> dict[str, Mapping[str, Any]]:
    """Option → cache, of those that a frontend has."""
    return {name: instance[name] for name in CACHES if instance[name] and instance[name]["type"] != NONE}


def problems_of_fronts(stack: Stack, *, planned: bool) -> tuple[list[Finding], list[str]]:
    """(problems, warnings) of frontends beside the queriers of the stack.

    ``planned``: in check mode a querier may be in the making.
    """
    problems, warnings = [], []
    for front in stack.doing(Duty.FRONT):
        found = None if front["downstream_url"] else _of_querier(front, stack)
        if found and planned and not queriers_known(stack):
            warnings.append(f"{found} In check mode that is to be expected before a first deploy.")
        elif found:
            problems.append(found)
        problems += [*_of_itself(front, stack), *_of_headers(front, stack)]
        warnings += [*_of_path(front), *_of_replicas(front)]
    return [*problems, *_of_servers(stack)], warnings


def queriers_known(stack: Stack) -> list[str]:
    """The instances that are queriers."""
    return [name for name in queriers_of(stack) if name]


def _of_querier(front: Instance, stack: Stack) -> Finding | None:
    where, known, named = f"instances.{front.name}", queriers_known(stack), front["querier"]
    if not known:
        advice = "deploy one, or give the URL of another one in downstream_url"
        return mistake("option-incomplete", f"{where}.querier", "the stack has no querier", advice)
    if named and named not in known:
        what = f"the stack has no querier '{named}'"
        return mistake("option-conflict", f"{where}.querier", what, f"it has: {', '.join(known)}")
    if not named and len(known) > 1:
        what = f"the stack has several queriers ({', '.join(known)}), and a frontend asks one"
        return mistake("option-incomplete", f"{where}.querier", what, "name it")
    path = urlsplit(downstream(front, stack)).path
    if path:
        querier = named or known[0]
        what = (
            f"{querier} has its API below {path} and says only at the root that it is ready, so that the frontend "
            "would never be"
        )
        advice = (
            f"give {querier} --web.route-prefix=/ in extra_args (links keep their prefix, behind a proxy that strips "
            "it), or leave its prefix out"
        )
        return mistake("option-conflict", f"{where}.querier", what, advice)
    return None


def _of_itself(front: Instance, stack: Stack) -> list[Finding]:
    found = _front(front, stack)
    if found.url != found.downstream:
        return []
    what = "is the Service of the frontend itself, so that a query would go round for ever"
    where = f"instances.{front.name}.downstream_url"
    return [mistake("option-conflict", where, what, "give the URL of a querier, or leave it out", joint=" ")]


def _of_headers(front: Instance, stack: Stack) -> list[Finding]:
    """The former flag of a tenant's header beside that of today, which also follows from the querier."""
    header, given = tenant_header(front, stack), map(name_of, front["extra_args"])
    if _FORMER not in given or header in ("", TENANT_HEADER):
        return []
    what = f"--{_FORMER}: Thanos does not start with it beside the tenant's header, which is {header}"
    where = f"instances.{front.name}.extra_args"
    return [mistake("option-conflict", where, what, "leave it out: the cache tells tenants apart by that header")]


def _of_path(front: Instance) -> list[str]:
    url = str(front["downstream_url"] or "").rstrip("/")
    if not urlsplit(url).path:
        return []
    return [
        f"{front.name} is ready only while {url.rpartition('@')[2]}/-/ready answers below 400; a Thanos querier does "
        "so at the root alone, so that a path in downstream_url is for programs which do it below theirs"
    ]


def _of_replicas(front: Instance) -> list[str]:
    own = [name for name, cache in caches_of(front).items() if cache["type"] == IN_MEMORY]
    if not own or (front["replicas"] < 2 and front["manage_replicas"]):
        return []
    return [
        f"{front.name} has several pods with a cache in memory each ({', '.join(own)}): they may answer one question "
        "differently, and each has to ask for itself. A cache of type MEMCACHED or REDIS is shared by all"
    ]


def _of_servers(stack: Stack) -> list[Finding]:
    """Frontends of different queriers that would read each other's answers, since the keys do not tell them apart."""
    problems = []
    first: dict[tuple[str, ...], Instance] = {}
    for front in stack.doing(Duty.FRONT):
        for option, cache in caches_of(front).items():
            place = _place(cache)
            other = first.setdefault(place, front) if place else front
            if downstream(other, stack) != downstream(front, stack):
                what = (
                    f"{place[0]} is the cache of {other.name}, too, which asks another querier, so that each would "
                    "give the answers of the other"
                )
                advice = "give one of them another server, or with REDIS another db"
                where = f"instances.{front.name}.{option}"
                problems.append(mistake("option-conflict", where, what, advice))
    return problems


def _place(cache: Mapping[str, Any]) -> tuple[str, ...]:
    """What a cache shares with all others of the same place; empty for a cache of a pod's own."""
    servers: Iterable[str] = [*cache["addresses"], *([cache["addr"]] if cache["addr"] else [])]
    return (", ".join(sorted(servers)), str(cache["db"] or 0)) if servers else ()
