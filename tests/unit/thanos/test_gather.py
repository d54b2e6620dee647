# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is gathered from answers that a hand has been at, and what is told of those that are refused."""

from __future__ import annotations

import base64
import json
from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import Response
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.gather import gather, secrets_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import ObjstoreFact
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

GOOD = {"OBJSTORE_ACCESS_KEY": ["s3-keys", "id"]}


class Server:
    """Stands for a Client: there is one object-store Secret, and nothing beyond the namespace may be read."""

    def __init__(self, note: str) -> None:
        metadata = {"name": "thanos-objstore-default", "uid": "1", "annotations": {"o11y.thanos/pods": note}}
        self.secret = {"metadata": metadata, "data": {"objstore.yml": ""}}

    def request(self, _method: str, path: str, **_more: Any) -> Response:
        if path.endswith("/secrets/thanos-objstore-default"):
            return Response(200, {}, self.secret, "")
        if "/secrets/" in path:
            return Response(404, {}, {}, "")
        return Response(200 if "/namespaces/" in path else 403, {}, {}, "")


def fact_of(note: str) -> ObjstoreFact:
    stack = parse({"cluster": "eu", "instances": {"store": {}, "compact": {}}})
    return gather(cast(Client, Server(note)), stack).facts.objstores["default", "compactor"]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "no JSON",
        "[1]",
        "null",
        json.dumps({"env": None}),
        json.dumps({"env": ["A"]}),
        json.dumps({"env": {"A": "x"}}),
        json.dumps({"env": {"A": "xy"}}),
        json.dumps({"env": {"A": ["x", 1]}}),
        json.dumps({"pod_labels": {"a": 1}}),
        json.dumps({"pod_labels": "ab", "service_account_annotations": 1}),
    ],
)
def test_note_on_a_secret_that_was_edited_into_another_form_counts_for_nothing(note: str) -> None:
    fact = fact_of(note)
    assert (fact.needs.env, fact.needs.pod_labels, fact.needs.service_account_annotations) == ({}, {}, {})


def test_what_is_left_of_an_edited_note_counts() -> None:
    fact = fact_of(json.dumps({"env": {**GOOD, "B": "x"}, "pod_labels": {"a": "b"}}))
    assert fact.needs.env == {"OBJSTORE_ACCESS_KEY": ("s3-keys", "id")}
    assert fact.missing == ("s3-keys (key id)",)
    assert fact.needs.pod_labels == {"a": "b"}


def test_warnings_come_in_one_order() -> None:
    stack = parse({"cluster": "eu", "instances": {"compact": {}}})
    told = [gather(cast(Client, Server("{}")), stack).facts.warnings for _unused in range(5)]
    assert len(told[0]) == 5
    assert told == [tuple(sorted(told[0]))] * 5


def test_values_of_secrets_are_beside_the_facts_and_can_be_read_again() -> None:
    stack = parse({"cluster": "eu", "instances": {"store": {}, "compact": {}}})
    server = Server("{}")
    server.secret["data"] = {"objstore.yml": base64.b64encode(b"secret_key: canary").decode()}
    gathered = gather(cast(Client, server), stack)
    assert gathered.secrets == ("secret_key: canary",)
    assert "canary" not in repr(gathered)
    assert secrets_of(cast(Client, server), stack, gathered.facts) == gathered.secrets


def test_files_of_a_credential_are_read_from_its_secret() -> None:
    account = {"type": "external_account", "credential_source": {"file": "/etc/thanos/secrets/google/token"}}
    config = {"type": "GCS", "config": {"bucket": "b", "service_account": json.dumps(account)}}
    server = Server("{}")
    server.secret["data"] = {"objstore.yml": base64.b64encode(json.dumps(config).encode()).decode()}
    stack = parse({"cluster": "eu", "instances": {"store": {}}})
    fact = gather(cast(Client, server), stack).facts.objstores["default", "reader"]
    assert fact.needs.files == ("/etc/thanos/secrets/google/token",)
    assert fact.identity == Identity("GCS", "", "b", "")


class Crowd:
    """Stands for a Client of a cluster in which one Deployment of somebody else may be a compactor."""

    def __init__(self, allowed: str, items: list[dict[str, Any]]) -> None:
        self.allowed, self.items = allowed, items

    def request(self, _method: str, path: str, **how: Any) -> Response:
        if path.endswith("/deployments") and self.allowed in path:
            if "reading" in how:
                return Response(200, {}, [("theirs", "x")], "")
            if path.startswith("/apis/apps/v1/namespaces/theirs/"):
                assert how["query"] == {"fieldSelector": "metadata.name=x"}
                return Response(200 if self.items else 403, {}, {"items": self.items[1:]}, "")
        if "/secrets/" in path:
            return Response(404, {}, {}, "")
        return Response(403 if "/deployments" in path else 200, {}, {}, "")


def crowd(allowed: str, *items: dict[str, Any]) -> Any:
    stack = parse({"cluster": "eu", "instances": {"compact": {}}})
    return gather(cast(Client, Crowd(allowed, list(items))), stack).facts


def test_candidate_that_is_read_in_full_is_judged_by_that() -> None:
    container = {"image": "quay.io/thanos/thanos:v0.42.4", "args": ["compact"]}
    spec = {"template": {"metadata": {}, "spec": {"containers": [container]}}}
    facts = crowd("", {}, {"metadata": {"name": "x", "namespace": "theirs"}, "spec": spec})
    assert [compactor.where for compactor in facts.compactors] == ["Deployment theirs/x"]


def test_candidate_that_is_gone_is_no_compactor() -> None:
    facts = crowd("", {})
    assert (facts.compactors, facts.warnings) == ((), ())


def test_candidate_that_may_not_be_read_is_named() -> None:
    (warning,) = crowd("").warnings
    assert warning.startswith("Deployment theirs/x may be a compactor, and may not be read; make sure")


def test_kind_that_may_not_be_read_at_all_is_named() -> None:
    (warning,) = crowd("nowhere").warnings
    assert warning == (
        "compactors were not looked for among the deployments of namespace monitoring: neither those nor the whole "
        "cluster's may be read"
    )


PLACE = "http://thanos-{}.monitoring.svc:10902"


def workload(name: str, component: str, *args: str) -> dict[str, Any]:
    """A live workload of the stack."""
    labels = {"app.kubernetes.io/component": component, "o11y.thanos/stack": "thanos", "o11y.thanos/instance": name}
    pod = {"containers": [{"name": f"thanos-{name}", "args": list(args)}]}
    metadata = {"name": f"thanos-{name}", "namespace": "monitoring", "labels": labels}
    return {"metadata": metadata, "spec": {"template": {"metadata": {"labels": labels}, "spec": pod}}}


class Beside:
    """Stands for a Client: a ruler that asks queriers, of which some are there, and some with their Service alone."""

    def __init__(self, asked: tuple[str, ...], deployments: list[dict[str, Any]], *services: str) -> None:
        self.answers = {
            "statefulsets": [workload("ruler", "rule-evaluation-engine", "rule", *(f"--query={url}" for url in asked))],
            "deployments": deployments,
            "services": [workload(name, "query-layer") for name in services],
        }
        self.looked = 0

    def request(self, _method: str, path: str, **how: Any) -> Response:
        kind = path.rpartition("/")[2]
        if "component=query-layer" in (how.get("query") or {}).get("labelSelector", ""):
            self.looked += 1
        elif kind == "services":
            kind = ""
        return Response(404 if "/secrets/" in path else 200, {}, {"items": self.answers.get(kind, [])}, "")


def queriers(*args: Any) -> tuple[dict[str, str], int]:
    server, stack = Beside(*args), parse({"cluster": "eu", "instances": {"ruler": {}}})
    return dict(gather(cast(Client, server), stack).facts.queriers), server.looked


def test_querier_without_its_deployment_is_known_by_who_asks_it_while_its_service_is_there() -> None:
    asked = (f"{PLACE.format('query')}/prom", PLACE.format("global"), "http://other.example:10902")
    running = [workload("global", "query-layer", "query")]
    assert queriers(asked, running, "query", "global") == (
        {"query": f"{PLACE.format('query')}/prom", "global": PLACE.format("global")},
        1,
    )
    # One that was removed has no Service any longer.
    assert queriers(asked, running, "global") == ({"global": PLACE.format("global")}, 1)


def test_services_of_queriers_are_looked_for_only_where_one_is_missing() -> None:
    assert queriers((PLACE.format("global"),), [workload("global", "query-layer", "query")], "query") == (
        {"global": PLACE.format("global")},
        0,
    )
    assert queriers(("http://other.example:10902", "http://x.elsewhere.svc:10902"), []) == ({}, 0)
