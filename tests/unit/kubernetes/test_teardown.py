# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing a stack: what goes, what stays unless it is asked for, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure, InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes import teardown as module
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import (
    Listing,
    Manifest,
    Ref,
    Scope,
    labels,
)
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.record import Loan, Record, record_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.running import Outcome, Settings
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.teardown import teardown
from tests.unit.kubernetes.recorded import Recorded

SCOPE = Scope("thanos", "monitoring")
KINDS = ("ConfigMap", "Secret", "StatefulSet", "PersistentVolumeClaim")
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "monitoring", "uid": "n"}}


def item(kind: str, name: str, manager: str = "o11y.thanos/thanos/store", **metadata: Any) -> Manifest:
    fields = [{"manager": manager, "operation": "Apply"}]
    names = {"name": name, "namespace": "monitoring", "uid": name, "labels": labels("thanos", "store")}
    version = "apps/v1" if kind == "StatefulSet" else "v1"
    return {"apiVersion": version, "kind": kind, "metadata": {**names, "managedFields": fields, **metadata}}


def record(*kinds: str, loans: tuple[Loan, ...] = ()) -> Manifest:
    listings = frozenset(Listing(kind, "monitoring") for kind in kinds)
    manifest = record_of(SCOPE, Record(listings, frozenset(loans)))
    return {**manifest, "metadata": {**manifest["metadata"], "uid": "record", **_ours()}}


def _ours() -> dict[str, Any]:
    return {"managedFields": [{"manager": "o11y.thanos/thanos/", "operation": "Update"}]}


STACK = [
    NAMESPACE,
    record(*KINDS),
    item("ConfigMap", "config"),
    item("Secret", "objstore"),
    item("StatefulSet", "store"),
    item("PersistentVolumeClaim", "data", "kube-controller-manager"),
]


def removed(server: Recorded, *going: str, **settings: Any) -> Outcome:
    return teardown(server, SCOPE, Settings(**{"wait": False, **settings}), dict.fromkeys(going, True))


def deleted(server: Recorded) -> list[str]:
    return [sent.path.rpartition("/")[2] for sent in server.sent if sent.method == "DELETE"]


def test_what_holds_data_or_credentials_stays() -> None:
    server = Recorded(STACK)
    removed(server)
    assert set(deleted(server)) == {"store", "config", "o11y-thanos-thanos"}


def test_all_of_it_goes_where_that_is_asked_for_and_data_last() -> None:
    server = Recorded(STACK)
    removed(server, "PersistentVolumeClaim", "Secret", "Namespace")
    order = deleted(server)
    assert order[0] == "store"
    assert order[-2:] == ["data", "monitoring"]
    assert set(order) == {"store", "config", "objstore", "o11y-thanos-thanos", "data", "monitoring"}


@pytest.mark.parametrize(
    "metadata",
    [{"managedFields": [{"manager": "kubectl", "operation": "Update"}]}, {"deletionTimestamp": "2026-01-01T00:00:00Z"}],
    ids=["only labelled as ours", "going already"],
)
def test_what_we_did_not_make_or_goes_already_is_left_alone(metadata: dict[str, Any]) -> None:
    server = Recorded([NAMESPACE, record("ConfigMap"), item("ConfigMap", "theirs", **metadata)])
    removed(server)
    assert deleted(server) == ["o11y-thanos-thanos"]


def test_only_the_records_listings_are_looked_at() -> None:
    server = Recorded(STACK)
    removed(server)
    assert sorted(request.split()[1] for request in server.asked if request.startswith("LIST")) == sorted(KINDS)


def test_without_a_record_every_kind_is_looked_for_where_that_is_allowed() -> None:
    server = Recorded([NAMESPACE, item("ConfigMap", "config")], {"LIST Job": (403, ""), "LIST Route": (404, "")})
    removed(server)
    assert deleted(server) == ["config"]
    assert {"LIST Job monitoring o11y.thanos/stack=thanos", "LIST Route monitoring o11y.thanos/stack=thanos"} <= set(
        server.asked
    )


def test_listing_of_the_record_that_may_not_be_read_ends_the_teardown_before_it_begins() -> None:
    server = Recorded(STACK, {"LIST Secret": (403, "")})
    with pytest.raises(Failure, match="LIST Secret was answered with 403"):
        removed(server)
    assert server.writes == []


def test_fields_on_objects_of_others_are_given_back_before_anything_is_deleted() -> None:
    loan = Loan("sidecar", Ref("StatefulSet", "apps", "prometheus"))
    theirs = item("StatefulSet", "prometheus", "o11y.thanos-fields/thanos/sidecar", namespace="apps", labels={})
    server = Recorded([NAMESPACE, record("ConfigMap", loans=(loan,)), theirs])
    removed(server)
    assert [sent.method for sent in server.writes] == ["PATCH", "DELETE"]
    assert server.writes[0].query == {"fieldManager": "o11y.thanos-fields/thanos/sidecar"}
    assert server.writes[0].body["metadata"] == {"name": "prometheus", "namespace": "apps", "uid": "prometheus"}


def test_check_mode_says_what_would_go_and_sends_nothing() -> None:
    server = Recorded(STACK)
    outcome = removed(server, "Secret", check_mode=True)
    assert {entry["name"] for entry in outcome.objects} == {"store", "config", "objstore", "o11y-thanos-thanos"}
    assert {entry["action"] for entry in outcome.objects} == {"deleted"}
    assert server.writes == []


def test_namespace_that_is_not_there_is_nothing_to_do() -> None:
    assert not removed(Recorded()).changed


@pytest.mark.parametrize("namespace", ["default", "kube-system"])
def test_namespaces_of_kubernetes_are_refused_before_anything_is_read(namespace: str) -> None:
    server = Recorded()
    with pytest.raises(InvalidInput, match=f"the namespace {namespace} belongs to Kubernetes and stays"):
        teardown(server, Scope("thanos", namespace), Settings(), {"Namespace": True})
    assert server.sent == []


def test_waiting_is_for_pods_and_where_they_go_too_for_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    pod = item("Pod", "store-0")
    monkeypatch.setattr(module, "INTERVAL", 0.01)
    with pytest.raises(Failure, match=r"teardown: not ready after .*: still there: Pod store-0, PersistentVolumeClaim"):
        removed(Recorded([*STACK, pod]), "PersistentVolumeClaim", wait=True, wait_timeout=0)
