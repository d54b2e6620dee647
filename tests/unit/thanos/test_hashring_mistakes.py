# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashrings and tenants that a receive cannot have: each is refused with its option and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.receive_rings import covers

from .cases import refusal
from .hashring_options import DEFAULT, exact, globs

TLS = {"remote_write_tls": {"secret": "s"}}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "ring smaller than what is written": (
        {"hashrings": [exact("a", "a", replicas=2), DEFAULT]},
        "hashrings[0].replicas: the ring a has 2 ingestors, and replication_factor 3 writes each sample to 3 (a write "
        "needs 2 of them)",
    ),
    "an instance smaller than what is written": (
        {"replicas": 1, "hashrings": [DEFAULT]},
        "replicas: the ring default has 1 ingestor, and replication_factor 3",
    ),
    "tenant in two rings": (
        {"hashrings": [exact("a", "x"), exact("b", "x"), DEFAULT]},
        "hashrings[1].tenants: x is a tenant of the ring a, too",
    ),
    "exact names behind globs": (
        {"hashrings": [globs("g", "team-*"), exact("a", "team-a")]},
        "hashrings[1]: a comes behind g, which has globs",
    ),
    "a ring behind the default one": (
        {"hashrings": [DEFAULT, exact("a", "x")]},
        "hashrings[1]: a comes behind default, which takes every tenant",
    ),
    "two rings for all others": (
        {"hashrings": [DEFAULT, {"name": "rest"}]},
        "hashrings[1]: rest comes behind default, which takes every tenant",
    ),
    "glob that shadows a later one": (
        {"hashrings": [globs("wide", "team-*"), globs("narrow", "team-a*"), DEFAULT]},
        "hashrings[1].tenants: team-a* would never be asked: team-* of the ring wide takes all of its tenants before",
    ),
    "name of a tenant with a slash": (
        {"hashrings": [exact("a", "a/b"), DEFAULT]},
        "hashrings[0].tenants: 'a/b' is not a tenant",
    ),
    "name of a tenant that is empty": (
        {"hashrings": [exact("a", "")]},
        "hashrings[0].tenants: '' is not a tenant",
    ),
    "glob where a name belongs": (
        {"hashrings": [exact("a", "team-*"), DEFAULT]},
        "hashrings[0].tenants: 'team-*' is not a tenant",
    ),
    "hyphen in a class that is no range": (
        {"hashrings": [globs("g", "team-[a-]*"), DEFAULT]},
        "hashrings[0].tenants: 'team-[a-]*' is not a pattern of tenants",
    ),
    "range that goes backwards": (
        {"hashrings": [globs("g", "team-[z-a]*"), globs("h", "x-*")], "expect_tenants": ["x-a"]},
        "hashrings[0].tenants: 'team-[z-a]*' is not a pattern of tenants",
    ),
    "matcher in capitals": (
        {"hashrings": [exact("a", "x", tenant_matcher="Glob"), DEFAULT]},
        "hashrings[0].tenant_matcher: 'Glob' is not one of exact, glob",
    ),
    "patterns without any": ({"hashrings": [globs("g")]}, "hashrings[0].tenant_matcher: there is no pattern"),
    "two rings of one name": ({"hashrings": [exact("a", "x"), {"name": "a"}]}, "hashrings[1].name: there is a ring a"),
    "a ring called router": ({"hashrings": [{"name": "router"}]}, "hashrings[0].name: 'router' is what the Deployment"),
    "a ring without a name": ({"hashrings": [{"tenants": ["x"]}]}, "hashrings[0].name is required"),
    "zones with hashmod": (
        {"hashrings": [{"name": "a", "algorithm": "hashmod", "zones": True}]},
        "hashrings[0].zones: hashmod knows no zones",
    ),
    "label that a sender may have": (
        {"external_labels": {"replica": "a"}},
        "external_labels.replica: a sender may have a label replica of its own",
    ),
    "label of a ring that a sender may have": (
        {"hashrings": [{"name": "a", "external_labels": {"cluster": "x"}}]},
        "hashrings[0].external_labels.cluster: a sender may have a label cluster",
    ),
    "replica label of a ring that is equal on all of its ingestors": (
        {"hashrings": [{"name": "a", "external_labels": {"receive_replica": "x"}}]},
        "hashrings[0].external_labels.receive_replica: 'x' would be equal on every replica",
    ),
    "label of a ring without a value": (
        {"hashrings": [{"name": "a", "external_labels": {"receive_zone": ""}}]},
        "hashrings[0].external_labels.receive_zone is empty",
    ),
    "label of tenants": (
        {"external_labels": {"tenant_id": "x"}},
        "external_labels.tenant_id: tenant_id is the label that tells tenants apart",
    ),
    "tenants told by what ingestors have": (
        {"tenant_label": "receive_cluster"},
        "tenant_label: ingestors have a label receive_cluster already",
    ),
    "tenant that no ring takes": (
        {"hashrings": [exact("a", "x"), globs("g", "team-*")], "expect_tenants": ["team-a", "x", "y"]},
        "expect_tenants[2]: no ring takes y",
    ),
    "standby smaller than what is written": (
        {"hashrings": [exact("a", "x"), DEFAULT, {"name": "s", "standby_for": "a", "replicas": 1}]},
        "hashrings[2].replicas: the ring s has 1 ingestor",
    ),
    "standby of none": (
        {"hashrings": [DEFAULT, {"name": "s", "standby_for": "gone"}]},
        "hashrings[1].standby_for: there is no ring gone",
    ),
    "standby with tenants": (
        {"hashrings": [exact("a", "x"), DEFAULT, exact("s", "y", standby_for="a")]},
        "hashrings[2].tenants: a standby takes those of a",
    ),
    "two standbys that take over": (
        {
            "hashrings": [
                exact("a", "x"),
                DEFAULT,
                *({"name": name, "standby_for": "a", "takes_over": True} for name in ("s", "t")),
            ]
        },
        "hashrings[3].takes_over: s takes over from a already",
    ),
    "nobody to take over from": (
        {"hashrings": [{"name": "a", "takes_over": True}]},
        "hashrings[0].takes_over: the ring is a standby of none",
    ),
    "split label beside a header": (
        {"split_tenant_label": "team", "tenant_header": "X-Tenant"},
        "split_tenant_label: the tenant of a series is what its label team says, before tenant_header is looked at",
    ),
    "split label that is the tenant's": ({"split_tenant_label": "tenant_id"}, "split_tenant_label: tenant_id is"),
    "header beside a field": (
        {**TLS, "tenant_header": "X-Tenant", "tenant_certificate_field": "commonName"},
        "tenant_header: Thanos does not look at the header beside tenant_certificate_field",
    ),
    "field without certificates": (
        {"tenant_certificate_field": "commonName"},
        "tenant_certificate_field: senders show no certificate",
    ),
    "limits beside a split label": (
        {"split_tenant_label": "team", "limits": {"default": {"series_limit": 1}}},
        "limits: Thanos counts by the tenant of the request",
    ),
    "limit below what one sample needs": (
        {"limits": {"default": {"samples_limit": 0}}},
        "limits.default.samples_limit: 0 is too small; the least is 1",
    ),
    "size below what one sample needs": (
        {"limits": {"tenants": {"a": {"size_bytes_limit": 10}}}},
        "limits.tenants.a.size_bytes_limit: 10 is too small; the least is 1024",
    ),
    "limits of what is no tenant": ({"limits": {"tenants": {"a/b": {}}}}, "limits.tenants: 'a/b' is not a tenant"),
    "attributes in one text": (
        {"otlp_promote_resource_attributes": ["k8s.pod.name,k8s.namespace.name"]},
        "otlp_promote_resource_attributes[0]: 'k8s.pod.name,k8s.namespace.name' is not the name of one attribute",
    ),
    "no write at a time": (
        {"limits": {"max_concurrency": 0}},
        "limits.max_concurrency: 0 is too small; the least is 1",
    ),
    "URL without a scheme": (
        {"limits": {"meta_monitoring_url": "query:10902", "default": {"head_series_limit": 1}}},
        "limits.meta_monitoring_url: 'query:10902' is not a URL",
    ),
    "URL for series that nobody counts": (
        {"limits": {"meta_monitoring_url": "http://q:10902", "default": {"series_limit": 1}}},
        "limits.meta_monitoring_url: no head_series_limit is given",
    ),
    "only ingestors speak TLS": ({"grpc_tls": {"secret": "s"}}, "forward_tls is needed beside grpc_tls"),
    "only routers speak TLS": ({"forward_tls": {"secret": "s"}}, "grpc_tls is needed beside forward_tls"),
    "routers without the certificate that ingestors ask for": (
        {"grpc_tls": {"secret": "s"}, "forward_tls": {"secret": "s", "certificate": False}},
        "forward_tls.certificate: ingestors ask for a client certificate (grpc_tls.client_ca), and routers would show",
    ),
    "TLS of Cap'n Proto": (
        {"forward_tls": {"secret": "s"}, "replication_protocol": "capnproto"},
        "forward_tls: Cap'n Proto knows no TLS",
    ),
    "gRPC of routers": (
        {"service": {"type": "NodePort", "grpc_node_port": 30001}},
        "service.grpc_node_port: routers, which the Service leads to, serve no gRPC",
    ),
    "node port of a ClusterIP": (
        {"remote_write_node_port": 30001},
        "remote_write_node_port: a Service of type ClusterIP",
    ),
    "one node port for two rings": (
        {
            "mode": "combined",
            "hashrings": [exact("a", "x"), DEFAULT],
            "service": {"type": "NodePort"},
            "remote_write_node_port": 30001,
        },
        "remote_write_node_port: each hashring has a Service",
    ),
    "routers that there are not": (
        {"mode": "combined", "router": {"replicas": 3}},
        "router: there are no routers in mode combined",
    ),
}


@pytest.mark.parametrize(("options", "sentence"), BAD.values(), ids=BAD)
def test_mistake_is_named(options: dict[str, Any], sentence: str) -> None:
    assert f"instances.receive.{sentence}" in refusal({"receive": options})


def test_rings_that_would_have_ingestors_of_one_name_are_refused_with_both() -> None:
    """A member's address follows from this name, so no ring file has one twice."""
    both = {"receive": {"hashrings": [{"name": "a-default"}]}, "receive-a": {"tier": "receive"}}
    assert "instances.receive-a and instances.receive would both be named thanos-receive-a-default" in refusal(both)


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("team-*", "team-a*", True),
        ("*", "team-a", True),
        ("team-?", "team-a", True),
        ("team-?", "team-*", False),
        ("team-a*", "team-*", False),
        ("team-*", "*-a", False),
        ("team-[ab]", "team-a", True),
        ("team-[^a]", "team-a", False),
        ("team-[^a]", "team-b", True),
        ("team-[^a]*", "team-[a]*", False),
        ("team-[^a]*", "team-?x", False),
        ("team-[a-z0-9]*", "team-b*", True),
        ("a.b", "axb", False),
    ],
)
def test_pattern_that_takes_whatever_another_takes_is_found(earlier: str, later: str, expected: bool) -> None:
    assert covers(earlier, later) is expected
