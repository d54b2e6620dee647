# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hashrings make: the ring file, a workload for each, what they mount, and who reads and limits them."""

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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS

from .cases import FACTS, container, one, render
from .hashring_options import DEFAULT, exact, globs


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
