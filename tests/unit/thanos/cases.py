# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stacks that tests render, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.needs import Needs
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import (
    Context,
    Facts,
    Manifest,
    Node,
    ObjstoreFact,
    TlsFact,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

ALERT_RULES = {
    "groups": [
        {
            "name": "availability",
            "rules": [
                {"alert": "TargetDown", "expr": "up == 0", "for": "5m", "labels": {"severity": "page"}},
                {"record": "cluster:up:count", "expr": "count by (cluster) (up)"},
            ],
        }
    ]
}
FIVE_TIERS: dict[str, Any] = {
    "sidecar": {},
    "store": {},
    "query": {},
    "compact": {},
    "ruler": {
        "rules": {"availability.yaml": ALERT_RULES},
        "alertmanagers": ["http://alertmanager.monitoring.svc:9093"],
    },
}
BUCKET = Identity("S3", "minio:9000", "metrics", "")
FACTS = Facts(
    objstores={
        ("default", access): ObjstoreFact(Needs("thanos-objstore-default"), "0123456789abcdef", BUCKET)
        for access in ("reader", "writer", "compactor")
    }
)

IDENTITY = Facts(
    objstores={
        ("default", "reader"): ObjstoreFact(
            Needs(
                "thanos-objstore-default-reader",
                service_account_annotations={
                    "azure.workload.identity/client-id": "12345678-1234-1234-1234-123456789012"
                },
                pod_labels={"azure.workload.identity/use": "true"},
            ),
            "0123456789abcdef",
            BUCKET,
        )
    }
)
ENVIRONMENT = Facts(
    objstores={
        ("default", "compactor"): ObjstoreFact(
            Needs("thanos-objstore-default", env={"OBJSTORE_ACCESS_KEY": ("s3-keys", "AWS_ACCESS_KEY_ID")}),
            "0123456789abcdef",
            BUCKET,
        )
    }
)
CERTIFICATES = Facts(
    objstores=FACTS.objstores,
    certificates={
        "thanos-grpc-server": TlsFact({"ca.crt": "fedcba9876543210"}),
        "thanos-grpc-client": TlsFact({"eu.crt": "0123456789abcdef", "ca.crt": "89abcdef01234567"}, "3"),
    },
    nodes=(Node("n2", "203.0.113.8", "2026-02-01T00:00:00Z"), Node("n1", "203.0.113.7", "2026-01-01T00:00:00Z")),
)


def render(instances: dict[str, Any], *, facts: Facts = FACTS, **stack: Any) -> list[Manifest]:
    """Every object of a stack in cluster eu."""
    parsed = parse({"cluster": "eu", "instances": instances, **stack})
    ctx = Context(parsed, facts)
    return [manifest for i in parsed.instances for manifest in i.tier.render(i, ctx)]


def one(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    """The one object of this kind and name."""
    (found,) = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name]
    return found


def container(workload: Manifest, name: str) -> dict[str, Any]:
    """A container of a workload by name."""
    (found,) = [c for c in workload["spec"]["template"]["spec"]["containers"] if c["name"] == name]
    return dict(found)


def refusal(instances: Mapping[str, Any]) -> str:
    """What is said of instances that are refused."""
    with pytest.raises(InvalidInput) as refused:
        parse({"cluster": "eu", "instances": instances})
    return str(refused.value)
