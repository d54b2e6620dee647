# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before anything is touched, given facts about the cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.needs import Needs
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check, missing_objstores
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Compactor, Facts, ObjstoreFact
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import BUCKET, FACTS

OTHER = Identity("S3", "minio:9000", "other", "")
COMPACT = "StatefulSet monitoring/thanos-compact"
LIVE_COMPACT = frozenset({"thanos-compact"})
OWN_SECRET = {("secret/own", "compactor"): ObjstoreFact(Needs("own"), "0123456789abcdef", BUCKET)}


def receive(*labels: dict[str, str]) -> dict[str, Any]:
    """A receive that calls itself as others do, with a hashring for each of these external labels."""
    hashrings = [
        {"name": f"r{i}", "tenants": [f"t{i}"], "replicas": 3, "external_labels": own} for i, own in enumerate(labels)
    ]
    return {"tier": "receive", "external_labels": {"receive_instance": "receive"}, "hashrings": hashrings}


ROWS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"compact": {}},
        {"compactors": (Compactor("StatefulSet old/compactor", BUCKET),)},
        "instances.compact: StatefulSet old/compactor already compacts S3 bucket metrics at minio:9000",
    ),
    (
        {"compact": {}, "compact-b": {"tier": "compact"}},
        {},
        "instances.compact-b: compact already compacts S3 bucket metrics",
    ),
    (
        {"compact": {"state": "absent"}, "compact-b": {"tier": "compact", "objstore_secret": {"name": "own"}}},
        {"workloads": LIVE_COMPACT, "compactors": (Compactor(COMPACT, BUCKET),), "objstores": OWN_SECRET},
        f"instances.compact-b: {COMPACT} already compacts S3 bucket metrics at minio:9000, and two compactors destroy "
        "each other's blocks; remove or pause it in a run of its own first",
    ),
    (
        {"compact": {"state": "absent"}, "compact-b": {"tier": "compact"}},
        {"workloads": LIVE_COMPACT, "compactors": (Compactor(COMPACT, None),)},
        "remove or pause it in a run of its own first",
    ),
    (
        {"compact": {"fullname": "compactor"}},
        {"workloads": LIVE_COMPACT, "compactors": (Compactor(COMPACT, BUCKET),)},
        f"instances.compact: {COMPACT} already compacts S3 bucket metrics",
    ),
    (
        {"compact-b": {"tier": "compact"}},
        {"compactors": (Compactor("Pod monitoring/thanos-compact-0", BUCKET),)},
        "Pod monitoring/thanos-compact-0 already compacts S3 bucket metrics at minio:9000, and two compactors destroy "
        "each other's blocks; run again when that pod is gone.",
    ),
    (
        {"store": {"storage": {"size": "20Gi"}}},
        {"claims": {"thanos-store": ("10Gi", "")}},
        "instances.store.storage.size: 20Gi differs from the 10Gi of the existing StatefulSet",
    ),
    (
        {"store": {"storage": {"size": "1048576Ki"}}},
        {"claims": {"thanos-store": ("2e9", "")}},
        "instances.store.storage.size: 1048576Ki differs from the 2e9 of the existing StatefulSet",
    ),
    (
        {"store": {"storage": {"storage_class": "fast"}}},
        {"claims": {"thanos-store": ("10Gi", "slow")}},
        "the existing StatefulSet has slow, which cannot be changed; set slow.",
    ),
    (
        {"store": {}},
        {"claims": {"thanos-store": ("10Gi", "fast")}},
        "the existing StatefulSet has fast, which cannot be changed; set fast.",
    ),
    (
        {"store": {"storage": {"storage_class": "fast"}}},
        {"claims": {"thanos-store": ("10Gi", "")}},
        "the existing StatefulSet has the default class, which cannot be changed; leave storage_class out.",
    ),
    (
        {"store": {"storage": {"storage_class": "fast"}}},
        {"storage_classes": frozenset({"slow"})},
        "the cluster has no storage class 'fast'; it has: slow.",
    ),
    (
        {"store": {}},
        {"storage_classes": frozenset({"slow"}), "default_storage_class": False},
        "the cluster has no default storage class; name one of: slow.",
    ),
    (
        {"store": {}},
        {"storage_classes": frozenset(), "default_storage_class": False},
        "the cluster has no default storage class; it has no other one, either: install a provisioner with a class.",
    ),
    (
        {"store": {"ignore_deletion_marks_delay": "48h"}, "compact": {}},
        {},
        "48h is not shorter than the compactor's delete_delay (48h)",
    ),
    (
        {"sidecar": {}, "sidecar-b": {"tier": "sidecar"}},
        {},
        "instances.sidecar-b.external_labels: equal to those of sidecar",
    ),
    (
        {"receive": receive(), "b": receive({}, {})},
        {},
        "instances.b.external_labels: equal to those of receive, so what they write could not be told apart; give "
        "one of them a label of its own, such as {receive_part: b}",
    ),
    (
        {"receive": receive({"receive_part": "a"}, {"receive_part": "b"}), "b": receive({}, {"receive_part": "b"})},
        {},
        "instances.b.hashrings[1].external_labels: equal to those of receive",
    ),
]


def checked(instances: dict[str, Any], facts: Facts) -> tuple[list[str], list[str]]:
    stack = parse({"cluster": "eu", "instances": instances})
    problems, warnings = check(stack, facts)
    return [str(problem) for problem in problems], warnings


@pytest.mark.parametrize(("instances", "facts", "sentence"), ROWS, ids=lambda x: x[:40] if isinstance(x, str) else "")
def test_is_refused(instances: dict[str, Any], facts: dict[str, Any], sentence: str) -> None:
    problems, _unused = checked(instances, replace(FACTS, **facts))
    assert len(problems) == 1
    assert sentence in problems[0]


def test_hashrings_are_told_apart_by_their_own_labels() -> None:
    instances = {"receive": receive({"receive_part": "a"}, {}), "b": receive({"receive_part": "b"})}
    assert checked(instances, FACTS)[0] == []


@pytest.mark.parametrize(
    "facts",
    [
        {"compactors": (Compactor("StatefulSet old/compactor", OTHER),)},
        {"claims": {"thanos-compact": ("20480Mi", "")}},
        {"claims": {"thanos-compact": ("20971520Ki", "")}},
        {"storage_classes": None, "default_storage_class": True},
        {"workloads": LIVE_COMPACT, "compactors": (Compactor(COMPACT, BUCKET),)},
        {"compactors": (Compactor("Pod monitoring/thanos-compact-0", BUCKET),)},
        {
            "workloads": frozenset({"thanos-old"}),
            "compactors": (Compactor("StatefulSet monitoring/thanos-old", OTHER),),
        },
    ],
)
def test_is_not_refused(facts: dict[str, Any]) -> None:
    assert checked({"compact": {}}, replace(FACTS, **facts)) == ([], [])


def test_compactor_whose_bucket_cannot_be_told_is_a_warning() -> None:
    facts = replace(FACTS, compactors=(Compactor("Deployment a/b", None),))
    assert checked({"compact": {}}, facts) == (
        [],
        ["Deployment a/b compacts a bucket that could not be told; make sure that it is not this stack's"],
    )


def test_paused_compactor_does_not_stand_in_the_way() -> None:
    facts = replace(FACTS, compactors=(Compactor("Deployment a/b", BUCKET),))
    assert checked({"compact": {"paused": True, "paused_reason": "repair"}}, facts) == ([], [])


def test_missing_object_store_secret_is_named_once_with_all_that_need_it() -> None:
    stack = parse({"cluster": "eu", "instances": {"store": {}, "compact": {}, "query": {}}})
    (finding,) = missing_objstores(stack, Facts())
    assert "the Secret monitoring/thanos-objstore-default that store, compact need does not exist" in str(finding)


def test_directory_that_no_pod_has_is_refused() -> None:
    fact = replace(FACTS.objstores["default", "reader"], identity=Identity("FILESYSTEM", "", "/var/blocks", ""))
    problems, _unused = checked({"store": {}, "query": {}}, replace(FACTS, objstores={("default", "reader"): fact}))
    (sentence,) = problems
    assert "names the directory /var/blocks, which is on no volume of the pods" in sentence


def test_secret_without_the_key_is_named() -> None:
    stack = parse({"cluster": "eu", "instances": {"store": {}}})
    fact = replace(FACTS.objstores["default", "reader"], has_key=False)
    (finding,) = missing_objstores(stack, replace(FACTS, objstores={("default", "reader"): fact}))
    assert "has no key with the configuration" in str(finding)


@pytest.mark.parametrize("tier", ["sidecar", "store", "compact", "ruler"])
def test_claim_that_is_smaller_than_asked_is_told_for_each_tier(tier: str) -> None:
    instances = {tier: {"storage": {"size": "50Gi"}}}
    stack = parse({"cluster": "eu", "instances": instances})
    volumes = {f"data-thanos-{tier}-0": ("10Gi", "10Gi"), f"data-thanos-{tier}-9": ("1Gi", "")}
    (problem,) = check(stack, replace(FACTS, volumes=volumes))[0]
    assert str(problem).startswith(
        f"instances.{tier}.storage.size: the claim data-thanos-{tier}-0 is there already and has 10Gi instead of 50Gi. "
        f"Make it larger (kubectl -n monitoring patch pvc data-thanos-{tier}-0"
    )
    # Where the StatefulSet is there, its pods have it already.
    problems, (warning,) = check(stack, replace(FACTS, volumes=volumes, claims={f"thanos-{tier}": ("50Gi", "")}))
    assert problems == []
    assert "has 10Gi instead of 50Gi; make it larger: kubectl -n monitoring patch pvc" in warning
    growing = {f"data-thanos-{tier}-0": ("50Gi", "10Gi")}
    problems, (warning,) = check(stack, replace(FACTS, volumes=growing))
    assert problems == []
    assert warning.endswith("; it is being made larger")
    assert check(stack, replace(FACTS, volumes={f"data-thanos-{tier}-0": ("50Gi", "50Gi")})) == ([], [])


KEPT = {f"retention_resolution_{name}": "30d" for name in ("raw", "5m", "1h")}
PAST = "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("instances", "sentence"),
    [
        (
            {"sidecar": {"retention_size": "50GB"}},
            "instances.sidecar.retention_size: 50GB is no less than storage.size, which is 10Gi: the claim is full",
        ),
        ({"store": {"storage": {"size": 10}}}, "instances.store.storage.size: 10 is 10 bytes; with a unit it is 10Gi"),
        # To Prometheus GB is GiB.
        ({"sidecar": {"retention_size": "10GB", "storage": {"size": "10Gi"}}}, "10GB is no less than storage.size"),
        (
            {"store": {"max_time": PAST}, "compact": KEPT},
            f"instances.store.max_time: {PAST} is longer ago than compact keeps any block, so that store is likely to",
        ),
        (
            {"store": {"extra_args": ["--max-time=-47d"]}, "compact": KEPT},
            "instances.store.extra_args: --max-time: -47d is longer ago than compact keeps any block",
        ),
        ({"store": {"max_time": "-47d"}, "compact": KEPT}, "max_time: -47d is longer ago than compact keeps any block"),
    ],
)
def test_what_is_hardly_meant_is_a_warning(instances: dict[str, Any], sentence: str) -> None:
    problems, warnings = checked(instances, FACTS)
    assert problems == []
    assert len([warning for warning in warnings if sentence in warning]) == 1


@pytest.mark.parametrize(
    "instances",
    [
        {"sidecar": {"retention_size": "8GB"}},
        {"sidecar": {"retention_size": "9GB", "storage": {"size": "10e9"}}},
        {"store": {}, "compact": KEPT},
        {"store": {"max_time": PAST}},
        {"store": {"max_time": "-45d"}, "compact": KEPT},
        {"store": {"max_time": PAST}, "compact": {**KEPT, "retention_resolution_1h": "0d"}},
        {"store": {"max_time": PAST}, "compact": {**KEPT, "paused": True, "paused_reason": "repair"}},
        {"store": {"max_time": PAST}, "compact": {**KEPT, "extra_args": ["--min-time=-1y"]}},
        {"store": {"max_time": PAST}, "compact": {**KEPT, "objstore_secret": {"name": "own"}, "objstore": "other"}},
        {"store": {"max_time": PAST, "objstore_secret": {"name": "archive"}}, "compact": KEPT},
    ],
)
def test_what_may_be_meant_is_no_warning(instances: dict[str, Any]) -> None:
    _unused, warnings = checked(instances, FACTS)
    assert [warning for warning in warnings if "keeps any block" in warning or "is no less" in warning] == []
