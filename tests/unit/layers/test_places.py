# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two inventory hosts must not be the same stack of the same cluster, nor compact the same bucket."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.filter import variables
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import layers
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.places import Place, compacted_twice, same_stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import STACK_MODULE

EU = Place("uid uid-1", "monitoring", "thanos")


def test_same_stack_of_the_same_cluster_is_told_with_both_hosts() -> None:
    (sentence,) = same_stack({"us": EU, "eu": EU, "asia": Place("uid uid-2", "monitoring", "thanos")})
    assert sentence.startswith("eu and us reach the same cluster (uid uid-1) and would both be the stack thanos in")


def test_other_stack_namespace_or_cluster_is_fine() -> None:
    others = [EU._replace(stack="b"), EU._replace(namespace="b"), EU._replace(cluster="b")]
    assert same_stack({"a": EU, **{str(place): place for place in others}}) == []


def test_clusters_that_may_not_tell_their_uid_are_not_compared() -> None:
    unknown = EU._replace(cluster="")
    assert same_stack({"a": unknown, "b": unknown}) == []


def test_filter_reads_what_the_role_registered() -> None:
    host = {"stack_result": {"cluster_uid": "uid-1"}}
    hostvars = {
        "a": host,
        "b": {**host, "thanos_namespace": "monitoring"},
        "c": {**host, "thanos_stack": "other"},
        "d": {},
    }
    (sentence,) = variables.clashes(hostvars, list(hostvars))
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
    "a kubeconfig's content": ({"thanos_kubeconfig": {"users": []}}, {"thanos_kubeconfig": {"users": []}}, ""),
    "one has said its uid": ({}, {"stack_result": {"cluster_uid": "uid-1"}}, ""),
}


@pytest.mark.parametrize(("one", "other", "told"), REACHED.values(), ids=REACHED)
def test_before_anything_is_asked_hosts_are_compared_by_how_they_are_reached(
    one: dict[str, Any], other: dict[str, Any], told: str
) -> None:
    found = variables.clashes({"a": one, "b": other}, ["a", "b"])
    assert [sentence.partition("(")[2].partition(")")[0] for sentence in found] == ([told] if told else [])


def test_names_that_are_not_set_are_those_of_the_module() -> None:
    assert STACK_MODULE["name"].default == variables.STACK
    assert STACK_MODULE["namespace"].default == variables.NAMESPACE


S3 = {"type": "S3", "bucket": "metrics", "endpoint": "s3.example.org"}
METRICS = Identity("S3", "s3.example.org", "metrics", "")


def test_bucket_with_two_compactors_is_told_with_both_hosts() -> None:
    (sentence,) = compacted_twice({"us": [METRICS], "eu": [METRICS], "asia": [METRICS._replace(prefix="asia")]})
    assert sentence.startswith("eu and us would both compact S3 bucket metrics at s3.example.org, and two compactors")


def test_what_a_host_compacts_is_read_from_its_variables() -> None:
    assert layers.compacted({"thanos_objstore": {**S3, "endpoint": "S3.example.org:443"}}) == [METRICS]
    assert layers.compacted({"thanos_objstore": S3, "thanos_compact": {"paused": "yes"}}) == []
    assert layers.compacted({"thanos_objstore": S3, "thanos_compact": {"state": "absent"}}) == []
    assert layers.compacted({"thanos_objstore": S3, "thanos_enabled": ["store"]}) == []
    other = {"thanos_instances": {"c2": {"tier": "compact", "objstore": "b"}}, "thanos_enabled": ["query"]}
    assert layers.compacted({"thanos_objstores": {"b": {**S3, "prefix": "/b/"}}, **other}) == [
        METRICS._replace(prefix="b")
    ]


def test_address_of_the_upper_level_is_what_counts_since_that_of_the_pods_may_be_in_each_cluster() -> None:
    inside = {"pods": {"endpoint": "minio.minio.svc:9000", "insecure": True}}
    eu = layers.compacted({"thanos_objstore": {**S3, "endpoint": "eu.example.org", **inside}})
    us = layers.compacted({"thanos_objstore": {**S3, "endpoint": "us.example.org", **inside}})
    assert compacted_twice({"eu": eu, "us": us}) == []
    assert layers.compacted({"thanos_objstore": {**S3, **inside}}) == [METRICS]
    only = {"type": "S3", "manage": False, "pods": {"bucket": "metrics", "endpoint": "s3.example.org"}}
    assert layers.compacted({"thanos_objstore": only}) == [METRICS]


def test_user_of_an_address_is_neither_shown_nor_compared() -> None:
    login = {"type": "SWIFT", "container_name": "c", "auth_url": "https://u:CANARY@ks.example.org/v3"}
    (bucket,) = layers.compacted({"thanos_objstore": login})
    assert bucket.endpoint == "ks.example.org/v3"
