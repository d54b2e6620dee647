# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashrings of a receive: their order, their tenants, their size, and what each has of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.needs import Needs
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import argument_spec
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import HTTP
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts, ObjstoreFact
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.objstores import candidates, objstore_key
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.receive_rings import covers
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.unit.thanos.cases import refusal

from .cases import FACTS, container, one, render

DEFAULT = {"name": "default"}


def exact(name: str, *tenants: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "tenants": list(tenants), **more}


def globs(name: str, *tenants: str) -> dict[str, Any]:
    return exact(name, *tenants, tenant_matcher="glob")


TLS = {"remote_write_tls": {"secret": "s"}}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "ring smaller than what is written": (
        {"hashrings": [exact("a", "a", replicas=2), DEFAULT]},
        "hashrings[0].replicas: the ring a has 2 ingestors, and replication_factor 3 writes each sample to 3 (a write "
        "needs 2 of them)",
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


def ring_file(options: dict[str, Any]) -> list[dict[str, Any]]:
    made = render({"receive": options})
    return list(json.loads(one(made, "ConfigMap", "thanos-receive-hashrings")["data"]["hashrings.json"]))


def test_members_of_a_ring_are_its_pods_in_their_order() -> None:
    hosts = [f"thanos-receive-default-{i}.thanos-receive-default-headless.monitoring.svc:10901" for i in range(12)]
    (ring,) = ring_file({"replicas": 12})
    assert [each["address"] for each in ring["endpoints"]] == hosts


def test_rings_are_in_the_order_of_the_options() -> None:
    rings = ring_file({"hashrings": [exact("z", "z"), exact("a", "a"), globs("g", "team-*"), DEFAULT]})
    assert [ring["hashring"] for ring in rings] == ["z", "a", "g", "default"]
    assert [ring.get("tenant_matcher_type") for ring in rings] == ["exact", "exact", "glob", None]


def test_each_ring_has_its_own_workload_with_what_it_says_of_itself() -> None:
    acme = exact("acme", "acme", replicas=5, storage={"size": "100Gi"}, retention="2d", objstore="acme")
    made = render({"receive": {"hashrings": [acme, DEFAULT], "storage": {"storage_class": "fast"}}})
    own, other = (one(made, "StatefulSet", f"thanos-receive-{name}")["spec"] for name in ("acme", "default"))
    claim = own["volumeClaimTemplates"][0]["spec"]
    assert (own["replicas"], claim["resources"]["requests"]["storage"], claim["storageClassName"]) == (
        5,
        "100Gi",
        "fast",
    )
    args = [container({"spec": spec}, "thanos-receive")["args"] for spec in (own, other)]
    assert ["--tsdb.retention=2d" in each for each in args] == [True, False]
    volumes = [spec["template"]["spec"]["volumes"][0]["secret"]["secretName"] for spec in (own, other)]
    assert volumes == ["thanos-objstore-acme", "thanos-objstore-default"]


def test_object_store_of_a_ring_is_gathered_and_its_identity_is_that_of_its_pods_alone() -> None:
    stack = parse({"cluster": "eu", "instances": {"receive": {"hashrings": [{"name": "default", "objstore": "cold"}]}}})
    keys = {objstore_key(view) for view in stack.views() if view["objstore"]}
    assert keys == {("cold", "writer")}
    needs = Needs("cold", service_account_annotations={"role": "arn"}, pod_labels={"identity": "use"})
    facts = Facts(objstores={("cold", "writer"): ObjstoreFact(needs, "0", None)})
    made = render({"receive": {"hashrings": [{"name": "default", "objstore": "cold"}]}}, facts=facts)
    accounts = [one(made, "ServiceAccount", f"thanos-receive-{name}")["metadata"] for name in ("default", "router")]
    assert ["annotations" in account for account in accounts] == [True, False]
    router = one(made, "Deployment", "thanos-receive-router")["spec"]["template"]
    assert "identity" not in router["metadata"]["labels"]


def test_secret_of_a_rings_store_that_somebody_else_makes_is_mounted() -> None:
    stores = {"cold": {"writer": {"credentials_mode": "external", "secret": "theirs", "key": "a.yml"}}}
    options = {"receive": {"hashrings": [{"name": "default", "objstore": "cold"}]}}
    stack = parse({"cluster": "eu", "objstores": stores, "instances": options})
    (found,) = [candidates(view, stack) for view in stack.views() if view["objstore"]]
    assert [(needs.secret, needs.key) for needs in found] == [("theirs", "a.yml")]


def test_queriers_read_ingestors_and_no_router() -> None:
    made = render({"receive": {"hashrings": [exact("a", "a"), DEFAULT]}, "query": {}})
    endpoints = one(made, "ConfigMap", "thanos-query")["data"]["endpoints.yaml"]
    assert [n for n in ("receive-a-", "receive-default-", "receive-router") if n in endpoints] == [
        "receive-a-",
        "receive-default-",
    ]


def test_rings_of_a_receive_that_is_no_part_of_the_run_are_all_read() -> None:
    facts = Facts(store_apis={f"thanos-receive-{name}-headless": "receive" for name in ("a", "b")})
    endpoints = one(render({"query": {}}, facts=facts), "ConfigMap", "thanos-query")["data"]["endpoints.yaml"]
    assert all(f"thanos-receive-{name}-headless" in endpoints for name in ("a", "b"))


def test_only_routers_take_remote_writes_and_only_they_have_limits() -> None:
    made = render({"receive": {"limits": {"default": {"series_limit": 9}}}})
    pods = {kind: one(made, kind, f"thanos-receive-{name}") for kind, name in KINDS.items()}
    args = {kind: container(pod, "thanos-receive")["args"] for kind, pod in pods.items()}
    assert "--remote-write.address=:19291" in args["Deployment"]
    assert "--remote-write.address=127.0.0.1:19291" in args["StatefulSet"]
    assert [kind for kind in args if any("limits-config" in each for each in args[kind])] == ["Deployment"]


KINDS = {"Deployment": "router", "StatefulSet": "default"}


def test_active_series_are_asked_of_the_stacks_own_querier_and_copies_are_not_counted() -> None:
    made = render({"receive": {"limits": {"default": {"head_series_limit": 9}}, "replication_factor": 2}, "query": {}})
    text = one(made, "ConfigMap", "thanos-receive-limits")["data"]["limits.yaml"]
    asked = json.loads(text)["write"]["global"]
    assert asked["meta_monitoring_url"] == HTTP.url("thanos-query.monitoring.svc")
    assert asked["meta_monitoring_limit_query"].endswith(" / 2")


@pytest.mark.parametrize(
    ("limits", "others", "binds"),
    [
        ({"default": {"head_series_limit": 9}}, {}, False),
        ({"tenants": {"a": {"head_series_limit": 9}}}, {}, False),
        ({"default": {"head_series_limit": 9}}, {"query": {}}, True),
        ({"default": {"head_series_limit": 9}, "meta_monitoring_url": "http://q:10902"}, {}, True),
        ({"default": {"series_limit": 9}}, {}, True),
    ],
)
def test_limit_for_which_there_is_no_querier_to_ask_is_a_warning(
    limits: dict[str, Any], others: dict[str, Any], binds: bool
) -> None:
    stack = parse({"cluster": "eu", "instances": {"receive": {"limits": limits}, **others}})
    problems, warnings = check(stack, FACTS)
    assert problems == []
    assert ["binds nobody" in warning for warning in warnings] == [True] * (not binds)


def test_limits_of_a_tenant_are_under_its_name() -> None:
    limits = {"tenants": {"acme": {"series_limit": 5, "size_bytes_limit": 2048}}}
    text = one(render({"receive": {"limits": limits}}), "ConfigMap", "thanos-receive-limits")["data"]["limits.yaml"]
    assert json.loads(text) == {
        "write": {"tenants": {"acme": {"request": {"size_bytes_limit": 2048, "series_limit": 5}}}}
    }


def test_combined_ingestors_name_themselves_as_the_ring_file_does() -> None:
    made = render({"receive": {"mode": "combined"}})
    args = container(one(made, "StatefulSet", "thanos-receive-default"), "thanos-receive")["args"]
    (local,) = [each.partition("=")[2] for each in args if each.startswith("--receive.local-endpoint=")]
    members = [each["address"] for each in ring_file({"mode": "combined"})[0]["endpoints"]]
    assert local.replace("$(POD_NAME)", "thanos-receive-default-0") == members[0]


def test_duties_are_those_of_the_workload() -> None:
    stack = parse({"cluster": "eu", "instances": {"receive": {}}})
    router, ring = stack.workloads(stack.instances[0])
    assert router.duties == {Duty.ROUTE}
    assert ring.duties == {Duty.INGEST, Duty.STORE_API, Duty.UPLOAD}


def test_promoted_attributes_have_a_flag_each() -> None:
    made = render({"receive": {"otlp_promote_resource_attributes": ["a", "b"]}}, facts=FACTS)
    args = container(one(made, "Deployment", "thanos-receive-router"), "thanos-receive")["args"]
    assert [each.partition("=")[2] for each in args if "promote" in each] == ["a", "b"]


def test_module_takes_limits_of_tenants_by_their_names() -> None:
    """Ansible would look for a tenant's name among names of options."""
    limits = {"tenants": {"acme": {"series_limit": 5}}}
    read = ArgumentSpecValidator(argument_spec(TIERS["receive"].options)).validate({"limits": limits})
    assert read.error_messages == []
    assert read.validated_parameters["limits"]["tenants"] == limits["tenants"]
