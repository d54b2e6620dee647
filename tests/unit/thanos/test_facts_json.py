# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts come back from JSON as they went in."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._findings import mistake
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.needs import Needs
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.facts_json import packed, unpacked
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import (
    Hashring,
    Ingestor,
    IngestorState,
    RingFacts,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import (
    Compactor,
    Count,
    Dialled,
    Existing,
    Facts,
    Front,
    Node,
    ObjstoreFact,
    Replica,
    TlsFact,
)

BUCKET = Identity("S3", "minio:9000", "metrics", "eu")
STORE = ObjstoreFact(
    Needs(
        "thanos-objstore-default",
        "objstore.yml",
        {"OBJSTORE_ACCESS_KEY": ("s3-keys", "id")},
        {"eks.amazonaws.com/role-arn": "arn"},
        {"azure.workload.identity/use": "true"},
        "env",
        BUCKET,
        ("/etc/thanos/secrets/google/token",),
    ),
    "0123456789abcdef",
    BUCKET,
    False,
    ("s3-keys (key id)",),
)
PROMETHEUS = Existing(
    "StatefulSet",
    "prometheus",
    "is away",
    "wait",
    2,
    3,
    {"app": "prometheus"},
    (Replica("prometheus-0", "3.9.1", {"cluster": "eu"}, {"agent": "false"}, "30s", "HTTP 503"),),
    "https",
    "Prometheus main",
    "Helm",
    "prometheus",
    "ours",
    "prometheus",
    ("prometheus", "reloader"),
    ({"name": "data", "mountPath": "/prometheus"},),
    {"runAsUser": 1000},
    ("data",),
    (9090,),
    True,
    "0.85.0",
    ("thanos",),
)
FULL = Facts(
    objstores={("default", "reader"): STORE, ("secret/own", "writer"): ObjstoreFact(Needs("own"), "1", None)},
    store_apis={"thanos-store-headless": "store"},
    workloads=frozenset({"thanos-store", "thanos-compact"}),
    live_instances={"store": "StatefulSet"},
    claims={"thanos-store": ("10Gi", "standard")},
    volumes={"data-thanos-store-0": ("10Gi", "")},
    storage_classes=frozenset({"standard", "fast"}),
    default_storage_class=False,
    compactors=(Compactor("Deployment a/b", BUCKET), Compactor("Deployment a/c", None)),
    rule_sources={"ruler": {"a.yaml": "groups: []"}},
    files={"Secret/tls": ("tls.crt", "tls.key"), "ConfigMap/tracing": None},
    counts={"thanos-query": Count(3, others=True)},
    queriers={"query": "http://thanos-query.monitoring.svc:10902/thanos"},
    former={"store": BUCKET},
    certificates={"thanos-grpc-client": TlsFact({"ca.crt": "0123456789abcdef"}, "2", ("eu.crt",))},
    secured=frozenset({"store"}),
    rings={
        "receive": RingFacts(
            (Hashring("hot", (Ingestor("hot-0.hot.monitoring.svc:10901", zone="a"),), ("team-a",), zones=True),),
            {"hot-0.hot.monitoring.svc:10901": IngestorState(True, "a")},
            {"thanos-receive-hot": 3},
        ),
        "other": RingFacts(),
    },
    dialled={"query": Dialled({"eu.example:10901": "0123456789abcdef"}, 2)},
    nodes=(Node("n1", "203.0.113.7", "2026-01-01T00:00:00Z", schedulable=False),),
    published={"query": "203.0.113.7"},
    endpoints={"query": {"eu": {"name": "eu", "address": "eu.example:10901"}}},
    existing={"sidecar": (PROMETHEUS,)},
    discovered={"query": ("dnssrv+_grpc._tcp.a.b.svc",)},
    unfit=(mistake("certificate-unfit", "instances.query.grpc_tls.secret", "expired", "renew it", names=("a",)),),
    fronts={"front": Front("http://front.monitoring.svc:10902", "http://query.monitoring.svc:10902", True)},
    passwords={"redis/password": "0123456789abcdef"},
    warnings=("storage classes may not be read",),
)


@pytest.mark.parametrize("facts", [FULL, Facts()], ids=["full", "empty"])
def test_facts_come_back_from_json_as_they_went_in(facts: Facts) -> None:
    assert unpacked(json.loads(json.dumps(packed(facts)))) == facts


@pytest.mark.parametrize(
    "full",
    [
        FULL,
        STORE,
        STORE.needs,
        FULL.compactors[0],
        FULL.certificates["thanos-grpc-client"],
        FULL.dialled["query"],
        PROMETHEUS,
        PROMETHEUS.pods[0],
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_case_above_says_something_of_every_fact(full: Any) -> None:
    """A new field that comes back as its default would not be noticed otherwise."""
    for field in fields(full):
        value = getattr(full, field.name)
        assert value is False or value, field.name
