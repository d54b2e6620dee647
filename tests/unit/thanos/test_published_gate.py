# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said while a load balancer has no address."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Snapshot, Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.published_gate import published_gate

NOW = datetime(2026, 11, 28, tzinfo=timezone.utc)
NAME = "thanos-query-published"


def verdict(services: list[dict[str, Any]], events: list[dict[str, Any]]) -> Verdict:
    """What the gate thinks of these objects."""
    gate = published_gate("monitoring", [NAME])
    return gate.check(Snapshot({"Service": tuple(services), "Event": tuple(events)}, NOW, NOW))


def service(**status: Any) -> dict[str, Any]:
    spec = {"type": "LoadBalancer", "ports": [{"name": "grpc", "port": 10901}]}
    return {"metadata": {"name": NAME}, "spec": spec, "status": {"loadBalancer": status}}


def test_gate_opens_with_an_address() -> None:
    assert verdict([service(ingress=[{"hostname": "lb.example"}])], []).state == "done"


def test_newest_event_of_the_service_is_quoted() -> None:
    def event(kind: str, name: str, time: str, message: str) -> dict[str, Any]:
        about = {"kind": kind, "name": name}
        return {"involvedObject": about, "lastTimestamp": time, "reason": "SyncLoadBalancerFailed", "message": message}

    events = [
        event("Service", NAME, "2026-11-28T10:00:01Z", "quota exceeded"),
        event("Service", NAME, "2026-11-28T10:00:00Z", "not ready"),
        event("Service", "other", "2026-11-28T10:00:09Z", "other"),
        event("Pod", NAME, "2026-11-28T10:00:09Z", "pod"),
    ]
    found = verdict([service()], events)
    begin = f"the Service monitoring/{NAME} of type LoadBalancer has no address yet (SyncLoadBalancerFailed: quota ex"
    assert (found.state, found.reason[: len(begin)]) == ("waiting", begin)


def test_service_that_is_not_there_yet_is_waited_for() -> None:
    assert verdict([], []).state == "waiting"
