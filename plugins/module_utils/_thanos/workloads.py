# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer between an instance and its objects: the Deployments and StatefulSets that an instance consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .channels import Channel
from .tier import Duty

if TYPE_CHECKING:
    from .model import Instance

KINDS = ("Deployment", "StatefulSet")
# StatefulSet pods carry the set's name and an 11-character hash in a label of at most 63 characters.
LONGEST = {"StatefulSet": 52, "Deployment": 46}


@dataclass(frozen=True)
class Beside:
    """What somebody else made, and to whose pods an instance adds a container, or finds one there.

    ``selector`` are the labels of its pods, ``pods`` their names. ``programs`` are the names of those that the instance
    answers for.
    """

    kind: str
    name: str
    selector: Mapping[str, str]
    pods: tuple[str, ...]
    programs: tuple[str, ...]


@dataclass(frozen=True)
class Workload:
    """One Deployment or StatefulSet. ``channels`` are the ports of its pods, ``args`` Thanos' without extra_args.

    ``duties`` are those of its tier that it has itself: a router has none of the ingestors beside it. ``role`` tells
    the workloads of one instance apart; empty for a sole one, which has the instance's own name on the server.
    ``beside`` is what it consists of where it is nobody's but its owner's.
    """

    instance: Instance
    kind: str
    replicas: int
    channels: tuple[Channel, ...]
    args: tuple[str, ...]
    duties: frozenset[Duty]
    role: str = ""
    beside: Beside | None = None

    @property
    def name(self) -> str:
        """The name on the server."""
        return f"{self.instance.fullname}-{self.role}" if self.role else self.instance.fullname

    @property
    def title(self) -> str:
        """The name for people: ``receive router``."""
        return f"{self.instance.name} {self.role}".rstrip()

    @property
    def selector(self) -> dict[str, str]:
        """The labels that select its pods. Immutable on the server, so nothing here may ever change."""
        return dict(self.beside.selector) if self.beside else selector(self.instance, self.name)

    @property
    def pod_names(self) -> tuple[str, ...]:
        """The pods by name; empty where Kubernetes chooses the names."""
        if self.beside:
            return self.beside.pods
        return tuple(f"{self.name}-{i}" for i in range(self.replicas)) if self.kind == "StatefulSet" else ()

    @property
    def container(self) -> str:
        """The container of Thanos in its pods."""
        return self.instance.tier.program

    def channel(self, name: str) -> Channel:
        """The channel of this name."""
        return next(channel for channel in self.channels if channel.name == name)


def sole(
    instance: Instance, kind: str, channels: Sequence[Channel], args: Sequence[str], *, replicas: int | None = None
) -> tuple[Workload, ...]:
    """The only workload of an instance, with all duties of its tier; ``replicas`` as its option says."""
    count = instance["replicas"] if replicas is None else replicas
    return (Workload(instance, kind, count, tuple(channels), tuple(args), instance.tier.duties),)


def selector(instance: Instance, name: str) -> dict[str, str]:
    """The labels that select the pods of the workload ``name``."""
    return {"app.kubernetes.io/name": instance.tier.program, "app.kubernetes.io/instance": name}
