# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of a fleet without a cluster: what each one's Secrets hold, and one run of ``pki`` on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding
from ansible_collections.o11y.thanos.plugins.module_utils._pki.asked import parse
from ansible_collections.o11y.thanos.plugins.module_utils._pki.material import Live, Material, material
from ansible_collections.o11y.thanos.plugins.module_utils._pki.x509 import (
    Certificate,
    Pair,
    make_authority,
    read_certificates,
    sign,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
NAME = "query.thanos.eu.thanos.internal"


@dataclass
class Host:
    """A cluster: its Secrets, and the clock of its API server."""

    name: str = "eu"
    now: datetime = NOW
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    annotations: dict[str, Mapping[str, str]] = field(default_factory=dict)
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    remembered: frozenset[str] = frozenset()

    def run(self, **options: Any) -> Material:
        """One task; what it makes is there for the next one."""
        found: list[Finding] = []
        asked = parse({"cluster": self.name, **options}, found)
        if found:
            raise InvalidInput(found)
        live = Live(self.own, self.annotations, self.given, self.remembered)
        planned = material(asked, live, self.now)
        for wanted in planned.secrets:
            self.own[wanted.name] = dict(wanted.data)
            self.annotations[wanted.name] = wanted.annotations
        return planned

    def text(self, secret: str, key: str) -> str:
        """What a Secret holds."""
        return self.own[f"thanos-{secret}"].get(key, "")

    def certificate(self, secret: str, key: str = "tls.crt") -> Certificate:
        """The first certificate at a key of a Secret."""
        return read_certificates(self.text(secret, key))[0]

    @property
    def generation(self) -> str:
        """The annotation of the client's Secret."""
        return self.annotations["thanos-grpc-client"]["o11y.thanos/generation"]


def authority(name: str = "somebody", now: datetime = NOW, lifetime: timedelta = 3650 * DAY) -> Pair:
    """A CA of somebody else."""
    return make_authority(name, now, lifetime)


def leaf(ca: Pair, usage: str = "server", names: tuple[str, ...] = (NAME,), **more: Any) -> dict[str, str]:
    """A certificate in the shape that cert-manager gives a Secret."""
    made = sign(ca, "given", usage, names, more.get("now", NOW), more.get("lifetime", 90 * DAY))
    return {"tls.crt": made.certificate.pem, "tls.key": made.key, "ca.crt": ca.certificate.pem}


def later(host: Host, days: int) -> Host:
    """The same host after some days."""
    return replace(host, now=host.now + days * DAY)


def edge(**more: Any) -> dict[str, Any]:
    """Options of an edge."""
    return {"server": {"names": [NAME], **more}}
