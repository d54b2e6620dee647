# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether inventory hosts are in each other's way: the same stack, or two compactors on one bucket. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from .._objstore.identity import Identity, described


class Place(NamedTuple):
    """Where a stack is: what tells its cluster from others, in words (empty where nothing does), namespace, name."""

    cluster: str
    namespace: str
    stack: str


def same_stack(places: Mapping[str, Place]) -> list[str]:
    """A sentence for every place that several of the hosts (host → place) share."""
    hosts: dict[Place, list[str]] = {}
    for host, place in places.items():
        if place.cluster:
            hosts.setdefault(place, []).append(host)
    return [
        f"{' and '.join(sorted(names))} reach the same cluster ({place.cluster}) and would both be the stack "
        f"{place.stack} in {place.namespace}: give each its own thanos_context or thanos_kubeconfig, or another "
        "thanos_stack or thanos_namespace."
        for place, names in hosts.items()
        if len(names) > 1
    ]


def compacted_twice(buckets: Mapping[str, Collection[Identity]]) -> list[str]:
    """A sentence for every bucket that several of the hosts (host → what it compacts) would compact."""
    hosts: dict[Identity, list[str]] = {}
    for host, compacted in buckets.items():
        for bucket in set(compacted):
            hosts.setdefault(bucket, []).append(host)
    return [
        f"{' and '.join(sorted(names))} would both compact {described(bucket)}, and two compactors destroy each "
        "other's blocks: choose one, and take compact out of thanos_enabled of the others, or give each cluster its "
        "own bucket or prefix."
        for bucket, names in hosts.items()
        if len(names) > 1
    ]
