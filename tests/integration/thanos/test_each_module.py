# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module that writes to a cluster: absent, check, present, check, present, and back, by what the server has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.thanos.conftest import FIVE_TIERS, STORE, Cluster, control_plane
from tests.support.in_process import run_main
from tests.testbed import versions
from tests.testbed.control_plane import ControlPlane

LABEL = {"labelSelector": "o11y.thanos/stack=thanos"}
KINDS = {
    "/api/v1": ("configmaps", "secrets", "serviceaccounts", "services"),
    "/apis/apps/v1": ("deployments", "statefulsets"),
    "/apis/policy/v1": ("poddisruptionbudgets",),
}
# Module → what it is told beside the cluster.
MODULES: dict[str, dict[str, Any]] = {
    "sidecar": {"cluster": "eu", "wait": False},
    "store": {"cluster": "eu", "wait": False},
    "query": {"cluster": "eu", "wait": False},
    "compact": {"cluster": "eu", "wait": False},
    "ruler": {"cluster": "eu", "wait": False},
    "query_frontend": {"cluster": "eu", "wait": False, "downstream_url": "http://query.example:9090"},
    "bucket_web": {"cluster": "eu", "wait": False},
    "receive": {"cluster": "eu", "wait": False, "wait_timeout": 30},
    "stack": {
        "cluster": "eu",
        "wait": False,
        "wait_timeout": 30,
        "instances": {**FIVE_TIERS, "receive": {}, "query_frontend": {}, "bucket_web": {}},
    },
    "objstore_secret": {"name": "second", "store": STORE},
    "secret": {"name": "password", "items": [{"key": "password", "value": "canary-password-value"}]},
    "pki": {"cluster": "eu", "client_ca": True, "delete_authorities": True},
}


RELEASES = ["", *(pytest.param(release, marks=pytest.mark.slow) for release in versions.OTHER_KUBERNETES)]


@pytest.fixture(scope="module", params=RELEASES)
def plane(request: pytest.FixtureRequest, plane: ControlPlane) -> Iterator[ControlPlane]:
    """The usual control plane, and one of each other release of Kubernetes."""
    if not request.param:
        yield plane
        return
    with control_plane(request.param) as running:
        assert running.api.must("GET", "/version")["gitVersion"] == f"v{versions.OTHER_KUBERNETES[request.param]}"
        yield running


def held(cluster: Cluster) -> dict[str, list[str]]:
    """Object of the stack → its uid, and when which of our field managers last wrote to it."""
    answers = {
        kind: cluster.client.request("GET", f"{group}/namespaces/{cluster.namespace}/{kind}", query=LABEL)
        for group, kinds in KINDS.items()
        for kind in kinds
    }
    return {
        f"{kind}/{item['metadata']['name']}": [
            item["metadata"]["uid"],
            *(f"{m['manager']} {m['time']}" for m in item["metadata"]["managedFields"] if "o11y" in m["manager"]),
        ]
        for kind, answer in answers.items()
        for item in answer.body["items"]
    }


@pytest.mark.parametrize("name", MODULES)
def test_absent_check_present_check_present_check_absent(cluster: Cluster, name: str) -> None:
    assert not cluster.secret().failed
    # No pod runs here, and a ring waits for its ingestors.
    cluster.ingestors("thanos-receive-default", 3)

    def told(state: str, *, check: bool = False) -> bool:
        mode = {"_ansible_check_mode": check}
        done = run_main(name, {**cluster.arguments, **MODULES[name], "state": state, **mode})
        assert not done.failed, done["msg"]
        return bool(done["changed"])

    # With a whole stack goes its record, too, which the Secret above has made.
    assert told("absent") is (name == "stack")
    before = held(cluster)
    assert (told("absent"), held(cluster)) == (False, before)
    assert (told("present", check=True), held(cluster)) == (True, before)
    assert told("present")
    made = held(cluster)
    assert before.keys() < made.keys()
    assert (told("present", check=True), held(cluster)) == (False, made)
    assert (told("present"), held(cluster)) == (False, made)
    assert (told("absent", check=True), held(cluster)) == (True, made)
    assert told("absent")
    assert held(cluster).keys() - before.keys() <= {"configmaps/o11y-thanos-thanos"}
    assert not told("absent")
