# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two inventory hosts must not be the same stack of the same cluster, nor spoil a bucket that they share."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Environment

from ansible_collections.o11y.thanos.plugins.filter import variables
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import buckets, hosts, roles
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.hosts import (
    Site,
    compacted_twice,
    granted_apart,
    labelled_alike,
    needed_elsewhere,
    same_stack,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity, same
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import STACK_MODULE

# Outside of a play all hosts are played.
CONTEXT = Environment().from_string("").new_context({})
EU = Site("uid uid-1", "monitoring", "thanos")


def test_same_stack_of_the_same_cluster_is_told_with_both_hosts() -> None:
    (sentence,) = same_stack({"us": EU, "eu": EU, "asia": Site("uid uid-2", "monitoring", "thanos")}, ["eu"])
    assert sentence.startswith("eu and us reach the same cluster (uid uid-1) and would both be the stack thanos in")


def test_other_stack_namespace_or_cluster_is_fine() -> None:
    others = [EU._replace(stack="b"), EU._replace(namespace="b"), EU._replace(cluster="b")]
    assert same_stack({"a": EU, **{str(place): place for place in others}}, ["a"]) == []


def test_clusters_that_may_not_tell_their_uid_are_not_compared() -> None:
    unknown = EU._replace(cluster="")
    assert same_stack({"a": unknown, "b": unknown}, ["a", "b"]) == []


def test_hosts_that_are_not_played_are_in_nobodys_way() -> None:
    assert same_stack({"a": EU, "b": EU}, ["c"]) == []
    assert len(same_stack({"a": EU, "b": EU}, ["b", "c"])) == 1


def test_filter_reads_what_the_role_registered() -> None:
    host = {"stack_result": {"cluster_uid": "uid-1"}}
    hostvars = {
        "a": host,
        "b": {**host, "thanos_namespace": "monitoring"},
        "c": {**host, "thanos_stack": "other"},
        "d": {},
    }
    (sentence,) = variables.clashes(CONTEXT, hostvars, list(hostvars))
    assert sentence.startswith("a and b reach the same cluster")


REACHED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "nothing is said": ({}, {}, "default kubeconfig, current context"),
    "the same is said": (
        {"thanos_kubeconfig": "/k", "thanos_context": "a"},
        {"thanos_kubeconfig": "/k", "thanos_context": "a"},
        "/k kubeconfig, a context",
    ),
    "another context": ({}, {"thanos_context": "b"}, ""),
    "another kubeconfig": ({}, {"thanos_kubeconfig": "/k"}, ""),
    "on a bastion": ({"ansible_connection": "ssh"}, {"ansible_connection": "ssh"}, ""),
    "a kubeconfig as text": ({"thanos_kubeconfig": "users: []"}, {"thanos_kubeconfig": "users: []"}, ""),
    "a kubeconfig's content": ({"thanos_kubeconfig": {"users": []}}, {"thanos_kubeconfig": {"users": []}}, ""),
    "one has said its uid": ({}, {"stack_result": {"cluster_uid": "uid-1"}}, ""),
}


@pytest.mark.parametrize(("one", "other", "told"), REACHED.values(), ids=REACHED)
def test_before_anything_is_asked_hosts_are_compared_by_how_they_are_reached(
    one: dict[str, Any], other: dict[str, Any], told: str
) -> None:
    found = variables.clashes(CONTEXT, {"a": one, "b": other}, ["a", "b"])
    assert [sentence.partition("(")[2].partition(")")[0] for sentence in found] == ([told] if told else [])


def test_names_that_are_not_set_are_those_of_the_module() -> None:
    assert STACK_MODULE["name"].default == roles.STACK
    assert STACK_MODULE["namespace"].default == hosts.NAMESPACE


S3 = {"type": "S3", "bucket": "metrics", "endpoint": "s3.example.org"}
METRICS = Identity("S3", "s3.example.org", "metrics", "")


def test_bucket_with_two_compactors_is_told_with_both_hosts() -> None:
    (sentence,) = compacted_twice({"us": [METRICS], "eu": [METRICS], "asia": [METRICS._replace(prefix="asia")]})
    assert sentence.startswith("eu and us would both compact S3 bucket metrics at s3.example.org, and two compactors")


def test_what_a_host_compacts_is_read_from_its_variables() -> None:
    assert buckets.compacted({"thanos_objstore": {**S3, "endpoint": "S3.example.org:443"}}) == [METRICS]
    assert buckets.compacted({"thanos_objstore": S3, "thanos_compact": {"paused": "yes"}}) == []
    assert buckets.compacted({"thanos_objstore": S3, "thanos_compact": {"state": "absent"}}) == []
    assert buckets.compacted({"thanos_objstore": S3, "thanos_enabled": ["store"]}) == []
    other = {"thanos_instances": {"c2": {"tier": "compact", "objstore": "b"}}, "thanos_enabled": ["query"]}
    assert buckets.compacted({"thanos_objstores": {"b": {**S3, "prefix": "/b/"}}, **other}) == [
        METRICS._replace(prefix="b")
    ]


def test_what_is_compacted_by_a_secret_that_nobody_knows_is_not_known() -> None:
    secret = {"credentials_mode": "external", "credentials_from": {"name": "theirs", "key": "thanos.yaml"}}
    named = {"thanos_compact": {"objstore_secret": {"name": "mine"}}}
    assert buckets.compacted({"thanos_objstore": S3, **named}) == []
    assert buckets.compacted({"thanos_objstore": {**S3, **secret}, **named}) == []
    assert buckets.compacted({"thanos_objstore": {**S3, **secret}}) == [METRICS]
    for known in ({"name": "thanos-objstore-default"}, {"name": "theirs", "key": "thanos.yaml"}):
        stores = {"default": S3, "spare": {**S3, **secret}}
        by_name = {"thanos_objstores": stores, "thanos_compact": {"objstore_secret": known}}
        assert buckets.compacted(by_name) == [METRICS]


@pytest.mark.parametrize("wrong", [{}, {"typo": {"bucket": "b"}}])
def test_a_hashring_without_an_object_store_leaves_the_others_with_theirs(wrong: dict[str, Any]) -> None:
    rings = [{"name": "a", "objstore": "typo", "tenants": ["x"]}, {"name": "b"}]
    found = {"receive": {"hashrings": rings}}
    used = buckets.using(found, {"default": S3, **wrong}, "thanos")
    assert used["receive"].buckets == (None, METRICS)
    assert [one.bucket for one in buckets.labelled(found, {}, "thanos", "eu", used)] == [None, METRICS]


def test_one_secret_may_hold_the_configurations_of_several_buckets() -> None:
    def store(bucket: str) -> dict[str, Any]:
        return {
            **S3,
            "bucket": bucket,
            "credentials_mode": "external",
            "credentials_from": {"name": "s", "key": bucket},
        }

    compactors = {name: {"tier": "compact", "objstore": name} for name in ("a", "b")}
    found = {"thanos_objstores": {"a": store("a"), "b": store("b")}, "thanos_instances": compactors}
    assert [each.bucket for each in buckets.compacted({**found, "thanos_enabled": ["query"]})] == ["a", "b"]


def test_address_of_the_upper_level_is_what_counts_since_that_of_the_pods_may_be_in_each_cluster() -> None:
    inside = {"pods": {"endpoint": "minio.minio.svc:9000", "insecure": True}}
    eu = buckets.compacted({"thanos_objstore": {**S3, "endpoint": "eu.example.org", **inside}})
    us = buckets.compacted({"thanos_objstore": {**S3, "endpoint": "us.example.org", **inside}})
    assert compacted_twice({"eu": eu, "us": us}) == []
    assert buckets.compacted({"thanos_objstore": {**S3, **inside}}) == [METRICS]
    only = {"type": "S3", "manage": False, "pods": {"bucket": "metrics", "endpoint": "s3.example.org"}}
    assert buckets.compacted({"thanos_objstore": only}) == [METRICS]


def test_user_of_an_address_is_neither_shown_nor_compared() -> None:
    login = {"type": "SWIFT", "container_name": "c", "auth_url": "https://u:CANARY@ks.example.org/v3"}
    (bucket,) = buckets.compacted({"thanos_objstore": login})
    assert bucket.endpoint == "ks.example.org/v3"


def test_directory_is_in_each_cluster_another_one() -> None:
    assert buckets.compacted({"thanos_objstore": {"type": "FILESYSTEM", "directory": "/blocks"}}) == []


SWIFT = {"type": "SWIFT", "container_name": "c", "auth_url": "https://ks.example.org/v3"}
APART: dict[str, tuple[dict[str, str], dict[str, str], bool]] = {
    "other projects": ({"project_name": "a"}, {"project_name": "b"}, False),
    "one project": ({"project_name": "a"}, {"project_name": "A"}, True),
    "name here and id there": ({"project_name": "a"}, {"project_id": "1"}, True),
    "name beside an id": ({"project_id": "1", "project_name": "a"}, {"project_id": "1", "project_name": "b"}, True),
    "one says nothing": ({"project_name": "a", "region_name": "r"}, {}, True),
    "projects of other domains": (
        {"project_name": "a", "project_domain_name": "x"},
        {"project_name": "a", "project_domain_name": "y"},
        False,
    ),
    "other regions": ({"project_id": "1", "region_name": "r"}, {"project_id": "1", "region_name": "s"}, False),
}


@pytest.mark.parametrize(("one", "other", "shared"), APART.values(), ids=APART)
def test_projects_are_told_apart_by_what_both_say(one: dict[str, str], other: dict[str, str], shared: bool) -> None:
    found = {
        host: buckets.compacted({"thanos_objstore": {**SWIFT, **keys}}) for host, keys in (("a", one), ("b", other))
    }
    assert bool(compacted_twice(found)) is shared
    (first,), (second,) = found.values()
    assert {same(*pair) for pair in ((first, second), (second, first))} == {shared}


def test_project_of_the_pods_is_where_their_container_is() -> None:
    pods = {"project_name": "pods", "username": "u", "password": "p"}
    (bucket,) = buckets.compacted({"thanos_objstore": {**SWIFT, "project_name": "own", "pods": pods}})
    assert bucket.endpoint == "ks.example.org/v3?project_name=pods"


def test_what_comes_from_another_secret_is_not_known() -> None:
    source = {"credentials_mode": "existing", "credentials_from": {"name": "s", "keys": {"tenancy_ocid": "t"}}}
    store = {"type": "OCI", "manage": False, "bucket": "b", "provider": "raw", "region": "eu", "pods": source}
    assert buckets.compacted({"thanos_objstore": store}) == [Identity("OCI", "?region=eu", "b", "")]


def test_three_hosts_that_may_share_a_bucket_are_told_whatever_comes_first() -> None:
    a, b, c = (
        Identity("SWIFT", f"ks/v3?{said}", "c", "") for said in ("project_name=a", "project_name=b", "project_id=1")
    )
    sentences = " ".join(compacted_twice({"a": [a], "b": [b], "c": [c]}))
    assert "a and c would" in sentences
    assert "b and c would" in sentences
    assert "a and b would" not in sentences


def store(**access: Any) -> dict[str, Any]:
    return {**S3, "access": {role: {"grant_to": users} for role, users in access.items()}}


def test_users_that_a_host_lets_in_are_read_from_its_variables() -> None:
    assert buckets.granted({"thanos_objstore": store(reader="a,\nb", writer=["c"], compactor="")}) == {
        "default": (METRICS, {"reader": frozenset({"a", "b"}), "writer": frozenset({"c"})})
    }
    nothing: tuple[dict[str, Any], ...] = (
        {**store(reader=["a"]), "manage": "no"},
        S3,
        store(reader=[]),
        store(reader=5),
        {**S3, "access": "text"},
        {"type": []},
    )
    assert [buckets.granted({"thanos_objstore": one}) for one in nothing] == [{}] * len(nothing)
    azure = {"type": "AZURE", "container": "c", "storage_account": "a", "access": {"reader": {"grant_to": ["x"]}}}
    assert buckets.granted({"thanos_objstore": azure}) == {}


def test_prefix_has_a_list_of_its_own_on_s3_only() -> None:
    users = {"access": {"reader": {"grant_to": ["a"]}}, "prefix": "/eu/"}
    stores = {"s3": {**S3, **users}, "gcs": {"type": "GCS", "bucket": "b", **users}, "swift": {**SWIFT, **users}}
    found = {name: bucket.prefix for name, (bucket, _grants) in buckets.granted({"thanos_objstores": stores}).items()}
    assert found == {"s3": "eu", "gcs": "", "swift": ""}


def test_bucket_with_different_lists_of_users_is_told_with_stores_and_roles() -> None:
    eu, us = ({"reader": ["a"], "writer": ["w"]}, {"reader": ["a", "b"], "writer": ["w"]})
    (sentence,) = granted_apart({"default of eu": (METRICS, eu), "default of us": (METRICS, us)})
    assert sentence.startswith(
        "The object stores default of eu and default of us are S3 bucket metrics at s3.example.org, and differ in "
        "grant_to of reader: each run would take the users out"
    )
    assert granted_apart({"a of eu": (METRICS, eu), "b of eu": (METRICS, {"reader": ["a"]})})
    assert granted_apart({"a of eu": (METRICS, eu), "b of eu": (METRICS, {**eu, "reader": ("a",)})}) == []
    assert granted_apart({"a of eu": (METRICS, eu), "b of eu": (METRICS._replace(prefix="b"), us)}) == []


def test_bucket_that_a_host_which_stays_names_is_told_whatever_the_prefix() -> None:
    own = [METRICS._replace(prefix="eu"), METRICS._replace(bucket="rules")]
    others = {"us": [METRICS._replace(prefix="us")], "asia": [METRICS], "africa": [METRICS._replace(bucket="b")]}
    (sentence,) = needed_elsewhere(own, others)
    assert sentence.startswith(
        "S3 bucket metrics at s3.example.org is to be removed, and is the bucket of asia and us too, which this run"
    )
    assert needed_elsewhere(own, {"africa": others["africa"]}) == []


def test_buckets_of_a_host_are_those_of_its_stores_and_of_their_pods() -> None:
    pods = {"pods": {"endpoint": "minio.minio.svc:9000"}}
    only = {"type": "S3", "manage": False, "pods": {"bucket": "b", "endpoint": "s3.example.org"}}
    variables = {"thanos_objstores": {"a": {**S3, **pods}, "b": only, "c": "no mapping"}, "thanos_typo": 1}
    assert set(buckets.named(variables)) == {METRICS, METRICS._replace(bucket="b")}
    assert buckets.managed(variables) == {"a": METRICS}


def alike(eu: dict[str, Any], us: dict[str, Any]) -> list[str]:
    """What is told of two hosts that share a bucket."""
    hosts = {"eu": eu, "us": us}
    shared = {"thanos_objstore": S3}
    written = {name: buckets.written({"inventory_hostname": name, **shared, **more}) for name, more in hosts.items()}
    return labelled_alike(written)


def test_blocks_of_two_hosts_with_the_same_labels_are_told_with_both() -> None:
    """One sentence for Prometheus and one for the rulers, which have a label more."""
    prometheus, rulers = alike({"thanos_cluster": "prod"}, {"thanos_cluster": "prod"})
    assert prometheus.startswith(
        "sidecar of eu and sidecar of us would both write blocks with the labels {cluster: prod} into S3 bucket metrics"
    )
    assert rulers.startswith(
        "ruler of eu and ruler of us would both write blocks with the labels {cluster: prod, ruler"
    )


def _of_rings(*stores: str, instance: dict[str, str] | None = None, **labels: Any) -> dict[str, Any]:
    """A receive with a hashring on each of these object stores, and none on that of the instance.

    ``labels``: ring → its external labels; ``instance``: those of the receive.
    """
    hashrings = [
        {"name": f"r{i}", "objstore": name, "external_labels": labels.get(f"r{i}")} for i, name in enumerate(stores)
    ]
    return {
        "thanos_cluster": "prod",
        "thanos_enabled": ["receive"],
        "thanos_objstores": {name: {**S3, "bucket": name} for name in stores},
        "thanos_receive": {"hashrings": hashrings, "external_labels": instance or {}},
    }


def _existing(**more: Any) -> dict[str, Any]:
    """A sidecar beside a Prometheus of somebody else's."""
    named = {"prometheus": {"custom_resource": "kube-prometheus-stack"}, **more}
    return {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"], "thanos_sidecar": named}


LABELS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "names of their own": ({}, {}, []),
    "another stack": ({"thanos_cluster": "prod"}, {"thanos_cluster": "prod", "thanos_stack": "b"}, ["sidecar"]),
    "nothing uploaded": (
        {"thanos_cluster": "prod", "thanos_enabled": "sidecar"},
        {"thanos_cluster": "prod", "thanos_enabled": "sidecar", "thanos_sidecar": {"agent": True}},
        [],
    ),
    "a label of its own": (
        {"thanos_cluster": "prod", "thanos_enabled": "sidecar"},
        {"thanos_cluster": "prod", "thanos_sidecar_host": {"external_labels": {"site": "us"}}},
        [],
    ),
    "the label by hand": (
        {"thanos_sidecar": {"external_labels": {"cluster": "prod"}}, "thanos_enabled": ["sidecar"]},
        {"thanos_sidecar": "external_labels: {cluster: prod}"},
        ["sidecar"],
    ),
    "another prefix": (
        {"thanos_cluster": "prod"},
        {"thanos_cluster": "prod", "thanos_objstore": {**S3, "prefix": "us"}},
        [],
    ),
    "under another name": (
        {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"]},
        {"thanos_cluster": "prod", "thanos_enabled": [], "thanos_instances": {"b": {"tier": "sidecar"}}},
        ["sidecar"],
    ),
    "a hashring's own bucket": (
        _of_rings("eu", "hot"),
        _of_rings("us", "hot"),
        ["receive"],
    ),
    "hashrings' own buckets": (
        _of_rings("eu", "eu"),
        _of_rings("us", "us"),
        [],
    ),
    "a hashring's own label": (
        _of_rings("hot", r0={"receive_site": "eu"}),
        _of_rings("hot", r0={"receive_site": "us"}),
        [],
    ),
    "a hashring's own label over that of its receive": (
        _of_rings("hot", instance={"receive_site": "eu"}, r0={"receive_site": "both"}),
        _of_rings("hot", instance={"receive_site": "us"}, r0={"receive_site": "both"}),
        ["receive"],
    ),
    "a hashring's label beside that of its receive": (
        _of_rings("hot", instance={"receive_site": "eu"}, r0={"receive_tier": "hot"}),
        _of_rings("hot", instance={"receive_site": "us"}, r0={"receive_tier": "hot"}),
        [],
    ),
    "labels of hashrings that have a bucket each": (
        _of_rings("hot", "cold", r0={"receive_site": "eu"}, r1={"receive_site": "us"}),
        _of_rings("cold", "hot", r0={"receive_site": "eu"}, r1={"receive_site": "us"}),
        [],
    ),
    "another hashring's label": (
        _of_rings("hot", "cold", r0={"receive_site": "eu"}, r1={"receive_site": "us"}),
        _of_rings("cold", "hot", r0={"receive_site": "a"}, r1={"receive_site": "eu"}),
        ["receive"],
    ),
    "hashrings of which one has a bucket that nobody knows": (
        {
            "thanos_cluster": "prod",
            "thanos_enabled": ["receive"],
            "thanos_receive": {
                "hashrings": [
                    {"name": "a", "objstore_secret": {"name": "theirs"}, "external_labels": {"receive_site": "eu"}},
                    {"name": "b", "external_labels": {"receive_site": "us"}},
                ]
            },
        },
        {
            "thanos_cluster": "prod",
            "thanos_enabled": ["receive"],
            "thanos_receive": {"external_labels": {"receive_site": "eu"}},
        },
        [],
    ),
    "a mistake in what a hashring has beside its labels": (
        _of_rings("hot"),
        {
            **_of_rings("hot"),
            "thanos_receive": {"hashrings": [{"name": "r0", "objstore": "hot", "replicas": "many", "colour": "red"}]},
        },
        ["receive"],
    ),
    "a mistake in a hashring's labels, told elsewhere": (_of_rings("hot"), _of_rings("hot", r0=5), []),
    "hashrings of what has none, told elsewhere": (
        {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"]},
        {
            "thanos_cluster": "prod",
            "thanos_enabled": ["sidecar"],
            "thanos_sidecar": {"hashrings": [{"name": "a"}, {"name": "b"}]},
        },
        [],
    ),
    "two Prometheis of somebody else's": (_existing(), _existing(), []),
    "a Prometheus of somebody else's, as text": (
        _existing(),
        {**_existing(), "thanos_sidecar": "prometheus: {stateful_set: prometheus}"},
        [],
    ),
    "a Prometheus of somebody else's beside one of ours": (
        _existing(),
        {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"]},
        [],
    ),
    "an option for a Prometheus of somebody else's that is empty": (
        _existing(prometheus=None),
        {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"], "thanos_sidecar": {"prometheus": ""}},
        ["sidecar"],
    ),
    "a Secret of somebody else's": (
        {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"]},
        {"thanos_cluster": "prod", "thanos_sidecar": {"objstore_secret": {"name": "theirs"}}},
        [],
    ),
    "a name of its own on the server": (
        {"thanos_cluster": "prod", "thanos_enabled": ["ruler"], "thanos_ruler": {"fullname": "rules-eu"}},
        {"thanos_cluster": "prod", "thanos_enabled": ["ruler"], "thanos_ruler": {"fullname": "rules-us"}},
        [],
    ),
    "one name on the server, in two stacks": (
        {"thanos_cluster": "prod", "thanos_enabled": ["ruler"], "thanos_ruler": {"fullname": "rules"}},
        {
            "thanos_cluster": "prod",
            "thanos_stack": "b",
            "thanos_enabled": ["ruler"],
            "thanos_ruler": {"fullname": "rules"},
        },
        ["ruler"],
    ),
    "names that are one on the server": (
        {"thanos_cluster": "prod", "thanos_enabled": [], "thanos_instances": {"r-a": {"tier": "ruler"}}},
        {"thanos_cluster": "prod", "thanos_enabled": [], "thanos_instances": {"r_a": {"tier": "ruler"}}},
        ["r-a"],
    ),
    "that shall go": (
        {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"]},
        {"thanos_cluster": "prod", "thanos_sidecar": {"state": "absent"}},
        [],
    ),
    "a mistake, told elsewhere": (
        {"thanos_cluster": "prod", "thanos_enabled": ["sidecar"]},
        {"thanos_cluster": "prod", "thanos_sidecar": {"external_labels": 5}},
        [],
    ),
}


@pytest.mark.parametrize(("eu", "us", "tiers"), LABELS.values(), ids=LABELS)
def test_labels_are_compared_as_they_will_be(eu: dict[str, Any], us: dict[str, Any], tiers: list[str]) -> None:
    assert [sentence.partition(" ")[0] for sentence in alike(eu, us)] == tiers
