# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's groups add to its instances, below what its user set."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import arguments
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.roles import dns_label, server_name
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

HUB, EDGE, BOTH = ["thanos_hub"], ["thanos_edge"], ["thanos_edge", "thanos_hub"]
STORE = {"type": "S3", "bucket": "rules"}
SERVES = {"grpc_tls": {"secret": "thanos-grpc-server"}, "publish": {"type": "LoadBalancer"}}
READS = {"keep_endpoints": True, "client_tls": {"secret": "thanos-grpc-client"}}
EU = {
    "name": "eu",
    "address": "192.0.2.1:10901",
    "tls": {"ca": "eu.crt"},
    "server_name": "query.thanos.eu.thanos.internal",
    "strict": True,
}
SEEN = {"thanos_fleet": {"endpoints": {"eu": "192.0.2.1:10901"}}}


TIERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an edge": ({"group_names": EDGE}, ["sidecar", "store", "query", "compact"]),
    "a hub": ({"group_names": HUB}, ["query", "ruler"]),
    "a hub with an object store": (
        {"group_names": HUB, "thanos_objstore": STORE},
        ["store", "query", "compact", "ruler"],
    ),
    "a hub whose rulers use another object store": (
        {"group_names": HUB, "thanos_objstore": STORE, "thanos_ruler": {"objstore": "rules"}},
        ["query", "ruler"],
    ),
    "a hub whose rulers have a Secret that somebody else makes": (
        {"group_names": HUB, "thanos_objstore": STORE, "thanos_ruler": {"objstore_secret": {"name": "s"}}},
        ["query", "ruler"],
    ),
    "both": ({"group_names": BOTH}, ["sidecar", "store", "query", "compact", "ruler"]),
    "a hub that lists them": ({"group_names": HUB, "thanos_enabled": ["query"]}, ["query"]),
    "an edge that lists them": ({"group_names": EDGE, "thanos_enabled": "query, ruler"}, ["query", "ruler"]),
}


@pytest.mark.parametrize(("variables", "tiers"), TIERS.values(), ids=TIERS)
def test_tiers_follow_from_the_groups(variables: dict[str, Any], tiers: list[str]) -> None:
    assert list(arguments.instances(variables)) == tiers


QUERY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "alone": ({}, {}),
    "alone, whatever a run found out": (SEEN, {}),
    "an edge": ({"group_names": EDGE}, SERVES),
    "an edge by node port": (
        {"group_names": EDGE, "thanos_query": {"publish": {"type": "NodePort"}}},
        {**SERVES, "publish": {"type": "NodePort"}},
    ),
    "an edge with annotations": (
        {"group_names": EDGE, "thanos_query": {"publish": {"annotations": {"a": "b"}}}},
        {**SERVES, "publish": {"type": "LoadBalancer", "annotations": {"a": "b"}}},
    ),
    "an edge with an address": (
        {"group_names": EDGE, "thanos_query": {"publish": {"address": "eu:10901"}}},
        {**SERVES, "publish": {"address": "eu:10901"}},
    ),
    "an edge with a Secret of its own": (
        {"group_names": EDGE, "thanos_query": {"grpc_tls": {"secret": "mine", "min_version": "1.2"}}},
        {**SERVES, "grpc_tls": {"secret": "mine", "min_version": "1.2"}},
    ),
    "an edge of another stack": (
        {"group_names": EDGE, "thanos_stack": "t2"},
        {**SERVES, "grpc_tls": {"secret": "t2-grpc-server"}},
    ),
    "an edge in plain text": (
        {"group_names": EDGE, "thanos_fleet_tls": "false"},
        {"publish": {"type": "LoadBalancer", "insecure": True}},
    ),
    "an edge in plain text with an address": (
        {"group_names": EDGE, "thanos_fleet_tls": "false", "thanos_query": {"publish": {"address": "eu:10901"}}},
        {"publish": {"address": "eu:10901", "insecure": True}},
    ),
    "an edge whose querier goes": (
        {"group_names": EDGE, "thanos_query": {"state": "absent"}},
        {"state": "absent"},
    ),
    "a hub before its edges are there": ({"group_names": HUB}, READS),
    "a hub": ({"group_names": HUB, **SEEN}, {**READS, "endpoints": [EU]}),
    "a hub with an edge of another stack": (
        {
            "group_names": HUB,
            "thanos_fleet": {"endpoints": {"eu": {"address": "192.0.2.1:10901", "server_name": "other"}}},
        },
        {**READS, "endpoints": [{**EU, "server_name": "other"}]},
    ),
    "a hub with endpoints of its own": (
        {"group_names": HUB, **SEEN, "thanos_query": {"endpoints": "a:1, b:2"}},
        {**READS, "endpoints": ["a:1", "b:2", EU]},
    ),
    "a hub that says more of an edge": (
        {"group_names": HUB, **SEEN, "thanos_query": {"endpoints": [{"address": "192.0.2.1:10901", "strict": False}]}},
        {**READS, "endpoints": [{"address": "192.0.2.1:10901", "strict": False}]},
    ),
    "a hub in plain text": (
        {"group_names": HUB, **SEEN, "thanos_fleet_tls": False},
        {
            "keep_endpoints": True,
            "endpoints": [{"name": "eu", "address": "192.0.2.1:10901", "strict": True}],
        },
    ),
    "an old hub in plain text": (
        {"group_names": HUB, **SEEN, "thanos_fleet_tls": False, "thanos_query": {"version": "0.41.0"}},
        {
            "version": "0.41.0",
            "keep_endpoints": True,
            "endpoints": [{"name": "eu", "address": "192.0.2.1:10901", "strict": True}],
        },
    ),
    "an edge whose address is not known now": (
        {"group_names": HUB, "thanos_fleet": {"endpoints": {"eu": None}}},
        {**READS, "endpoints": [{key: value for key, value in EU.items() if key != "address"}]},
    ),
    "a hub that shall forget": (
        {"group_names": HUB, "thanos_fleet_forget": "us, asia"},
        {**READS, "forget_endpoints": ["us", "asia"]},
    ),
    "both": ({"group_names": BOTH, **SEEN}, {**SERVES, **READS, "endpoints": [EU]}),
    "both, and nobody reads it": ({"group_names": BOTH, "thanos_fleet": {"read_by": []}}, READS),
    "both, and a hub reads it": ({"group_names": BOTH, "thanos_fleet": {"read_by": ["world"]}}, {**SERVES, **READS}),
}


@pytest.mark.parametrize(("variables", "expected"), QUERY.values(), ids=QUERY)
def test_querier_gets_what_its_host_is_there_for(variables: dict[str, Any], expected: dict[str, Any]) -> None:
    assert arguments.instances(variables)["query"] == expected


@pytest.mark.parametrize("variables", [variables for variables, _expected in QUERY.values()], ids=QUERY)
def test_tiers_take_what_the_groups_say(variables: dict[str, Any]) -> None:
    """Nothing that follows from groups is a mistake to the module ``stack``."""
    told = arguments.instances({**variables, "thanos_objstore": STORE})
    instances = {name: options for name, options in told.items() if options.get("tier", name) == "query"}
    assert parse({"cluster": "eu", "name": variables.get("thanos_stack"), "instances": instances}).instances or (
        instances["query"]["state"] == "absent"
    )


def test_all_queriers_of_a_hub_read_and_the_first_one_of_an_edge_is_published() -> None:
    more = {"thanos_instances": {"query-b": {"tier": "query"}}}
    hub = arguments.instances({"group_names": HUB, **SEEN, **more})
    assert hub["query"] == {**READS, "endpoints": [EU]}
    assert hub["query-b"] == {"tier": "query", **READS, "endpoints": [EU]}
    edge = arguments.instances({"group_names": EDGE, **more})
    assert (edge["query"], edge["query-b"]) == (SERVES, {"tier": "query"})


def test_store_and_compactor_of_a_hub_work_on_the_bucket_of_its_rulers() -> None:
    variables = {
        "group_names": HUB,
        "thanos_objstores": {"rules": STORE},
        "thanos_ruler": {"objstore": "rules"},
        "thanos_store": {"replicas": 2},
    }
    found = arguments.instances(variables)
    assert found["store"] == {"objstore": "rules", "replicas": 2}
    assert found["compact"] == {"objstore": "rules"}
    listed = arguments.instances({**variables, "thanos_enabled": ["store", "ruler"], "thanos_objstore": STORE})
    assert listed["store"] == {"replicas": 2}


@pytest.mark.parametrize(
    ("fleet", "told"),
    [
        ("text", "thanos_fleet: this must be a mapping."),
        ({"endpoints": ["eu"]}, "thanos_fleet.endpoints: this must be a mapping of hosts."),
    ],
)
def test_what_a_run_found_out_has_a_form(fleet: Any, told: str) -> None:
    with pytest.raises(InvalidInput) as error:
        arguments.instances({"group_names": HUB, "thanos_fleet": fleet})
    assert error.value.problems == (told,)


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("eu", "eu"),
        ("EU.Example.org", "eu-example-org"),
        ("a__b", "a-b"),
        ("-a-", "a"),
        ("x" * 70, "x" * 63),
        ("_", ""),
    ],
)
def test_host_as_a_dns_label(host: str, label: str) -> None:
    assert dns_label(host) == label
    assert server_name("thanos", host) == f"query.thanos.{label}.thanos.internal"
