# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hashring is, as it is wanted and as it stands in the file; and what is seen of its ingestors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EXACT, GLOB = "exact", "glob"
KETAMA, HASHMOD = "ketama", "hashmod"


@dataclass(frozen=True)
class Ingestor:
    """A member of a ring: ``address`` is ``POD.SERVICE.NAMESPACE.svc:PORT`` of its gRPC.

    Ketama hashes the address as a text, so another way to write it moves series. ``capnproto_address`` is empty where
    routers speak protobuf, ``zone`` where the ring does not tell zones apart.
    """

    address: str
    capnproto_address: str = ""
    zone: str = ""

    @property
    def pod(self) -> str:
        """``thanos-receive-hot-3``."""
        return self.address.split(".", 1)[0].split(":", 1)[0]

    @property
    def workload(self) -> str:
        """``thanos-receive-hot``."""
        return self.pod.rpartition("-")[0]

    @property
    def ordinal(self) -> int:
        """3, by which members are in order: as text, 10 comes before 2. -1 for a name that has none."""
        _name, dash, number = self.pod.rpartition("-")
        return int(number) if dash and number.isascii() and number.isdigit() else -1


@dataclass(frozen=True)
class Hashring:
    """One ring. Without ``tenants`` it is the default ring, which takes what no other takes.

    A ring that stands by for another (``standby_for``) runs, and is in no file until it ``takes_over``: then it has the
    other's place and tenants, and the other is in no file. ``zones``: whether its file tells the zone of each member.
    """

    name: str
    members: tuple[Ingestor, ...]
    tenants: tuple[str, ...] = ()
    matcher: str = EXACT
    algorithm: str = KETAMA
    standby_for: str = ""
    takes_over: bool = False
    zones: bool = False


@dataclass(frozen=True)
class RingPolicy:
    """How a ring follows its ingestors.

    Static: a ring is what was asked for, as soon as all of that is ready, and keeps members that are not ready any
    more, since each change of a ring moves series. ``dynamic``: members that are not ready are left out, but never more
    than leaves ``replication_factor`` members, since Thanos ends where a ring has fewer.
    """

    dynamic: bool = False
    replication_factor: int = 1


@dataclass(frozen=True)
class IngestorState:
    """What is seen of an ingestor that has an address: whether it is ready, and the zone of its node, empty without."""

    ready: bool
    zone: str = ""


@dataclass(frozen=True)
class RingFacts:
    """What is known of an instance's rings.

    ``current`` are those of the live file, None without one that can be read; ``live`` the state of ingestors by
    address, ``sizes`` the replicas that live StatefulSets of ingestors shall have, by name.
    """

    current: tuple[Hashring, ...] | None = None
    live: Mapping[str, IngestorState] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
