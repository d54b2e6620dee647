# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a fleet, every mistake at once, each with the hosts that it is about. Pure.

What is not known of a host is not held against it: ``warnings`` tells what that leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from .._findings import ERROR, Finding, beneath
from .._objstore.identity import same
from .._thanos.versions import minor
from . import hosts, roles
from .links import READERS, Topology
from .members import Member

# Thanos takes TLS for one endpoint, and not for all of them alike, from this release on.
ENDPOINT_TLS = "0.42"
# Hubs that read edges, and hubs that read those: ``deploy`` plays them one after the other.
LEVELS = 2
# How much alike two names are of which one is a slip of the other: thanos_egde, and not thanos_edge_test.
_NEAR = 0.85


def refusals(found: Topology, played: Collection[str]) -> list[Finding]:
    """Everything for which the fleet must not be deployed."""
    members = found.members
    return [
        *(finding for one in members.values() for finding in beneath(f"{one.host}: ", one.mistakes)),
        *([] if _partial(found) else _missing(found)),
        *_sentences("host-twice", hosts.same_stack({name: one.site for name, one in members.items()}, played)),
        *_sentences("compactor-second", hosts.compacted_twice({name: one.compacted for name, one in members.items()})),
        *_sentences("grants-apart", hosts.granted_apart(_grants(members))),
        *_sentences("labels-equal", hosts.labelled_alike({name: one.written for name, one in members.items()})),
        *(finding for check in _CHECKS for finding in check(found)),
    ]


def warnings(found: Topology, without: Collection[str] = ()) -> list[str]:
    """What is not known (of hosts ``without`` these), and what is hardly meant."""
    sentences = [
        f"Whether {one.host} fits the other hosts is not known: {one.unknown}"
        for one in found.members.values()
        if one.unknown and one.host not in without
    ]
    if _partial(found):
        sentences += [f"In this part of the fleet: {finding}" for finding in _missing(found)]
    sentences += _misnamed(found)
    for one in found.members.values():
        if one.reads is not None and one.role not in READERS:
            sentences.append(f"{one.host}: thanos_reads has no effect, since it is not in the group {roles.HUBS}.")
    return sentences + ([] if found.cycles else _in_two_ways(found))


def _misnamed(found: Topology) -> list[str]:
    """Groups whose name is nearly one of the two that mean something, with hosts that are not in that one."""
    groups: dict[str, list[str]] = {}
    for one in found.members.values():
        for name in one.groups - {roles.HUBS, roles.EDGES}:
            groups.setdefault(name, []).append(one.host)
    sentences = []
    for name in sorted(groups):
        meant = next((real for real in (roles.HUBS, roles.EDGES) if _is_near(name, real)), "")
        left = [host for host in groups[name] if meant not in found.members[host].groups]
        if meant and left:
            sentences.append(
                f"The group {name} ({left[0]}{_more(left)}) means nothing to the collection. Did you mean '{meant}'?"
            )
    return sentences


@lru_cache(maxsize=4096)
def _is_near(name: str, real: str) -> bool:
    """Whether a group's name is another spelling of ``real``, or it with one letter wrong."""
    plain, wanted = ("".join(filter(str.isalnum, each.lower())).removesuffix("s") for each in (name, real))
    return plain == wanted or SequenceMatcher(None, plain, wanted).ratio() > _NEAR


def _in_two_ways(found: Topology) -> list[str]:
    """Hubs that read a host both by themselves and through another one."""
    seen, sentences = found.seen(), []
    for hub in seen:
        through = [other for other in found.reads[hub] if other in seen]
        behind = frozenset[str]().union(*(seen[other] - {other} for other in through))
        twice = [edge for edge in found.reads[hub] if edge in behind]
        if twice:
            between = [other for other in through if other != twice[0] and twice[0] in seen[other]]
            sentences.append(
                f"{hub} reads {twice[0]}{_more(twice)} twice, by itself and through {between[0]}{_more(between)}, so "
                f"its queries cost more: name in thanos_reads of {hub} one way to it."
            )
    return sentences


def _sentences(id: str, texts: Iterable[str]) -> list[Finding]:
    return [Finding(id, ERROR, "", text) for text in texts]


def _grants(members: Mapping[str, Member]) -> dict[str, Any]:
    return {f"{name} of {host}": store for host, one in members.items() for name, store in one.granted.items()}


def _known_links(found: Topology) -> list[tuple[Member, Member]]:
    """The two ends of every link of which both are known."""
    ends = [(found.members[link.hub], found.members[link.edge]) for link in found.links]
    return [(hub, edge) for hub, edge in ends if not (hub.unknown or edge.unknown)]


def _partial(found: Topology) -> bool:
    """Whether the run says that its inventory is a part of the fleet, as one slice of a job is."""
    return any(one.partial for one in found.members.values())


def _missing(found: Topology) -> list[Finding]:
    """Ends of links that are not there."""
    return [*found.mistakes, *_unread(found)]


def _unread(found: Topology) -> list[Finding]:
    """Edges that no hub reads, and hubs that read nothing."""
    result = []
    # A hub of which nothing is known may read them.
    all_known = not any(one.unknown and one.reads is None for one in found.members.values() if one.role in READERS)
    hubs = [one.host for one in found.members.values() if one.role in READERS]
    for one in found.members.values():
        if one.role == roles.EDGE and not found.read_by[one.host] and all_known:
            advice = f"Name it in thanos_reads of {' or '.join(hubs[:3])}" if hubs else "Put a host into thanos_hub"
            what = f"is in the group {roles.EDGES}, and no hub reads it"
            advice += f", or take it out of {roles.EDGES}."
            result.append(Finding("fleet-unread", ERROR, one.host, what, advice, joint=" "))
        if one.role in READERS and not found.reads[one.host] and not one.mistakes:
            what = f"is in the group {roles.HUBS}, and reads no edge"
            advice = f"Put the hosts that it shall read into {roles.EDGES}, or take it out of {roles.HUBS}."
            result.append(Finding("fleet-unread", ERROR, one.host, what, advice, joint=" "))
    return result


def _circles(found: Topology) -> list[Finding]:
    """Queriers that would ask each other in a circle, which Thanos does not notice and never ends."""
    result = []
    for cycle in found.cycles:
        way = " → ".join([*cycle, cycle[0]])
        what = f"read each other in a circle ({way}), in which a query would never end"
        advice = f"Leave one of them out of another one's thanos_reads; without it a hub reads all of {roles.EDGES}."
        result.append(Finding("fleet-cycle", ERROR, " and ".join(cycle), what, advice, joint=" "))
    return result


def _depth(found: Topology) -> list[Finding]:
    result = []
    for host, level in found.levels.items():
        if level == LEVELS + 1:
            way = [host]
            while found.reads[way[-1]]:
                way.append(max(found.reads[way[-1]], key=lambda edge: (found.levels[edge], edge)))
                if len(way) > level + 1:
                    break
            what = f"reads through more than {LEVELS} levels of hubs ({' → '.join(way)})"
            advice = f"Let it read {way[2]} or {way[3]} itself: name them in its thanos_reads instead of {way[1]}."
            result.append(Finding("fleet-depth", ERROR, host, what, advice, joint=" "))
    return result


def _addresses(found: Topology) -> list[Finding]:
    """Edges whose querier no hub could find."""
    result = []
    for one in found.members.values():
        hubs = found.read_by[one.host]
        if hubs and one.hidden and not one.unknown:
            what = f"is read by {' and '.join(hubs)}, and its address cannot be known, since {one.hidden}"
            result.append(Finding("fleet-address", ERROR, one.host, what, joint=" "))
    return result


def _hubs_without_querier(found: Topology) -> list[Finding]:
    return [
        Finding(
            "fleet-address",
            ERROR,
            one.host,
            f"is a hub that reads {found.reads[one.host][0]}{_more(found.reads[one.host])}, and has no querier",
            "Enable the tier query there (thanos_enabled).",
            joint=" ",
        )
        for one in found.members.values()
        if found.reads[one.host] and not one.queriers and not one.unknown
    ]


def _more(names: Collection[Any]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""


def _versions(found: Topology) -> list[Finding]:
    """Ends of a link that are too far from each other for Thanos' StoreAPI, or too old for what they shall do."""
    result, old = [], set()
    for hub, edge in _known_links(found):
        if not hub.queriers or not edge.queriers:
            continue
        numbers = [_number(hub.version), _number(edge.version)]
        if None not in numbers and abs((numbers[0] or 0) - (numbers[1] or 0)) > 1:
            what = (
                f"{hub.host} (Thanos {hub.version}) reads {edge.host} (Thanos {edge.version}): more than one minor "
                "release lies between them"
            )
            result.append(Finding("fleet-versions", ERROR, "", what, "Bring their thanos_version closer."))
        for querier in hub.queriers:
            number = _number(querier.version)
            if hub.encrypted and number is not None and number < (_number(ENDPOINT_TLS) or 0):
                old.add((hub.host, querier, edge.host))
    for host, querier in dict.fromkeys((host, querier) for host, querier, _edge in sorted(old)):
        edges = sorted(edge for other, its, edge in old if (other, its) == (host, querier))
        what = (
            f"{querier.instance} of {host} is Thanos {querier.version} and shall read {edges[0]}{_more(edges)} over "
            f"TLS, which a querier can choose for one endpoint from {ENDPOINT_TLS} on"
        )
        advice = "Raise its thanos_version, or set thanos_fleet_tls to false on both ends where a mesh encrypts."
        result.append(Finding("version-too-old", ERROR, "", what, advice))
    return result


@lru_cache(maxsize=64)
def _number(version: str) -> int | None:
    """The minor release as a number; None for what is no version, which is told elsewhere."""
    major, _dot, rest = minor(version).partition(".")
    return int(major) * 1000 + int(rest) if major.isdecimal() and rest.isdecimal() else None


def _encryption(found: Topology) -> list[Finding]:
    result = []
    for hub, edge in _known_links(found):
        if hub.encrypted != edge.encrypted:
            plain, other = (hub, edge) if edge.encrypted else (edge, hub)
            what = (
                f"{hub.host} reads {edge.host}, and thanos_fleet_tls is false on {plain.host} and not on {other.host}"
            )
            result.append(Finding("fleet-tls", ERROR, "", what, "Say the same on both ends."))
    return result


def _names(found: Topology) -> list[Finding]:
    """Edges of one hub whose names are alike once they are DNS labels, or are none."""
    result: dict[Finding, None] = {}
    for hub, edges in found.reads.items():
        labels: dict[str, list[str]] = {}
        for edge in edges:
            labels.setdefault(roles.dns_label(edge), []).append(edge)
        for label, names in labels.items():
            if label and len(names) < 2:
                continue
            what = (
                f"{' and '.join(names)}, which {hub} reads, would be '{label}' in the names of certificates"
                if label
                else f"{' and '.join(names)}, which {hub} reads, has no letter or digit for the name of a certificate"
            )
            result[Finding("fleet-names", ERROR, "", what, "Rename one of the hosts.")] = None
    return list(result)


def _equal_labels(found: Topology) -> list[Finding]:
    """Hosts that write the same labels where one querier sees both, unless they also share a bucket: told already."""
    alike = hosts.with_equal_labels({name: one.written for name, one in found.members.items()})
    if not alike:
        return []
    seen, result = found.seen(), []
    for labels, theirs in alike.items():
        hubs: dict[tuple[str, ...], list[str]] = {}
        for hub, view in seen.items():
            together = tuple(sorted(view & theirs.keys()))
            if len(together) > 1 and not _in_one_bucket([theirs[host] for host in together]):
                hubs.setdefault(together, []).append(hub)
        for together, readers in hubs.items():
            writers = " and ".join(f"{theirs[host][0].instance} of {host}" for host in together)
            what = (
                f"{writers} have the same labels {hosts.in_words(labels)}, and the queriers of "
                f"{' and '.join(readers)} see both, and could not tell them apart"
            )
            advice = "Give each host its own thanos_cluster, or a label of its own in external_labels."
            result.append(Finding("labels-equal", ERROR, "", what, advice))
    return result


def _in_one_bucket(series: list[list[hosts.Series]]) -> bool:
    first, *others = ([one.bucket for one in theirs if one.bucket] for theirs in series)
    return all(any(same(left, right) for left in first for right in theirs) for theirs in others)


def _replica_labels(found: Topology) -> list[Finding]:
    """Replicas whose label a hub would not take for one, so that every series showed once per replica."""
    # Each writer once, though it has a row for each of its buckets.
    missing: dict[tuple[str, str, str], dict[tuple[str, str], bool]] = {}
    for hub, view in found.seen().items():
        for host in sorted(view - {hub}):
            for one in found.members[host].written:
                for querier in found.members[hub].queriers:
                    if one.replica_label not in querier.replica_labels:
                        key = (hub, querier.instance, one.replica_label)
                        missing.setdefault(key, {})[host, one.instance] = one.labels is None
    result = []
    for (hub, instance, label), writers in missing.items():
        host, writer = next(iter(writers))
        what = (
            f"{writer} of {host}{_more(writers)} has the replica label {label}, which is not among replica_labels of "
            f"{instance} of {hub}, so {hub} would show every series once per replica"
        )
        advice = f"Add {label} to replica_labels in thanos_common of {hub}."
        if writers[host, writer]:
            advice += f" Or set replica_label of {writer} of {host}, if the replicas differ in another label there."
        result.append(Finding("labels-equal", ERROR, "", what, advice))
    return result


_CHECKS: tuple[Callable[[Topology], list[Finding]], ...] = (
    _circles,
    _depth,
    _addresses,
    _hubs_without_querier,
    _versions,
    _encryption,
    _names,
    _equal_labels,
    _replica_labels,
)
