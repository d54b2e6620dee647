# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of gRPC, endpoints of other clusters and published queriers: what is refused, and with which sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.grpc_tls import (
    holds_certificate,
    missing_certificates,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts, Node, TlsFact
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.tls_files import tls_digests
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.publish import address_of, ready_nodes
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.authorities import Authority

from .cases import CERTIFICATES, FACTS, one, render

GOOD = Authority("edge").certificate
CLIENT = {"client_tls": {"secret": "client"}}
SERVER = {"grpc_tls": {"secret": "server"}}


def edge(**more: Any) -> dict[str, Any]:
    """Options of a querier that reads one edge."""
    return {**CLIENT, "endpoints": [{"address": "eu.example:10901", **more}]}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"grpc_tls": {}}, "query.grpc_tls.secret is required."),
    ({"grpc_tls": {"secret": "a", "min_version": "1.4"}}, "grpc_tls.min_version: '1.4' is not one of 1.0, 1.1, 1.2, 1"),
    ({"client_tls": {"secret": "A"}}, "client_tls.secret: 'A' is not a DNS name"),
    (
        {"endpoints": [{"address": "dns+eu.example:10901", "strict": True}]},
        "endpoints[0].strict: dns+eu.example:10901 is looked up by DNS, and Thanos does not start with a strict",
    ),
    (
        {"endpoints": ["a:1", {"address": "dnssrv+_grpc._tcp.eu.example", "tls": False}]},
        "endpoints[1].tls: dnssrv+_grpc._tcp.eu.example is looked up by DNS, and to such endpoints Thanos speaks as "
        "local_tls says, whatever stands here; give a static address, host:port, or set group.",
    ),
    (
        {"endpoints": [{"address": "dns+eu.example:10901", "tls": True, "group": True}]},
        "endpoints[0].server_name: without it the certificate would have to be for the name 'dns+eu.example:10901'; gi",
    ),
    (edge(server_name="eu.example"), "endpoints[0].server_name: is the name in a certificate, and the endpoint has no"),
    (
        {"endpoints": [{"address": "eu.example:10901", "tls": {"ca": "eu.crt"}}]},
        "endpoints[0].tls.ca: there is no Secret with it; name the Secret with certificates in client_tls.",
    ),
    (edge(tls={"ca": "eu/crt"}), "endpoints[0].tls.ca: 'eu/crt' is not a key of a Secret"),
    (edge(tls="perhaps"), "endpoints[0].tls: 'perhaps' is not true or false."),
    (
        edge(tls={"enabled": False, "ca": "x"}),
        "endpoints[0].tls.ca: the endpoint has no TLS; leave it out, or enabled.",
    ),
    (
        edge(service_config={"a": 1}),
        "endpoints[0].service_config: Thanos does not start with it for an endpoint that is",
    ),
    (edge(stricter=True), "endpoints[0].stricter: there is no such option. Did you mean 'strict'?"),
    (
        {"endpoints": [{"tls": True}]},
        "endpoints[0].address is required; give it, or the name of an endpoint that this querier knows already.",
    ),
    ({"endpoints": ["https://eu.example"]}, "endpoints[0]: 'https://eu.example' is not an address of a StoreAPI"),
    (
        {"endpoints": ["eu.example:10901", {"address": "eu.example:10901", "strict": True}]},
        "endpoints[1]: eu.example:10901 is given twice, with different settings, of which Thanos takes one; leave one",
    ),
    (
        {**edge(tls={"ca": "eu.crt"}), "version": "0.41.0"},
        "endpoints[0].tls: Thanos 0.41.0 does not read it; it came with 0.42.",
    ),
    (
        {"version": "0.39.2", "endpoints": [{"address": "a:1", "group": True, "service_config": {"a": 1}}]},
        "endpoints[0].service_config: Thanos 0.39.2 does not read it; it came with 0.40.",
    ),
    (
        {"local_tls": {"server_name": "a"}, "version": "0.41.0"},
        "local_tls: Thanos 0.41.0 does not read it; it came with",
    ),
    ({"local_tls": {"server_name": "a", "ca": "ca.crt"}}, "local_tls.ca: there is no Secret with it; name the Secret"),
    ({**CLIENT, "local_tls": {"ca": "ca.crt"}}, "local_tls.server_name is required."),
    (
        {"local_tls": {"server_name": "a"}, "extra_args": ["--grpc-client-tls-secure"]},
        "local_tls: --grpc-client-tls-secure in extra_args has no effect beside it; leave one of them out.",
    ),
    (
        {"publish": {}},
        "query.publish: everybody who reaches the address would read every metric, for nothing asks who they are; set "
        "grpc_tls, or insecure: true where",
    ),
    (
        {**SERVER, "publish": {"address": "a:1", "type": "NodePort"}},
        "publish.type: with an address of yours there is no Service; leave it out, or leave out address.",
    ),
    (
        {**SERVER, "publish": {"address": "https://a:1"}},
        "publish.address: 'https://a:1' is not a host and a port such a",
    ),
    ({**SERVER, "publish": {"type": "ClusterIP"}}, "publish.type: 'ClusterIP' is not one of LoadBalancer, NodePort."),
    (
        {
            **SERVER,
            "publish": {"type": "NodePort", "node_port": 30001},
            "service": {"type": "NodePort", "http_node_port": 30001},
        },
        "publish.node_port: 30001 is that of instances.query.service.http_node_port, too; choose another one.",
    ),
    ({"mode": "spread"}, "query.mode: 'spread' is not one of local, distributed."),
    (
        {"partition_labels": ["cluster"]},
        "partition_labels: is looked at in distributed mode only; set mode: distributed",
    ),
    (
        {"mode": "distributed", "partition_labels": ["prometheus_replica"]},
        "partition_labels: prometheus_replica is one of replica_labels, too: it cannot tell copies apart and parts of",
    ),
    (
        {**SERVER, "extra_args": ["--grpc-server-tls-cert=/x"]},
        "--grpc-server-tls-cert: the option grpc_tls.secret sets it already; use grpc_tls.secret.",
    ),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_options_that_thanos_would_refuse_or_overlook(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse({"cluster": "hub", "instances": {"query": options}})
    assert sentence in str(error.value)


def sentences(instances: dict[str, Any], facts: Facts = FACTS) -> list[str]:
    """What the checks before a run say, warnings last."""
    problems, warnings = check(parse({"cluster": "eu", "instances": instances}), facts)
    return [*map(str, problems), *warnings]


LOCAL = {**CLIENT, "local_tls": {"server_name": "a", "ca": "ca.crt"}}


@pytest.mark.parametrize(
    ("instances", "facts", "sentence"),
    [
        (
            {"store": SERVER, "query": {}},
            {},
            "instances.query.local_tls is needed, since the StoreAPI of store speaks TLS; give server_name and ca of "
            "their certificates, and the Secret with the CA in client_tls.",
        ),
        (
            {"store": SERVER, "sidecar": {}, "query": LOCAL},
            {},
            "instances.query.local_tls: the StoreAPI of sidecar speaks no TLS, and a querier reads all of its own "
            "stack alike; give each of them grpc_tls, or none.",
        ),
        (
            {"store": SERVER, "query": {"local_tls": {"server_name": "a"}}},
            {},
            "instances.query.local_tls: the StoreAPI of store asks for a client certificate, and the querier shows",
        ),
        (
            {"store": SERVER, "query": {**LOCAL, "client_tls": {"secret": "s", "certificate": False}}},
            {},
            "instances.query.local_tls: the StoreAPI of store asks for a client certificate, and the querier shows",
        ),
        (
            {"query": {}},
            {"store_apis": {"thanos-store-headless": "store"}, "secured": frozenset({"store"})},
            "instances.query.local_tls is needed, since the StoreAPI of store speaks TLS",
        ),
        (
            {"query": {**SERVER, "publish": {"type": "NodePort"}}},
            {"nodes": None},
            "instances.query.publish.address is needed, since the nodes may not be read and so no address of one can "
            "be told; give host:port, or the right to list nodes (docs/rights.md).",
        ),
        (
            {"query": {**SERVER, "publish": {"type": "NodePort"}}},
            {"nodes": ()},
            "instances.query.publish.address is needed, since no node is ready that has an address; look at kubectl",
        ),
        (
            {"query": {"mode": "distributed"}, "store": {}},
            {},
            "query is in distributed mode: a query silently leaves out every edge whose data is younger than the query",
        ),
        (
            {"query": {"mode": "distributed"}, "store": {}},
            {},
            "query is in distributed mode, which asks other queriers only: it does not read store of its own stack",
        ),
        (
            {"query": {"endpoints": ["dnssrv+_grpc._tcp.thanos-query-headless.monitoring.svc"]}},
            {},
            "instances.query.endpoints[0]: dnssrv+_grpc._tcp.thanos-query-headless.monitoring.svc is this querier",
        ),
    ],
)
def test_is_told_before_the_run(instances: dict[str, Any], facts: dict[str, Any], sentence: str) -> None:
    assert any(text.startswith(sentence) for text in sentences(instances, replace(FACTS, **facts)))


@pytest.mark.parametrize(
    "instances",
    [
        {"store": SERVER, "query": LOCAL},
        {"store": {"grpc_tls": {"secret": "server", "client_ca": False}}, "query": {"local_tls": {"server_name": "a"}}},
        {
            "store": {"secrets": ["s"], "extra_args": ["--grpc-server-tls-cert=/etc/thanos/secrets/s/x"]},
            "query": {"extra_args": ["--grpc-client-tls-secure"]},
        },
        {"query": {**SERVER, "publish": {"type": "NodePort", "address": None}}},
        {"query": {**SERVER, "publish": {"address": "eu.example:443"}}},
        {"query": edge(tls={"ca": "eu.crt"}), "store": {}},
        {"query": {"endpoints": ["thanos-query.other.svc:10901", "thanos-query-eu.monitoring.svc:10901"]}},
    ],
)
def test_is_not_refused(instances: dict[str, Any]) -> None:
    assert sentences(instances, CERTIFICATES) == []


def test_missing_secrets_and_keys_are_named() -> None:
    hub = {**edge(tls={"ca": "eu.crt"}), **SERVER}
    stack = parse({"cluster": "hub", "instances": {"query": hub, "store": SERVER}})
    facts = Facts(files={"Secret/client": ("tls.crt", "us.crt"), "Secret/server": None})
    assert list(map(str, missing_certificates(stack, facts))) == [
        "instances.query.grpc_tls.secret: the Secret monitoring/server does not exist; the playbook deploy makes the "
        "fleet's own; make it, or name the one that somebody else makes.",
        "instances.query.client_tls.secret: the Secret monitoring/client has no key tls.key; it has: tls.crt, us.crt.",
        "instances.query.endpoints[0].tls.ca: the Secret monitoring/client has no key eu.crt; it has: tls.crt, us.crt.",
        "instances.store.grpc_tls.secret: the Secret monitoring/server does not exist; the playbook deploy makes the "
        "fleet's own; make it, or name the one that somebody else makes.",
    ]


def test_authority_without_a_certificate_is_refused() -> None:
    hub = {**edge(tls={"ca": "eu.crt"}), **SERVER}
    empty = {"server": TlsFact({}, empty=("ca.crt",)), "client": TlsFact({}, empty=("eu.crt", "unused.crt"))}
    assert sentences({"query": hub}, replace(FACTS, certificates=empty)) == [
        "instances.query.grpc_tls.secret: ca.crt in the Secret monitoring/server holds no certificate of "
        "a CA; put the CA certificates there, as PEM, or set client_ca: false.",
        "instances.query.endpoints[0].tls.ca: eu.crt in the Secret monitoring/client holds no certificate "
        "of a CA; put the CA certificates there, as PEM.",
    ]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (GOOD, True),
        (f"# of eu, för Zürich\n{GOOD}{GOOD}", True),
        ("", False),
        ("nonsense", False),
        (GOOD.replace("BEGIN", "BEGIN TRUSTED"), False),
        (GOOD[:100] + GOOD[140:], False),
    ],
)
def test_certificate_is_told_from_other_text(text: str, holds: bool) -> None:
    assert holds_certificate(text) is holds


def test_digests_are_known_when_the_secrets_are_there() -> None:
    stack = parse({"cluster": "hub", "instances": {"query": {**LOCAL, **SERVER}}})
    (query,) = stack.instances
    later = "known after the Secret is made"
    assert tls_digests(query, Context(stack, Facts())) == {
        "grpc-ca-digest": later,
        "generation": later,
        "local-ca-digest": later,
    }


def test_a_further_edge_changes_no_pod_template() -> None:
    def template(*edges: str) -> Any:
        endpoints = [{"address": f"{name}.example:10901", "tls": {"ca": f"{name}.crt"}} for name in edges]
        options = {"client_tls": {"secret": "thanos-grpc-client"}, "endpoints": endpoints}
        return one(render({"query": options}, facts=CERTIFICATES), "Deployment", "thanos-query")["spec"]

    assert template("eu", "us") == template("eu")


NODES = (
    Node("young", "10.0.0.3", "2026-03-01"),
    Node("old", "10.0.0.1", "2026-01-01"),
    Node("mid", "10.0.0.2", "2026-02"),
)
PUBLISHED = {"query": {**SERVER, "publish": {"type": "NodePort"}}}


@pytest.mark.parametrize(
    ("before", "nodes", "host"),
    [
        ("", NODES, "10.0.0.1"),
        ("10.0.0.3", NODES, "10.0.0.3"),
        ("10.0.0.9", NODES, "10.0.0.1"),
        ("", (replace(NODES[1], schedulable=False), NODES[2]), "10.0.0.2"),
        ("10.0.0.1", (replace(NODES[1], schedulable=False), NODES[2]), "10.0.0.1"),
        ("", (Node("six", "2001:db8::7", "2026-01-01"),), "2001:db8::7"),
    ],
)
def test_node_whose_address_was_told_is_kept_while_it_stays(before: str, nodes: tuple[Node, ...], host: str) -> None:
    facts = replace(FACTS, nodes=nodes, published={"query": before})
    service = one(render(PUBLISHED, facts=facts), "Service", "thanos-query-published")
    assert service["metadata"]["annotations"]["o11y.thanos/published-host"] == host


def node(name: str, ready: str, *addresses: tuple[str, str]) -> dict[str, Any]:
    """A node as the API server has it."""
    told = [{"type": kind, "address": address} for kind, address in addresses]
    return {
        "metadata": {"name": name},
        "status": {"addresses": told, "conditions": [{"type": "Ready", "status": ready}]},
    }


def test_nodes_that_can_be_told_others() -> None:
    items = [
        node("out", "True", ("InternalIP", "10.0.0.1"), ("Hostname", "out"), ("ExternalIP", "203.0.113.7")),
        node("in", "True", ("Hostname", "in"), ("InternalIP", "10.0.0.2")),
        node("off", "False", ("InternalIP", "10.0.0.3")),
        node("mute", "True", ("Hostname", "mute")),
    ]
    assert [(each.name, each.address) for each in ready_nodes(items)] == [("out", "203.0.113.7"), ("in", "10.0.0.2")]


def service(kind: str, port: dict[str, Any], ingress: Any = None, host: str = "") -> dict[str, Any]:
    """A live Service."""
    return {
        "metadata": {"annotations": {"o11y.thanos/published-host": host}} if host else {},
        "spec": {"type": kind, "ports": [{"name": "grpc", **port}]},
        "status": {"loadBalancer": {"ingress": ingress} if ingress else {}},
    }


@pytest.mark.parametrize(
    ("live", "address"),
    [
        (service("LoadBalancer", {"port": 443}), ""),
        (service("LoadBalancer", {"port": 443}, [{"ip": "203.0.113.7"}]), "203.0.113.7:443"),
        (service("LoadBalancer", {"port": 1}, [{"ip": "2001:db8::7"}, {"ip": "203.0.113.7"}]), "203.0.113.7:1"),
        (service("LoadBalancer", {"port": 1}, [{"ip": "2001:db8::7"}]), "[2001:db8::7]:1"),
        (service("LoadBalancer", {"port": 1}, [{"hostname": "lb.example"}]), "lb.example:1"),
        (service("NodePort", {"port": 1, "nodePort": 30001}, host="2001:db8::7"), "[2001:db8::7]:30001"),
        (service("NodePort", {"port": 1, "nodePort": 30001}), ""),
        (service("NodePort", {"port": 1}, host="10.0.0.1"), ""),
    ],
)
def test_address_of_a_published_service(live: dict[str, Any], address: str) -> None:
    assert address_of(live) == address
