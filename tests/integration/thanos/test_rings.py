# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rings on a real API server without nodes: what is written, and what is not while a guard is closed.

No pod ever runs there, so the tests say which ingestors are ready. A run does not wait for pods
and has three seconds for its guards.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.modules import Result

from .conftest import Cluster

pytestmark = pytest.mark.api
SET, FILE = "thanos-receive-default", "configmaps/thanos-receive-hashrings"


def deploy(cluster: Cluster, replicas: int, **options: Any) -> Result:
    return cluster.stack({"receive": {"replicas": replicas, **options}}, wait_timeout=3)


def members(cluster: Cluster) -> int:
    """How many the ring file names."""
    (ring,) = json.loads(cluster.get(FILE)["data"]["hashrings.json"])
    return len(ring["endpoints"])


def size(cluster: Cluster) -> int:
    """How many ingestors there shall be."""
    return int(cluster.get(f"statefulsets/{SET}")["spec"]["replicas"])


@pytest.fixture
def ring(cluster: Cluster) -> Cluster:
    """A ring of four."""
    assert not cluster.secret().failed
    cluster.ingestors(SET, 4)
    result = deploy(cluster, 4)
    assert not result.failed, result["msg"]
    return cluster


def test_routers_wait_for_a_ring_and_the_ring_for_its_ingestors(cluster: Cluster) -> None:
    assert not cluster.secret().failed
    result = deploy(cluster, 3)
    assert result.failed
    assert f"ring default waits for {SET}-0 (not there), {SET}-1 (not there), {SET}-2 (not there)" in result["msg"]
    assert size(cluster) == 3
    assert cluster.client.request("GET", f"/api/v1/namespaces/{cluster.namespace}/{FILE}", ok=(404,)).status == 404
    cluster.ingestors(SET, 3)
    assert not deploy(cluster, 3).failed
    assert members(cluster) == 3
    assert deploy(cluster, 3)["changed"] is False


def test_ring_stays_as_it_is_while_a_new_ingestor_is_not_ready(ring: Cluster) -> None:
    result = deploy(ring, 5)
    assert result.failed
    assert f"waits for {SET}-4 (not there) of 5 ingestors; the ring file stays as it is" in result["msg"]
    assert (size(ring), members(ring)) == (5, 4)
    ring.ingestors(SET, 5)
    assert not deploy(ring, 5).failed
    assert members(ring) == 5


def test_ingestor_that_cannot_prove_anything_leaves_the_ring_and_stays(ring: Cluster) -> None:
    result = deploy(ring, 3)
    assert result.failed
    assert f"{SET}-3 is not ready, so that it cannot upload what it has" in result["msg"]
    assert (size(ring), members(ring)) == (4, 3)


def test_ingestor_goes_without_proof_where_that_is_asked_for_and_its_claim_stays(ring: Cluster) -> None:
    result = deploy(ring, 3, shrink_without_proof=True, delete_claims_of_removed_ingestors=True)
    assert not result.failed, result["msg"]
    assert (size(ring), members(ring)) == (3, 3)
    assert ring.get(f"persistentvolumeclaims/data-{SET}-3")["metadata"]["name"] == f"data-{SET}-3"


def test_ring_that_is_wanted_no_more_goes_only_when_it_is_drained(ring: Cluster) -> None:
    other = {"hashrings": [{"name": "other", "replicas": 3}]}
    assert ring.stack({"receive": other}, wait_timeout=3).failed
    # The new ring has no ingestor, so that the old one is untouched.
    assert (size(ring), members(ring)) == (4, 4)
    ring.ingestors("thanos-receive-other", 3)
    assert "is not ready, so that it cannot upload" in ring.stack({"receive": other}, wait_timeout=3)["msg"]
    assert (size(ring), members(ring)) == (4, 3)
    done = ring.stack({"receive": {**other, "shrink_without_proof": True}}, wait_timeout=3)
    assert done.actions()[f"StatefulSet/{SET}"] == "deleted"


def test_static_ring_keeps_an_ingestor_that_fails(ring: Cluster) -> None:
    ring.ingestors(SET, 3)
    assert not deploy(ring, 4).failed
    assert (size(ring), members(ring)) == (4, 4)


def test_dynamic_ring_leaves_out_an_ingestor_that_fails_and_takes_it_back(ring: Cluster) -> None:
    ring.ingestors(SET, 3)
    assert not deploy(ring, 4, hashring_policy="dynamic").failed
    assert (size(ring), members(ring)) == (4, 3)
    # As many as there are copies stay in any case: Thanos would end with fewer.
    ring.ingestors(SET, 2)
    assert not deploy(ring, 4, hashring_policy="dynamic").failed
    assert (size(ring), members(ring)) == (4, 3)
    ring.ingestors(SET, 4)
    assert not deploy(ring, 4, hashring_policy="dynamic").failed
    assert (size(ring), members(ring)) == (4, 4)


def test_check_mode_says_for_whom_a_ring_would_wait(ring: Cluster) -> None:
    result = ring.stack({"receive": {"replicas": 5}}, check=True)
    assert not result.failed
    assert f"ring default waits for {SET}-4" in result.warnings
    assert (size(ring), members(ring)) == (4, 4)
