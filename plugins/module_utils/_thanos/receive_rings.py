# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashrings of a receive: what each has of the instance's options and of its own, and which tenants it takes.

Thanos takes the first ring in the file that matches a tenant, whatever it is and whether its members are up or not. So
an order in which a ring would never be asked is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._findings import Finding, mistake
from .._options.convert import convert
from .._options.forms import FORMS
from .._options.rows import Option
from .common import LABELS, RESOURCES
from .hashring.merge import Merged, planned
from .hashring.rings import EXACT, GLOB, Hashring, Ingestor, RingPolicy
from .model import Context, Instance, Stack
from .objstores import with_secret

ROUTER, SOLE, CAPNPROTO = "router", "default", "capnproto"
STATIC, DYNAMIC = "static", "dynamic"
HASHRING: dict[str, Option] = {
    "name": Option(form="dns_label", required=True),
    "tenants": Option("list", elements="str"),
    "tenant_matcher": Option(choices=(EXACT, GLOB), default=EXACT),
    "algorithm": Option(choices=("ketama", "hashmod"), default="ketama"),
    "zones": Option("bool", False),
    "standby_for": Option(form="dns_label"),
    "takes_over": Option("bool", False),
    "replicas": Option("int", minimum=1),
    "storage": Option(
        "dict", options={"size": Option(form="claim_size"), "storage_class": Option(form="dns_name")}, default={}
    ),
    "objstore": Option(form="dns_label"),
    "objstore_secret": Option(
        "dict", options={"name": Option(form="dns_name", required=True), "key": Option(default="objstore.yml")}
    ),
    "retention": Option(form="duration"),
    "external_labels": Option("dict", form="text", keys="label_name"),
    "resources": Option("dict", options=RESOURCES),
    "node_selector": LABELS,
}
# How a ring changes.
_CHANGES: dict[str, Option] = {
    "hashring_policy": Option(choices=(STATIC, DYNAMIC), default=STATIC),
    "shrink_without_proof": Option("bool", False),
    "delete_claims_of_removed_ingestors": Option("bool", False),
}
REPLICATION: dict[str, Option] = {
    **_CHANGES,
    "replication_factor": Option("int", 3, minimum=1),
    "replication_protocol": Option(choices=("protobuf", CAPNPROTO), default="protobuf"),
}
# What a ring may have of its own in the place of what the instance has.
_REPLACED = ("replicas", "retention", "resources")
_MERGED = ("storage", "external_labels", "node_selector")
_ZONE = "topology.kubernetes.io/zone"
# No tenant is that long.
_LONG = "\0" * 64


@dataclass(frozen=True)
class Ring:
    """One hashring. ``instance`` is the receive as its ingestors see it: with the ring's options over its own.

    ``standby_for`` is the ring whose place it ``takes_over`` when that is asked for, empty for a ring of its own.
    """

    name: str
    tenants: tuple[str, ...]
    matcher: str
    algorithm: str
    zones: bool
    standby_for: str
    takes_over: bool
    instance: Instance

    @property
    def place(self) -> int:
        """Where in the file its kind of ring has to be: exact names, then globs, then the ring for all others."""
        return 2 if not self.tenants else 1 if self.matcher == GLOB else 0


def rings(instance: Instance, stack: Stack | None = None) -> list[Ring]:
    """The rings in their order; without any in the options a sole one for all tenants.

    ``stack`` knows the object stores whose Secrets somebody else makes.
    """
    rows = [row for row in instance["hashrings"] if row and row["name"]]
    return [_ring(instance, row, stack) for row in rows or [convert(HASHRING, {"name": SOLE}, "", [])]]


def writers(instance: Instance) -> list[Instance]:
    """An instance as what writes its series sees it: each of its hashrings in their order; itself where it has none."""
    return [ring.instance for ring in rings(instance)] if "hashrings" in instance.options else [instance]


def _ring(instance: Instance, row: Mapping[str, Any], stack: Stack | None) -> Ring:
    own: dict[str, Any] = {name: row[name] for name in _REPLACED if row[name] is not None}
    own |= {name: {**instance[name], **{k: v for k, v in row[name].items() if v is not None}} for name in _MERGED}
    if row["objstore"] or row["objstore_secret"]:
        own |= {"objstore": row["objstore"] or instance["objstore"], "objstore_secret": row["objstore_secret"]}
    if row["zones"] and not instance["topology_spread_constraints"]:
        own["topology_spread_constraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": _ZONE,
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": ring_selector(instance, row["name"])},
            }
        ]
    view = replace(instance, options={**instance.options, **own})
    # An empty one is refused and not left out: a ring without tenants takes those of everybody.
    tenants = tuple(tenant for tenant in row["tenants"] if tenant is not None)
    seen = with_secret(view, stack.objstores) if stack else view
    standby = row["standby_for"], row["takes_over"]
    return Ring(row["name"], tenants, row["tenant_matcher"], row["algorithm"], row["zones"], *standby, seen)


def ring_selector(instance: Instance, ring: str) -> dict[str, str]:
    """The labels that select the ingestors of a ring."""
    return {
        "app.kubernetes.io/name": f"thanos-{instance.tier}",
        "app.kubernetes.io/instance": f"{instance.fullname}-{ring}",
    }


def member_host(workload: str, pod: str, namespace: str) -> str:
    """Where a member is. Without the cluster's domain, since series are placed by this text."""
    return f"{pod}.{workload}-headless.{namespace}.svc"


def wanted_rings(instance: Instance, stack: Stack) -> tuple[Hashring, ...]:
    """The rings as they shall be, with all their members; the zones of these are where their pods are put."""
    return tuple(
        Hashring(
            ring.name,
            tuple(_member(instance, ring, ordinal, stack) for ordinal in range(ring.instance["replicas"])),
            ring.tenants,
            ring.matcher,
            ring.algorithm,
            ring.standby_for,
            ring.takes_over,
            ring.zones,
        )
        for ring in rings(instance)
    )


def planned_rings(instance: Instance, ctx: Context) -> Merged:
    """The rings that a run is to end with, and why one is not to be what was asked for."""
    policy = RingPolicy(instance["hashring_policy"] == DYNAMIC, instance["replication_factor"])
    return planned(wanted_rings(instance, ctx.stack), ctx.facts.rings.get(instance.name), policy)


def _member(instance: Instance, ring: Ring, ordinal: int, stack: Stack) -> Ingestor:
    workload = f"{instance.fullname}-{ring.name}"
    host = member_host(workload, f"{workload}-{ordinal}", stack.namespace)
    speaks_capnproto = instance["replication_protocol"] == CAPNPROTO
    return Ingestor(f"{host}:10901", f"{host}:19391" if speaks_capnproto else "")


def expected_tenants(instance: Instance) -> list[str]:
    """The tenants that shall have samples: those that the option names, and those that have a ring by their name."""
    named = [t for ring in rings(instance) if ring.matcher == EXACT for t in ring.tenants]
    return list(dict.fromkeys([*instance["expect_tenants"], *named]))


def idle_rings(instance: Instance) -> list[str]:
    """The rings that run and are to get nothing: standbys, and those from which one took over."""
    found = rings(instance)
    replaced = {ring.standby_for for ring in found if ring.takes_over}
    return [ring.name for ring in found if ring.name in replaced or (ring.standby_for and not ring.takes_over)]


def quorum(replication_factor: int) -> int:
    """How many copies of a sample have to be written, as Thanos counts them since 0.37."""
    return 1 if replication_factor == 2 else replication_factor // 2 + 1


def problems_of_rings(instance: Instance) -> list[Finding]:
    """What Thanos would end for, or take and never look at."""
    found = rings(instance)
    return [
        *_problems_of_names(found),
        *_problems_of_tenants(found),
        *_problems_of_order(found),
        *_problems_of_standbys(found),
        *_problems_of_size(instance, found, instance["replication_factor"]),
        *_problems_of_expected(found, instance["expect_tenants"]),
    ]


def _problems_of_names(found: Sequence[Ring]) -> list[Finding]:
    names = [ring.name for ring in found]
    problems = [
        mistake("option-conflict", f"hashrings[{i}].name", f"there is a ring {name} already", "choose another name")
        for i, name in enumerate(names)
        if name in names[:i]
    ]
    if ROUTER in names:
        what = f"'{ROUTER}' is what the Deployment in front of the rings is called"
        where = f"hashrings[{names.index(ROUTER)}].name"
        problems.append(mistake("option-conflict", where, what, "choose another name"))
    return problems


def _problems_of_tenants(found: Sequence[Ring]) -> list[Finding]:
    problems: list[Finding] = []
    owner: dict[tuple[str, str], str] = {}
    for i, ring in enumerate(found):
        form = FORMS["tenant_glob" if ring.matcher == GLOB else "tenant"]
        accepts = _is_glob if ring.matcher == GLOB else form.accepts
        where = f"hashrings[{i}].tenants"
        problems += [
            mistake("option-form", where, f"'{tenant}' is not {form.wording}")
            for tenant in ring.tenants
            if not accepts(tenant)
        ]
        for tenant in dict.fromkeys(ring.tenants):
            other = owner.setdefault((ring.matcher, tenant), ring.name)
            if other != ring.name:
                what = f"{tenant} is a tenant of the ring {other}, too, and Thanos asks the first ring only"
                problems.append(mistake("hashring-order", where, what, "leave it in one of them"))
        if ring.matcher == GLOB and not ring.tenants:
            what = "there is no pattern, so that the ring takes all tenants that are left"
            problems.append(mistake("option-without-effect", f"hashrings[{i}].tenant_matcher", what, "leave it out"))
    return problems


def _problems_of_expected(found: Sequence[Ring], expected: Iterable[str]) -> list[Finding]:
    """Tenants that shall have samples, and that no ring takes."""
    own = [ring for ring in found if not ring.standby_for]
    if any(not ring.tenants for ring in own):
        return []
    names = {tenant for ring in own if ring.matcher == EXACT for tenant in ring.tenants}
    globs = [_pattern(glob) for ring in own if ring.matcher == GLOB for glob in ring.tenants if _is_glob(glob)]
    return [
        mistake(
            "option-conflict",
            f"expect_tenants[{i}]",
            f"no ring takes {tenant}, so that its writes are answered with an error",
            "name it in the tenants of one, or add a ring without tenants as the last one",
        )
        for i, tenant in enumerate(expected)
        if tenant not in names and not any(re.fullmatch(glob, tenant) for glob in globs)
    ]


def _problems_of_order(found: Sequence[Ring]) -> list[Finding]:
    """Rings behind one that takes their tenants. A standby has the place of another."""
    problems = []
    for i, ring in enumerate(found):
        if ring.standby_for:
            continue
        for before in (each for each in found[:i] if not each.standby_for):
            if before.place > ring.place or (before.place == ring.place == 2):
                what = f"{ring.name} comes behind {before.name}, {_TAKES[before.place]}, and Thanos asks the first ring"
                advice = "list rings with exact names first, then those with globs, and last one without tenants"
                problems.append(mistake("hashring-order", f"hashrings[{i}]", what, advice))
                break
        problems += _shadows(i, ring, found[:i])
    return problems


_TAKES = ("which has exact names", "which has globs", "which takes every tenant")


def _shadows(i: int, ring: Ring, before: Iterable[Ring]) -> list[Finding]:
    """Patterns of which an earlier ring takes every tenant."""
    if ring.matcher != GLOB:
        return []
    return [
        mistake(
            "hashring-order",
            f"hashrings[{i}].tenants",
            f"{pattern} would never be asked: {earlier} of the ring {other.name} takes all of its tenants before",
            "list the narrower pattern first, or leave it out",
        )
        for pattern in ring.tenants
        for other in before
        if other.matcher == GLOB
        for earlier in other.tenants
        if covers(earlier, pattern) and earlier != pattern
    ]


def covers(earlier: str, later: str) -> bool:
    """Whether the glob ``earlier`` takes whatever ``later`` takes: told by the shortest and by a very long text."""
    if not (_is_glob(earlier) and _is_glob(later)):
        return False
    plain = re.sub(r"\[[^\]]*\]|\?", "\0", later)
    return all(re.fullmatch(_pattern(earlier), plain.replace("*", text)) for text in ("", _LONG))


def _is_glob(text: str) -> bool:
    """Whether it is a pattern of tenants. A range from z to a is none, with which Go finds nothing."""
    ranges = re.findall(r"([\w.])-([\w.])", "".join(re.findall(r"\[[^\]]*\]", text)))
    return FORMS["tenant_glob"].accepts(text) and all(first <= last for first, last in ranges)


def _pattern(glob: str) -> str:
    """A glob of Go's filepath.Match as a regular expression."""
    parts = re.findall(r"\[\^?[^\]]+\]|.", glob)
    # What stands for any letter may be the one that a class leaves out.
    known = {"*": r"[\s\S]*", "?": r"[\s\S]"}
    return "".join(known.get(p) or (p.replace("[^", "[^\0") if p.startswith("[") else re.escape(p)) for p in parts)


def _problems_of_standbys(found: Sequence[Ring]) -> list[Finding]:
    """Rings that stand by for nobody, or that would be more than a standby."""
    problems = []
    own = [ring.name for ring in found if not ring.standby_for]
    taken: dict[str, str] = {}
    for i, ring in enumerate(found):
        where = f"hashrings[{i}]"
        if ring.takes_over and not ring.standby_for:
            what = "the ring is a standby of none, so that there is nothing to take over"
            problems.append(mistake("option-without-effect", f"{where}.takes_over", what, "set standby_for"))
        if not ring.standby_for:
            continue
        if ring.standby_for not in own:
            what = f"there is no ring {ring.standby_for} that has tenants of its own"
            problems.append(mistake("option-conflict", f"{where}.standby_for", what, f"name one of {', '.join(own)}"))
        if ring.tenants:
            what = f"a standby takes those of {ring.standby_for}, and none before"
            problems.append(mistake("option-conflict", f"{where}.tenants", what, "leave them out"))
        other = taken.setdefault(ring.standby_for, ring.name) if ring.takes_over else ring.name
        if other != ring.name:
            what = f"{other} takes over from {ring.standby_for} already"
            problems.append(mistake("option-conflict", f"{where}.takes_over", what, "leave it in one of them"))
    return problems


def _problems_of_size(instance: Instance, found: Sequence[Ring], factor: int) -> list[Finding]:
    problems = []
    # Whether a ring says a number of its own; an instance without rings has one that says none.
    given = [row["replicas"] is not None for row in instance["hashrings"]] or [False]
    for i, ring in enumerate(found):
        count = ring.instance["replicas"]
        own = f"hashrings[{i}].replicas" if given[i] else "replicas"
        if count < factor:
            has = f"{count} ingestor{'s' if count > 1 else ''}"
            what = (
                f"the ring {ring.name} has {has}, and replication_factor {factor} writes each sample to "
                f"{factor} (a write needs {quorum(factor)} of them); Thanos ends with such a ring"
            )
            advice = f"give it {factor} ingestors or more, or lower replication_factor"
            problems.append(mistake("hashring-small", own, what, advice))
        if ring.zones and ring.algorithm != "ketama":
            what = f"{ring.algorithm} knows no zones, and Thanos ends with such a ring"
            problems.append(mistake("option-conflict", f"hashrings[{i}].zones", what, "leave algorithm at ketama"))
    return problems
