# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether inventory hosts are the same stack of the same cluster, which two of them must not be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Where a stack is: uid of the cluster's ``kube-system`` (empty where it may not be read), namespace, name."""

    cluster_uid: str
    namespace: str
    stack: str


def same_stack(places: Mapping[str, Place]) -> list[str]:
    """A sentence for every place that several of the hosts (host → place) share."""
    hosts: dict[Place, list[str]] = {}
    for host, place in places.items():
        if place.cluster_uid:
            hosts.setdefault(place, []).append(host)
    return [
        f"{' and '.join(sorted(names))} reach the same cluster (uid {place.cluster_uid}) and would both be the stack "
        f"{place.stack} in {place.namespace}: give each its own thanos_context or thanos_kubeconfig, or another "
        "thanos_stack or thanos_namespace."
        for place, names in hosts.items()
        if len(names) > 1
    ]
