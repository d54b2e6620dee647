# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether inventory hosts are in each other's way: the same stack, or a bucket that they share. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from .._objstore.credentials import ROLES
from .._objstore.identity import Identity, described, same


class Site(NamedTuple):
    """Where a stack is: what tells its cluster from others, in words (empty where nothing does), namespace, name."""

    cluster: str
    namespace: str
    stack: str


class Series(NamedTuple):
    """What an instance writes into a bucket: its name, the bucket, labels without the one that replicas differ in."""

    instance: str
    bucket: Identity
    labels: frozenset[tuple[str, str]]


def same_stack(places: Mapping[str, Site], played: Collection[str]) -> list[str]:
    """A sentence for every place that several of the hosts (host → place) share, of which one at least is played."""
    hosts: dict[Site, list[str]] = {}
    for host, place in places.items():
        if place.cluster:
            hosts.setdefault(place, []).append(host)
    return [
        f"{' and '.join(sorted(names))} reach the same cluster ({place.cluster}) and would both be the stack "
        f"{place.stack} in {place.namespace}: give each its own thanos_context or thanos_kubeconfig, or another "
        "thanos_stack or thanos_namespace."
        for place, names in hosts.items()
        if len(names) > 1 and not set(names).isdisjoint(played)
    ]


def compacted_twice(buckets: Mapping[str, Collection[Identity]]) -> list[str]:
    """A sentence for every bucket that several of the hosts (host → what it compacts) would compact."""
    return [
        f"{' and '.join(names)} would both compact {described(bucket)}, and two compactors destroy each "
        "other's blocks: choose one, and take compact out of thanos_enabled of the others, or give each cluster its "
        "own bucket or prefix."
        for bucket, names in _shared(buckets)
    ]


def labelled_alike(written: Mapping[str, Collection[Series]]) -> list[str]:
    """A sentence for all that several of the hosts (host → what it writes) would write with the same labels."""
    sentences = []
    for labels in dict.fromkeys(one.labels for theirs in written.values() for one in theirs):
        alike = {host: [one for one in theirs if one.labels == labels] for host, theirs in written.items()}
        for bucket, names in _shared({host: [one.bucket for one in found] for host, found in alike.items()}):
            writers = [
                f"{next(one.instance for one in alike[host] if same(one.bucket, bucket))} of {host}" for host in names
            ]
            text = ", ".join(f"{name}: {value}" for name, value in sorted(labels))
            sentences.append(
                f"{' and '.join(writers)} would both write blocks with the labels {{{text}}} into {described(bucket)}, "
                "where nothing could tell them apart: give each host its own thanos_cluster, or a label of its own in "
                "external_labels, or its own bucket or prefix."
            )
    return sentences


def granted_apart(stores: Mapping[str, tuple[Identity, Mapping[str, Collection[str]]]]) -> list[str]:
    """A sentence for every bucket into which the stores (in words → bucket, users by access role) let others."""
    sentences = []
    for bucket, names in _shared({name: [bucket] for name, (bucket, _grants) in stores.items()}):
        lists = [stores[name][1] for name in names]
        roles = [role for role in ROLES if len({frozenset(grants.get(role, ())) for grants in lists}) > 1]
        if roles:
            sentences.append(
                f"The object stores {' and '.join(names)} are {described(bucket)}, and differ in grant_to of "
                f"{' and '.join(roles)}: each run would take the users out that the others let in. Give all of them "
                "the same lists."
            )
    return sentences


def needed_elsewhere(removed: Collection[Identity], named: Mapping[str, Collection[Identity]]) -> list[str]:
    """A sentence for every bucket to be removed that hosts which stay (host → what they name) name, by any prefix."""
    found: dict[str, set[str]] = {}
    for bucket in {bucket._replace(prefix="") for bucket in removed}:
        for host, theirs in named.items():
            if any(same(bucket, other._replace(prefix="")) for other in theirs):
                found.setdefault(described(bucket), set()).add(host)
    return [
        f"{bucket} is to be removed, and is the bucket of {' and '.join(sorted(hosts))} too, which this run does not "
        "tear down: tear down all of them in one run, or leave thanos_teardown_buckets and thanos_teardown_blocks out."
        for bucket, hosts in sorted(found.items())
    ]


def _shared(buckets: Mapping[str, Collection[Identity]]) -> list[tuple[Identity, list[str]]]:
    """Every bucket that several hosts have, and those hosts; once, however it is written."""
    found: list[tuple[Identity, list[str]]] = []
    for bucket in dict.fromkeys(bucket for theirs in buckets.values() for bucket in theirs):
        names = sorted(name for name, theirs in buckets.items() if any(same(bucket, other) for other in theirs))
        if len(names) > 1 and not any(names == others and same(bucket, other) for other, others in found):
            found.append((bucket, names))
    return found
