# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hashring file of Thanos: its text, and the hash by which a router tells which text it has loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..plain_json import plain_json
from .rings import EXACT, GLOB, HASHMOD, KETAMA, Hashring, Ingestor

RING_KEY = "hashrings.json"
_HASHED_BYTES = 6


def ring_config_map(fullname: str) -> str:
    """The ConfigMap with the ring file of an instance."""
    return f"{fullname}-hashrings"


def ring_text(rings: Sequence[Hashring]) -> str:
    """The file for these rings, the same for the same rings. Standbys have to be resolved before (``in_file``)."""
    return plain_json([_entry(ring) for ring in rings], indent=1) + "\n"


def read_rings(text: str) -> tuple[Hashring, ...]:
    """The rings of a file, whoever wrote it. Raises ValueError for what Thanos takes for no ring file."""
    try:
        entries = json.loads(text)
        return tuple(_ring(entry) for entry in entries)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no hashring file: {error}") from None


def hashes_of(text: str) -> frozenset[int]:
    """What ``thanos_receive_config_hash`` shows once this text is loaded: one number since Thanos 0.41, another before.

    The first six bytes of SHA-256, and of MD5 before 0.41, as a number whose lowest byte comes first
    (pkg/receive/config.go, ``hashAsMetricValue``).
    """
    data = text.encode()
    sums = (hashlib.sha256(data).digest(), hashlib.md5(data, usedforsecurity=False).digest())
    return frozenset(int.from_bytes(each[:_HASHED_BYTES], "little") for each in sums)


def in_file(rings: Iterable[Hashring]) -> tuple[Hashring, ...]:
    """The rings that are in the file, in its order: the first that matches a tenant has it.

    So exact ones come first, then globs, then the default ring, each in the order given. A standby is left out, or
    stands for the ring that it takes over.
    """
    rings = tuple(rings)
    standbys = {ring.standby_for: ring for ring in rings if ring.standby_for and ring.takes_over}
    active = [_successor(ring, standbys.get(ring.name)) for ring in rings if not ring.standby_for]
    return tuple(sorted(active, key=_place))


def _successor(ring: Hashring, standby: Hashring | None) -> Hashring:
    """``ring``, or the standby with its tenants."""
    if standby is None:
        return ring
    return Hashring(standby.name, standby.members, ring.tenants, ring.matcher, standby.algorithm, zones=standby.zones)


def _place(ring: Hashring) -> int:
    """Where a ring may stand among others."""
    if not ring.tenants:
        return 2
    return 0 if ring.matcher == EXACT else 1


def _entry(ring: Hashring) -> dict[str, Any]:
    """What is said of a ring: always its algorithm, for which routers have a default of their own."""
    return {
        "hashring": ring.name,
        **({"tenants": list(ring.tenants), "tenant_matcher_type": ring.matcher} if ring.tenants else {}),
        "endpoints": [_endpoint(member) for member in ring.members],
        "algorithm": ring.algorithm,
    }


def _endpoint(member: Ingestor) -> dict[str, str]:
    said = {"address": member.address, "capnproto_address": member.capnproto_address, "az": member.zone}
    return {key: value for key, value in said.items() if value}


def _ring(entry: Mapping[str, Any]) -> Hashring:
    members = tuple(_member(each) for each in entry["endpoints"])
    return Hashring(
        str(entry.get("hashring") or ""),
        members,
        tuple(map(str, entry.get("tenants") or ())),
        GLOB if entry.get("tenant_matcher_type") == GLOB else EXACT,
        # Any other word is hashmod to Thanos; without one its flag decides, which is ketama here.
        KETAMA if entry.get("algorithm", KETAMA) == KETAMA else HASHMOD,
        zones=any(member.zone for member in members),
    )


def _member(endpoint: str | Mapping[str, str]) -> Ingestor:
    if isinstance(endpoint, str):
        return Ingestor(endpoint)
    return Ingestor(endpoint["address"], endpoint.get("capnproto_address", ""), endpoint.get("az", ""))
