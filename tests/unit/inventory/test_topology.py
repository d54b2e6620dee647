# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all hosts' variables make of a fleet, and which fleets are refused."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.links import derive
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.members import unknown
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.roles import role_of
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import told, topology

from . import fleets

S3 = {"type": "S3", "endpoint": "s3.example.org"}
BESIDE = {"custom_resource": "k8s"}
HUB, EDGE, BOTH = ["thanos_hub"], ["thanos_edge"], ["thanos_edge", "thanos_hub"]


def host(groups: list[str], **more: Any) -> dict[str, Any]:
    """The variables of a host: names without their prefix; each host has a context and a bucket of its own."""
    return {"groups": groups, **{f"thanos_{name}": value for name, value in more.items()}}


def fleet(**hosts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The variables of hosts that have nothing in common."""
    return {name: fleets.host(name, **variables) for name, variables in hosts.items()}


SCENARIO = fleet(hub=host(HUB), eu=host(EDGE), us=host(EDGE, cluster="america"))


def test_a_hub_and_two_edges() -> None:
    found = topology(SCENARIO)
    assert found["refusals"] == found["findings"] == found["warnings"] == []
    assert found["hosts"]["hub"] == {
        "role": "hub",
        "level": 1,
        "known": True,
        "partial": False,
        "cluster": "hub",
        "stack": "thanos",
        "namespace": "monitoring",
        "version": "0.42.4",
        "tiers": ["store", "query", "compact", "ruler"],
        "instances": {name: name for name in ("store", "query", "compact", "ruler")},
        "querier": "query",
        "reads": ["eu", "us"],
        "read_by": [],
        "server_name": "",
        "tls": True,
        "labels": {"ruler": {"cluster": "hub", "ruler": "thanos-ruler"}},
        "fleet": {
            "endpoints": {
                name: {"address": "", "server_name": f"query.thanos.{name}.thanos.internal"} for name in ("eu", "us")
            },
            "read_by": [],
        },
    }
    us = found["hosts"]["us"]
    assert (us["role"], us["level"], us["read_by"], us["cluster"]) == ("edge", 0, ["hub"], "america")
    assert us["tiers"] == ["sidecar", "store", "query", "compact"]
    assert us["labels"] == {"sidecar": {"cluster": "america"}}
    assert found["links"] == [
        {
            "hub": "hub",
            "edge": edge,
            "address": None,
            "server_name": f"query.thanos.{edge}.thanos.internal",
            "tls": True,
        }
        for edge in ("eu", "us")
    ]


def test_result_is_plain_data() -> None:
    found = topology(SCENARIO)
    assert json.loads(json.dumps(found)) == found


def test_address_is_the_one_that_is_given_or_that_the_stack_told() -> None:
    hosts = fleet(
        hub=host(HUB),
        eu=host(EDGE, query={"publish": {"address": "eu.example.org:10901"}}),
        us={**host(EDGE, stack="t2"), "stack_result": {"published": {"query": "192.0.2.1:10901"}}},
        asia=host(EDGE),
    )
    found = topology(hosts)
    addresses = {link["edge"]: link["address"] for link in found["links"]}
    assert addresses == {"eu": "eu.example.org:10901", "us": "192.0.2.1:10901", "asia": None}
    assert found["hosts"]["hub"]["fleet"]["endpoints"] == {
        "eu": {"address": "eu.example.org:10901", "server_name": "query.thanos.eu.thanos.internal"},
        "us": {"address": "192.0.2.1:10901", "server_name": "query.t2.us.thanos.internal"},
        "asia": {"address": "", "server_name": "query.thanos.asia.thanos.internal"},
    }


def test_hub_reads_what_it_names_hosts_and_groups() -> None:
    hosts = fleet(
        world=host(HUB, reads="europe, asia"),
        europe=host(BOTH, reads=["europeans"]),
        asia=host(EDGE),
        eu1=host([*EDGE, "europeans"]),
        eu2=host([*EDGE, "europeans"]),
    )
    found = topology(hosts)
    assert found["refusals"] == []
    assert {name: (told["reads"], told["level"]) for name, told in found["hosts"].items()} == {
        "asia": ([], 0),
        "eu1": ([], 0),
        "eu2": ([], 0),
        "europe": (["eu1", "eu2"], 1),
        "world": (["asia", "europe"], 2),
    }


def test_labels_of_a_host_are_those_that_its_variables_tell() -> None:
    hashrings = [
        {"name": name, "tenants": name, "external_labels": {"receive_part": name, "receive_site": "eu"}}
        for name in ("a", "b")
    ]
    found = topology(
        fleet(
            eu=host(
                [], enabled=["receive", "sidecar"], receive={"hashrings": hashrings}, sidecar={"prometheus": BESIDE}
            )
        )
    )
    own = {"receive_cluster": "eu", "receive_instance": "thanos-receive", "receive_site": "eu"}
    assert found["hosts"]["eu"]["labels"] == {"receive": own}


def test_two_hubs_read_one_edge() -> None:
    found = topology(fleet(a=host(HUB), b=host(HUB), eu=host(EDGE)))
    assert found["refusals"] == []
    assert found["hosts"]["eu"]["read_by"] == ["a", "b"]


def test_hosts_in_no_group_stand_alone() -> None:
    found = topology(fleet(a=host([]), b=host(["production"])))
    assert found["refusals"] == found["links"] == []
    assert {told["role"] for told in found["hosts"].values()} == {"alone"}


OLD = {"version": "0.41.0"}
# What is changed in a fleet of one hub and two edges → what is refused, by the id and the beginning of the sentence.
REFUSED: dict[str, tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]] = {
    "equal labels that one querier sees": (
        {"us": host(EDGE, cluster="eu")},
        [
            (
                "labels-equal",
                "sidecar of eu and sidecar of us have the same labels {cluster: eu}, and the queriers of hub",
            )
        ],
    ),
    "equal labels in one bucket, once though a hub reads both": (
        {"us": host(["thanos_edge"], cluster="eu", objstore={**S3, "bucket": "eu"}, compact={"paused": True})},
        [("labels-equal", "sidecar of eu and sidecar of us would both write blocks with the labels {cluster: eu}")],
    ),
    "a replica label that the hub does not list": (
        {"us": host(EDGE, common={"replica_labels": ["pod"]}, sidecar={"replica_label": "pod"})},
        [
            (
                "labels-equal",
                "sidecar of us has the replica label pod, which is not among replica_labels of query of hub",
            )
        ],
    ),
    "a replica label of a Prometheus of somebody else's that the hub does not list": (
        {
            "us": host(
                EDGE,
                common={"replica_labels": ["pod"]},
                sidecar={"replica_label": "pod", "prometheus": BESIDE},
            )
        },
        [
            (
                "labels-equal",
                "sidecar of us has the replica label pod, which is not among replica_labels of query of hub, so hub "
                "would show every series once per replica. Add pod to replica_labels in thanos_common of hub. Or set "
                "replica_label of sidecar of us, if the replicas differ in another label there.",
            )
        ],
    ),
    "a replica label of a receive, which is one writer however many buckets it has": (
        {
            "us": host(
                EDGE,
                enabled=["query", "receive"],
                common={"replica_labels": ["receive_pod"]},
                objstores={"a": {**S3, "bucket": "a"}, "b": {**S3, "bucket": "b"}},
                receive={
                    "replica_label": "receive_pod",
                    "hashrings": [{"name": "a", "objstore": "a", "tenants": ["a"]}, {"name": "b", "objstore": "b"}],
                },
            )
        },
        [("labels-equal", "receive of us has the replica label receive_pod, which is not among replica_labels of")],
    ),
    "two compactors": (
        {"us": host(EDGE, objstore={**S3, "bucket": "eu"})},
        [("compactor-second", "eu and us would both compact S3 bucket eu at s3.example.org")],
    ),
    "one cluster twice": (
        {"us": host(EDGE, context="eu")},
        [("host-twice", "eu and us reach the same cluster")],
    ),
    "other users of one bucket": (
        {
            name: host(
                EDGE,
                compact={"paused": True},
                objstore={**S3, "bucket": "shared", "access": {"reader": {"grant_to": [name]}}},
            )
            for name in ("eu", "us")
        },
        [("grants-apart", "The object stores default of eu and default of us are S3 bucket shared")],
    ),
    "an edge that no hub reads": (
        {"hub": host(HUB, reads=["eu"])},
        [("fleet-unread", "us is in the group thanos_edge, and no hub reads it. Name it in thanos_reads of hub")],
    ),
    "edges without a hub": (
        {"hub": host([])},
        [
            ("fleet-unread", f"{edge} is in the group thanos_edge, and no hub reads it. Put a host into thanos_hub")
            for edge in ("eu", "us")
        ],
    ),
    "a hub that reads nothing": (
        {name: host([]) for name in ("eu", "us")},
        [("fleet-unread", "hub is in the group thanos_hub, and reads no edge")],
    ),
    "a name that leads nowhere": (
        {"hub": host(HUB, reads=["eu", "uss"]), "us": host([])},
        [("fleet-reads", "hub: thanos_reads: 'uss' is no host or group of this inventory")],
    ),
    "a host that is no edge": (
        {"hub": host(HUB, reads=["eu", "us"]), "us": host([])},
        [("fleet-reads", "hub: thanos_reads: 'us' is not in the group thanos_edge")],
    ),
    "a group without an edge": (
        {"hub": host(HUB, reads=["eu", "g"]), "us": host(["g"])},
        [("fleet-reads", "hub: thanos_reads: 'g' is a group without a host of the group thanos_edge")],
    ),
    "itself": (
        {"hub": host(HUB, reads=["thanos_edge", "hub"])},
        [("fleet-reads", "hub: thanos_reads: 'hub' is this host itself")],
    ),
    "no list": (
        {"hub": host(HUB, reads={"eu": True})},
        [("variable-form", "hub: thanos_reads: this must be a list of hosts and groups.")],
    ),
    "an edge without a querier": (
        {"us": host(EDGE, enabled=["sidecar"])},
        [("fleet-address", "us is read by hub, and its address cannot be known, since it has no querier")],
    ),
    "an edge that is not published": (
        {"us": host(EDGE, query={"publish": None})},
        [("fleet-address", "us is read by hub, and its address cannot be known, since its querier is not published")],
    ),
    "a hub without a querier": (
        {"hub": host(HUB, enabled=["ruler"])},
        [("fleet-address", "hub is a hub that reads eu and 1 more, and has no querier")],
    ),
    "versions two minor releases apart": (
        {"us": host(EDGE, version="0.40.1")},
        [("fleet-versions", "hub (Thanos 0.42.4) reads us (Thanos 0.40.1): more than one minor release lies between")],
    ),
    "a hub that is too old for TLS": (
        {"hub": host(HUB, query={"version": "v0.41.0"})},
        [("version-too-old", "query of hub is Thanos 0.41.0 and shall read eu and 1 more over TLS")],
    ),
    "TLS on one end": (
        {"us": host(EDGE, fleet_tls="no")},
        [("fleet-tls", "hub reads us, and thanos_fleet_tls is false on us and not on hub")],
    ),
    "hubs in a circle": (
        {"us": host(BOTH, reads=["hub"]), "hub": host(BOTH)},
        [("fleet-cycle", "hub and us read each other in a circle (hub → us → hub)")],
    ),
    "three levels of hubs": (
        {
            "hub": host(HUB, reads=["us"]),
            "us": host(BOTH, reads=["asia"]),
            "asia": host(BOTH, reads=["eu"]),
        },
        [("fleet-depth", "hub reads through more than 2 levels of hubs (hub → us → asia → eu)")],
    ),
    "names that are one in certificates": (
        {"us.1": host(EDGE), "us-1": host(EDGE)},
        [("fleet-names", "us-1 and us.1, which hub reads, would be 'us-1' in the names of certificates")],
    ),
    "a name without a letter": (
        {"_": host(EDGE)},
        [("fleet-names", "_, which hub reads, has no letter or digit for the name of a certificate")],
    ),
}
FINE: dict[str, dict[str, dict[str, Any]]] = {
    "one minor release apart": {"us": host(EDGE, version="0.41.0")},
    "an old hub without TLS": {
        "hub": host(HUB, version="0.41.0", fleet_tls=False),
        **{name: host(EDGE, fleet_tls="false") for name in ("eu", "us")},
    },
    "a replica label that the hub lists": {
        "hub": host(HUB, common={"replica_labels": ["pod", "rule_replica", "prometheus_replica"]}),
        "us": host(EDGE, common={"replica_labels": ["pod"]}, sidecar={"replica_label": "pod"}),
    },
    "a querier under another name": {
        "us": host(EDGE, enabled=["sidecar"], instances={"q": {"tier": "query", "publish": {"type": "NodePort"}}})
    },
    "a hub that collects": {"hub": host(BOTH)},
    "two Prometheis of somebody else's, whose labels their owners know": {
        name: host(EDGE, cluster="prod", sidecar={"prometheus": BESIDE}) for name in ("eu", "us")
    },
    "equal labels that nobody sees together": {
        "hub": host(HUB, reads=["eu"]),
        "hub2": host(HUB, reads=["us"]),
        "us": host(EDGE, cluster="eu"),
    },
    "a version that is told elsewhere": {"us": host(EDGE, version="newest")},
    "a mistake that is told elsewhere": {"us": host(EDGE, stroe={}, cluster="eu")},
}


def changed(change: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The topology of the scenario with some of its hosts changed."""
    return topology(fleet(**{"hub": host(HUB), "eu": host(EDGE), "us": host(EDGE), **change}))


@pytest.mark.parametrize(("change", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(change: dict[str, dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    found = changed(change)
    assert [finding["id"] for finding in found["findings"]] == [id for id, _sentence in expected]
    for sentence, (_id, beginning) in zip(found["refusals"], expected, strict=True):
        assert sentence.startswith(beginning)


@pytest.mark.parametrize("change", FINE.values(), ids=FINE)
def test_not_refused(change: dict[str, dict[str, Any]]) -> None:
    assert changed(change)["refusals"] == []


def test_every_mistake_is_told_at_once() -> None:
    mistakes = ["equal labels that one querier sees", "a hub that is too old for TLS", "an edge that is not published"]
    changes: dict[str, Any] = {}
    for name in mistakes:
        for where, variables in REFUSED[name][0].items():
            changes[where] = {**changes.get(where, {}), **variables}
    expected = {id for name in mistakes for id, _sentence in REFUSED[name][1]}
    assert {finding["id"] for finding in changed(changes)["findings"]} == expected


def test_what_is_not_known_of_a_host_is_a_warning_and_no_refusal() -> None:
    known = topology(fleet(us=host(EDGE, stroe={}), hub=host(HUB)))
    assert known["refusals"] == []
    assert known["warnings"] == [
        "Whether us fits the other hosts is not known: its variables have mistakes. thanos_stroe: there is no such "
        "variable. Did you mean 'thanos_store'?"
    ]
    assert known["hosts"]["us"]["known"] is False


def test_edge_may_be_read_by_a_hub_of_which_nothing_is_known() -> None:
    hosts = topology(fleet(eu=host(EDGE)))
    assert [finding["id"] for finding in hosts["findings"]] == ["fleet-unread"]
    eu, hub = unknown("eu", EDGE, ""), unknown("hub", HUB, "it is away")
    assert told([eu, hub], ["eu"])["refusals"] == []


def test_edge_that_is_read_in_two_ways_is_a_warning() -> None:
    found = topology(fleet(world=host(HUB), europe=host(BOTH, reads=["eu"]), eu=host(EDGE)))
    assert found["refusals"] == []
    assert found["warnings"] == [
        "world reads eu twice, by itself and through europe, so its queries cost more: name in thanos_reads of world "
        "one way to it."
    ]


def test_reads_of_a_host_that_is_no_hub_are_a_warning() -> None:
    (warning,) = changed({"us": host(EDGE, reads=["eu"])})["warnings"]
    assert warning == "us: thanos_reads has no effect, since it is not in the group thanos_hub."


@pytest.mark.parametrize("name", ["an edge that no hub reads", "edges without a hub", "a name that leads nowhere"])
def test_what_a_part_of_the_fleet_lacks_is_a_warning(name: str) -> None:
    change, expected = REFUSED[name]
    whole = fleet(**{"hub": host(HUB), "eu": host(EDGE), "us": host(EDGE), **change})
    found = topology({host: {**own, "thanos_part_of_fleet": "true"} for host, own in whole.items()})
    assert found["refusals"] == []
    for sentence, (_id, beginning) in zip(found["warnings"], expected, strict=True):
        assert sentence.startswith(f"In this part of the fleet: {beginning}")


@pytest.mark.parametrize("seed", range(20))
def test_any_fleet_is_levelled_or_refused_as_a_circle(seed: int) -> None:
    """Whatever reads whatever: a host is above all that it reads, unless hosts read each other in a circle."""
    chance = random.Random(seed)
    names = [f"h{number}" for number in range(12)]
    hosts = {
        name: host(BOTH, reads=chance.sample([other for other in names if other != name], chance.randint(0, 3)))
        for name in names
    }
    found = topology(fleet(**hosts))
    reads = {name: there["reads"] for name, there in found["hosts"].items()}
    levels = {name: there["level"] for name, there in found["hosts"].items()}
    circle = any(levels[name] <= levels[edge] for name in names for edge in reads[name])
    assert circle == any(finding["id"] == "fleet-cycle" for finding in found["findings"])
    for name in names:
        for edge in reads[name]:
            assert name in found["hosts"][edge]["read_by"]
    assert len(found["links"]) == sum(map(len, reads.values()))


def test_order_of_the_hosts_does_not_matter() -> None:
    hosts = fleet(hub=host(HUB), eu=host(EDGE, cluster="x"), us=host(EDGE, cluster="x"), asia=host([], cluster="x"))
    assert topology(hosts) == topology(dict(reversed(hosts.items())))


def test_every_hub_reading_every_other_one_is_told_in_a_moment() -> None:
    """Each pair is a circle: told are as many as there are hosts, not as there are pairs."""
    found = derive([unknown(f"h{number:03}", BOTH, "") for number in range(200)])
    assert 0 < len(found.cycles) <= 200


@pytest.mark.parametrize(
    ("groups", "role"), [(HUB, "hub"), (EDGE, "edge"), (BOTH, "both"), ([], "alone"), (["hub"], "alone")]
)
def test_role_follows_from_the_groups(groups: list[str], role: str) -> None:
    assert role_of(groups) == role
