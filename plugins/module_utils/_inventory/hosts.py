# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether inventory hosts are in each other's way: the same stack, or a bucket that they share. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from .._kubernetes.kubeconfig import is_content
from .._objstore.credentials import ROLES
from .._objstore.identity import Identity, described, same
from .roles import STACK
from .variables import PREFIX

NAMESPACE = "monitoring"
Labels = frozenset[tuple[str, str]]


class Site(NamedTuple):
    """Where a stack is: what tells its cluster from others, in words (empty where nothing does), namespace, name."""

    cluster: str
    namespace: str
    stack: str


class Series(NamedTuple):
    """What an instance writes: its name, the bucket (None where it uploads into none that is known), and its labels.

    ``labels`` are without the one in which replicas differ, which is ``replica_label``; None where the variables do not
    tell them.
    """

    instance: str
    bucket: Identity | None
    labels: Labels | None
    replica_label: str = ""


def site(own: Mapping[str, Any], played: bool) -> Site:
    """Where the stack of a host is. One that is not played, and sets no variable of ours, has none."""
    namespace, stack = own.get("thanos_namespace") or NAMESPACE, own.get("thanos_stack") or STACK
    there = played or any(str(name).startswith(PREFIX) for name in own)
    return Site(_cluster(own) if there else "", str(namespace), str(stack))


def _cluster(own: Mapping[str, Any]) -> str:
    """Which cluster a host's variables lead to; empty where they do not tell it from others."""
    uid = (own.get("stack_result") or {}).get("cluster_uid")
    if uid:
        return f"uid {uid}"
    kubeconfig, context = own.get("thanos_kubeconfig") or "default", own.get("thanos_context") or "current"
    # The files of a bastion are its own, and a kubeconfig that is given by its content is not for messages.
    if own.get("ansible_connection", "local") != "local" or is_content(kubeconfig):
        return ""
    return f"{kubeconfig} kubeconfig, {context} context"


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
    for labels, alike in with_equal_labels(written).items():
        for bucket, names in _shared({host: [one.bucket for one in found] for host, found in alike.items()}):
            writers = [
                f"{next(one.instance for one in alike[host] if one.bucket and same(one.bucket, bucket))} of {host}"
                for host in names
            ]
            sentences.append(
                f"{' and '.join(writers)} would both write blocks with the labels {in_words(labels)} into "
                f"{described(bucket)}, "
                "where nothing could tell them apart: give each host its own thanos_cluster, or a label of its own in "
                "external_labels, or its own bucket or prefix."
            )
    return sentences


def with_equal_labels(written: Mapping[str, Collection[Series]]) -> dict[Labels, dict[str, list[Series]]]:
    """Labels that several hosts write (host → what it writes) → what each of these writes with them."""
    found: dict[Labels, dict[str, list[Series]]] = {}
    for host, theirs in written.items():
        for one in theirs:
            if one.labels is not None:
                found.setdefault(one.labels, {}).setdefault(host, []).append(one)
    return {labels: alike for labels, alike in found.items() if len(alike) > 1}


def in_words(labels: Labels) -> str:
    """Labels as Prometheus shows them."""
    return f"{{{', '.join(f'{name}: {value}' for name, value in sorted(labels))}}}"


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


def _shared(buckets: Mapping[str, Iterable[Identity | None]]) -> list[tuple[Identity, list[str]]]:
    """Every bucket that several hosts have, and those hosts; once, however it is written."""
    # Only buckets of one name can be one, so that a large inventory is not compared each with each.
    alike: dict[tuple[str, ...], dict[Identity, dict[str, None]]] = {}
    for host, theirs in buckets.items():
        for bucket in filter(None, theirs):
            names = (bucket.type, *bucket[2:])
            alike.setdefault(names, {}).setdefault(bucket, {})[host] = None
    found: list[tuple[Identity, list[str]]] = []
    for group in alike.values():
        for bucket in group:
            hosts = sorted({host for other, theirs in group.items() if same(bucket, other) for host in theirs})
            if len(hosts) > 1 and not any(hosts == others and same(bucket, other) for other, others in found):
                found.append((bucket, hosts))
    return found
