# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of a sidecar beside somebody else's Prometheus, and what is a warning."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.needs import Needs
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import (
    Existing,
    Facts,
    ObjstoreFact,
    Replica,
)

from .cases import BUCKET, FACTS
from .existing_cases import CHARTED, MAIN, NAMED, OPERATED, RESOURCE, replica, stack, with_flags


@pytest.mark.parametrize(
    ("options", "lacks"),
    [
        ({}, ("thanos", "thanos.image", "thanos.objectStorageConfig", "thanos.version")),
        ({"extra_args": ["--min-time=-2h"]}, ("thanos.additionalArgs",)),
        ({"grpc_tls": {"secret": "s", "min_version": "1.2"}}, ("thanos.additionalArgs",)),
        ({"grpc_tls": {"secret": "s"}}, ("thanos.grpcServerTlsConfig", "thanos.volumeMounts", "volumes")),
    ],
)
def test_each_field_that_an_operator_does_not_know_is_named(options: dict[str, Any], lacks: tuple[str, ...]) -> None:
    """None of the others, and nothing where the definition cannot be read."""
    needed = {f"thanos.{name}" for name in ("image", "objectStorageConfig", "version", "additionalArgs")}
    needed |= {"thanos", "thanos.grpcServerTlsConfig", "thanos.volumeMounts", "volumes"}
    made = {"prometheus": RESOURCE, **options}
    problems, _warnings = check(stack(made, replace(OPERATED, schema=tuple(needed - set(lacks)))), FACTS)
    (told,) = map(str, problems)
    assert {f"spec.{name}" for name in lacks} == set(re.findall(r"spec[.\w]*", told))
    assert check(stack(made, replace(OPERATED, schema=tuple(needed))), FACTS) == ([], [])
    assert check(stack(made, OPERATED), FACTS) == ([], [])


@pytest.mark.parametrize("theirs", [{"sidecar": "theirs"}, {"tool": "Helm"}])
def test_what_is_wrong_where_nothing_is_added_is_a_warning(theirs: dict[str, Any]) -> None:
    pods = (replica(0), replica(1, labels=replica(0).labels))
    found = replace(MAIN, pods=pods, temporary=("db",), on_delete=True, **theirs)
    problems, warnings = check(stack({"prometheus": NAMED}, found), FACTS)
    assert problems == []
    assert "has a pod main-1 with the external labels of main-0" in warnings[0]
    assert "volume that goes with the pod" not in "\n".join(warnings)
    assert "OnDelete" not in "\n".join(warnings)


DELAY = {"storage_tsdb_max__block__duration": "1d12h"}
EQUAL = "--storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h"
OLD = replace(with_flags(**DELAY), pods=tuple(replace(r, version="3.8.0") for r in with_flags(**DELAY).pods))
ROWS: list[tuple[dict[str, Any], Existing, str]] = [
    (
        NAMED,
        replace(MAIN, missing="does not exist in the namespace monitoring", advice="name one"),
        "main does not exist",
    ),
    (
        NAMED,
        replace(MAIN, controller="Prometheus k8s"),
        "the StatefulSet main belongs to Prometheus k8s, which would undo what is added to it; name that in the place "
        "of it: custom_resource: k8s.",
    ),
    (
        NAMED,
        replace(MAIN, controller="Widget w"),
        "which would undo what is added to it; let Widget w add the sidecar.",
    ),
    ({"stateful_set": "main"}, MAIN, "prometheus.restart_prometheus: the StatefulSet main gets a further container"),
    (NAMED, replace(MAIN, container="", containers=("a", "b")), "prometheus.container: the StatefulSet main has no "),
    (NAMED, replace(MAIN, ports=(9091, 10902)), "has a container at the port 10902, which the sidecar listens to"),
    (
        NAMED,
        replace(MAIN, pods=(Replica("main-0", error="HTTP 503"),)),
        "no pod of it answers (main-0: HTTP 503); have",
    ),
    (NAMED, with_flags(agent="true"), "is an agent, which has no database for a sidecar to read"),
    (NAMED, with_flags(enable__feature="agent,x"), "is an agent, which has no database for a sidecar to read"),
    (NAMED, with_flags(storage_tsdb_path="data/"), "--storage.tsdb.path=data/, which is no absolute path"),
    (NAMED, with_flags(storage_tsdb_path="/prometheus"), "has its database in /prometheus, which is on no volume"),
    (NAMED, replace(MAIN, user=None), "prometheus.run_as_user: the StatefulSet main does not say whom it runs as"),
    (
        NAMED,
        with_flags(**DELAY),
        "has blocks of 2h and compacts them up to 1d12h, and does not wait for uploads "
        "(--storage.tsdb.delay-compact-file.path is not set); let its owner add "
        "--storage.tsdb.delay-compact-file.path=/data/tsdb/thanos.shipper.json.",
    ),
    (
        NAMED,
        with_flags(**DELAY, storage_tsdb_delay__compact__file_path="/data/x.json"),
        "(--storage.tsdb.delay-compact-file.path is /data/x.json); let its owner add",
    ),
    (NAMED, OLD, f"before they are uploaded; Prometheus 3.8.0 cannot wait for uploads; let its owner add {EQUAL}."),
    (
        NAMED,
        with_flags(storage_tsdb_retention_time="3h"),
        "keeps samples for 3h, so that blocks could be deleted before",
    ),
    (NAMED, replace(MAIN, pods=(replica(0, labels={}),)), "has no external labels, by which its blocks could be told"),
    (
        NAMED,
        replace(MAIN, pods=(replica(0), replica(1, labels=replica(0).labels))),
        'a pod main-1 with the external labels of main-0 (cluster="eu", prometheus_replica="main-0"); let its owner',
    ),
    (
        NAMED,
        replace(MAIN, pods=tuple(replica(i, labels={"cluster": "eu", "pod": f"{i}"}) for i in range(2))),
        "instances.sidecar.replica_label: the StatefulSet main tells its replicas apart by pod, and not by ",
    ),
    (
        {**RESOURCE},
        replace(OPERATED, schema=("thanos", "thanos.image", "thanos.version")),
        "the Prometheus main cannot have spec.thanos.objectStorageConfig, which the Prometheus Operator 0.85.0 does",
    ),
]


@pytest.mark.parametrize(("named", "found", "sentence"), ROWS)
def test_what_would_not_work_is_refused_in_a_sentence(named: dict[str, Any], found: Existing, sentence: str) -> None:
    problems, _warnings = check(stack({"prometheus": named}, found), FACTS)
    assert sentence in "\n".join(map(str, problems))


@pytest.mark.parametrize(
    "found",
    [MAIN, with_flags(**DELAY, storage_tsdb_delay__compact__file_path="/data/tsdb/thanos.shipper.json")],
)
def test_what_works_is_not(found: Existing) -> None:
    assert check(stack({"prometheus": NAMED}, found), FACTS) == ([], [])


def test_delayed_compaction_needs_a_thanos_that_asks_for_it() -> None:
    found = with_flags(**DELAY, storage_tsdb_delay__compact__file_path="/data/tsdb/thanos.shipper.json")
    problems, _warnings = check(stack({"prometheus": NAMED, "version": "0.40.1"}, found), FACTS)
    assert f"let its owner add {EQUAL}" in str(problems[0])


def test_labels_of_another_instance_are_equal_too() -> None:
    labels = {"cluster": "eu", "prometheus_replica": "thanos-own-0"}
    made = stack({"prometheus": NAMED}, replace(MAIN, pods=(replica(0, labels=labels),)), own={"tier": "sidecar"})
    problems, _warnings = check(made, FACTS)
    assert "has a pod main-0 with the external labels of thanos-own-0" in str(problems[0])


def test_warnings_about_what_works_and_loses_something() -> None:
    labels = {"prometheus_replica": "main-0"}
    found = replace(MAIN, pods=(replica(0, labels=labels), Replica("main-1", error="HTTP 502")), temporary=("db",))
    _problems, warnings = check(stack({"prometheus": NAMED}, replace(found, on_delete=True)), FACTS)
    assert "no external label with the cluster's name (eu)" in warnings[0]
    assert "main-1 (HTTP 502) could not be asked" in warnings[1]
    assert "on a volume that goes with the pod" in warnings[2]
    assert "(OnDelete)" in warnings[3]


def test_what_the_object_store_asks_of_pods_of_others_is_said() -> None:
    needs = Needs("s", env={"KEY": ("a", "b")}, service_account_annotations={"role": "arn"}, pod_labels={"use": "true"})
    facts = Facts(objstores={("default", "writer"): ObjstoreFact(needs, "1", BUCKET)})
    problems, warnings = check(stack({"prometheus": RESOURCE}, OPERATED), facts)
    assert "main has no fields for credentials_mode: env of its object store; leave that out" in str(problems[0])
    assert "to reach the object store they need role: arn, use: true" in warnings[0]
    problems, _warnings = check(stack({"prometheus": NAMED}, MAIN), facts)
    assert problems == []


ASKING = Needs("s", env={"KEY": ("a", "b")}, service_account_annotations={"role": "arn"})
ASKED = Facts(objstores={("default", "writer"): ObjstoreFact(ASKING, "1", BUCKET)})


@pytest.mark.parametrize("more", [{"sidecar": "theirs"}, {"missing": "does not exist"}])
def test_object_store_asks_nothing_of_pods_that_get_no_sidecar(more: dict[str, Any]) -> None:
    told = check(stack({"prometheus": RESOURCE}, replace(OPERATED, **more)), ASKED)
    assert not [each for found in told for each in map(str, found) if "object store" in each]


def test_owner_who_is_to_add_the_sidecar_is_told_what_the_object_store_asks() -> None:
    problems, warnings = check(stack({"prometheus": RESOURCE}, CHARTED), ASKED)
    assert problems == []
    assert "to reach the object store they need role: arn" in warnings[0]
    assert "has no fields for credentials_mode: env of its object store" in warnings[1]


def test_label_in_which_replicas_differ_may_be_another_one() -> None:
    found = replace(MAIN, pods=tuple(replica(i, labels={"cluster": "eu", "pod": f"{i}"}) for i in range(2)))
    options = {"prometheus": {**NAMED, "container": "prometheus", "run_as_user": 0}, "replica_label": "pod"}
    assert check(stack({**options, "replica_labels": ["pod"]}, found), FACTS) == ([], [])
