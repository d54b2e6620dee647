# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ring over three nodes in three zones, written to all the time: whatever happens to it, every sample is read back.

It loses an ingestor, grows, is rolled, shrinks, and loses a node. Two senders write: a Prometheus of the collection,
and one that knows which samples were taken.
"""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from tests.cluster.playbooks.conftest import Site
from tests.cluster.testbed.machine import PREFIX, must
from tests.support.playbooks import Play
from tests.support.steady_sender import SteadySender, steady_sender
from tests.support.waiting import until
from tests.testbed.plan import BRIDGE_ADDRESS
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.slow
UP = ("up", "--prefix", f"{PREFIX[:7]}n", "--nodes", "3")
SET, PORT = "thanos-receive-default", 30191
SMALL = {"requests": {"cpu": "10m", "memory": "64Mi"}}
PROMETHEUS = "thanos-sidecar-0"
ZONE = "topology.kubernetes.io/zone"
URL = "http://thanos-receive-router.{}.svc:19291/api/v1/receive"
# Seconds: Kubernetes waits for a node that says nothing, before it takes its pods for lost.
NODE_LOST = 180
RECEIVE: dict[str, Any] = {
    "hashrings": [{"name": "default", "zones": True}],
    "hashring_refresh_interval": "5s",
    "service": {"type": "NodePort"},
    "remote_write_node_port": PORT,
    "expect_tenants": ["shop"],
    "resources": SMALL,
    "storage": {"size": "1Gi"},
}


@dataclass
class Ring:
    """The site, who writes to it, and when that began."""

    site: Site
    nodes: dict[str, dict[str, str]]
    sender: SteadySender
    lost: str = ""
    began: float = field(default_factory=time.time)

    def deploy(self, *arguments: str, **changes: Any) -> Play:
        """Deploy with these options of the receive, which later runs keep."""
        self.site.variables["thanos_receive"] = {**self.site.variables["thanos_receive"], **changes}
        return self.site.play("deploy", *arguments)

    def file(self) -> list[dict[str, str]]:
        """The members of the ring that the file names."""
        found = {m["metadata"]["name"]: m for m in self.site.objects("configmaps")}["thanos-receive-hashrings"]
        (ring,) = json.loads(found["data"]["hashrings.json"])
        return list(ring["endpoints"])

    def ingestors(self) -> dict[str, dict[str, Any]]:
        """The pods of the ring by name."""
        return {p["metadata"]["name"]: p for p in self.site.pods("receive") if SET in p["metadata"]["name"]}

    def zones(self) -> dict[str, str]:
        """Ingestor → the zone of the node that it is on."""
        return {name: self.nodes[pod["spec"]["nodeName"]]["zone"] for name, pod in self.ingestors().items()}

    def read(self, metric: str, tenant: str) -> dict[str, set[int]]:
        """The times of the samples of a tenant's series, as a querier has them, in milliseconds by the label ``n``."""
        result = self._ask(self._querier(), 10902, f'{metric}{{tenant_id="{tenant}"}}')
        return {each["metric"].get("n", ""): _times(each) for each in result}

    def missing(self) -> dict[str, Any]:
        """What was written and is not read back: of the sender that knows, and of Prometheus."""
        # Of Prometheus only what is older than the moment that it may take to send.
        begin, end = self.began * 1000, (time.time() - 15) * 1000
        own = self._ask(PROMETHEUS, 9090, 'up{job=~".*sidecar"}')
        there = self._ask(self._querier(), 10902, 'up{job=~".*sidecar",tenant_id="shop"}')
        sent, found = ({at for each in result for at in _times(each) if begin < at < end} for result in (own, there))
        assert sent
        lost = sorted(sent - found)
        return {**self.sender.missing(self.read), **({"prometheus": lost} if lost else {})}

    def read_back(self) -> None:
        """Every sample that was taken is read back."""
        time.sleep(15)
        last: list[Any] = []

        def complete() -> bool:
            last[:] = [self.missing()]
            return last == [{}]

        until(
            complete, 120, every=5, missing=lambda: [{name: times[:5] for name, times in each.items()} for each in last]
        )

    def _querier(self) -> str:
        for pod in self.site.pods("query"):
            if pod["spec"].get("nodeName") != self.lost and _is_ready(pod):
                return str(pod["metadata"]["name"])
        raise OSError("no querier is ready")

    def _ask(self, pod: str, port: int, selector: str) -> list[dict[str, Any]]:
        seconds = int(time.time() - self.began) + 60
        query = urllib.parse.urlencode({"query": f"{selector}[{seconds}s]"})
        path = f"/api/v1/namespaces/{self.site.namespace}/pods/{pod}:{port}/proxy/api/v1/query?{query}"
        try:
            answer = self.site.client.request("GET", path).body
        except ApiError as error:
            raise OSError(str(error)) from error
        return list(answer["data"]["result"])


def _times(series: dict[str, Any]) -> set[int]:
    return {round(float(at) * 1000) for at, _value in series["values"]}


def _is_ready(pod: dict[str, Any]) -> bool:
    return {each["type"]: each["status"] for each in pod["status"].get("conditions") or ()}.get("Ready") == "True"


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, Any]]:
    """A cluster of three nodes, which goes with this module."""
    (made,) = must(*UP)
    yield made
    must("down", made["name"])


@pytest.fixture(scope="module")
def kubeconfig(cluster: dict[str, Any]) -> str:
    """In the place of the cluster with one node."""
    return str(cluster["kubeconfig"])


@pytest.fixture(scope="module")
def store(cluster: dict[str, Any]) -> Iterator[Place]:
    """An S3 server that goes before its bridge does."""
    assert cluster["ready"]
    with Store("versitygw", address=BRIDGE_ADDRESS) as running:
        yield running.place


@pytest.fixture(scope="module")
def ring(site: Site, cluster: dict[str, Any]) -> Iterator[Ring]:
    """A ring of three in three zones, to which two senders write."""
    first = {"node_selector": {"kubernetes.io/hostname": cluster["name"]}}
    push = {"url": URL.format(site.namespace), "tenant": "shop"}
    site.variables = {
        "thanos_enabled": ["sidecar", "query", "store", "receive"],
        "thanos_ruler": None,
        "thanos_sidecar": {"replicas": 1, "scrape_interval": "5s", "remote_write": [push], **first},
        # What reads nothing but receive for these series may show each copy's samples.
        "thanos_query": {"replicas": 2, "extra_args": ["--deduplication.func=chain"]},
        "thanos_store": {"replicas": 1, "sync_block_duration": "10s", "resources": SMALL},
        "thanos_receive": RECEIVE,
        "thanos_wait_timeout": 600,
    }
    done = site.play("deploy")
    assert done.code == 0, done.text
    # Through the first node, which is never lost; from there Kubernetes takes any router.
    with steady_sender([f"{cluster['address']}:{PORT}"], "steady") as sender:
        until(lambda: sender.taken["steady"], 60)
        yield Ring(site, cluster["nodes"], sender)


def test_ring_tells_the_zone_of_each_ingestor_and_no_two_share_one(ring: Ring) -> None:
    zones = ring.zones()
    assert sorted(zones.values()) == ["a", "b", "c"]
    assert {each["address"].split(".")[0]: each["az"] for each in ring.file()} == zones


def test_killed_ingestor_costs_no_write_and_no_sample(ring: Ring) -> None:
    before = ring.sender.refused.copy()
    former = ring.ingestors()[f"{SET}-1"]["metadata"]["uid"]
    ring.site.delete_pod(f"{SET}-1")
    until(lambda: _is_new(ring, f"{SET}-1", former), 120, every=1)
    assert ring.sender.refused == before
    ring.read_back()


def test_ring_grows_under_load(ring: Ring) -> None:
    done = ring.deploy(replicas=4)
    assert done.code == 0, done.text
    assert len(ring.file()) == 4
    ring.read_back()


def test_changed_template_replaces_each_ingestor_under_load_and_no_write_is_refused(ring: Ring) -> None:
    before, former = ring.sender.refused.copy(), ring.ingestors()
    done = ring.deploy(retention="14d")
    assert done.code == 0, done.text
    assert all(_is_new(ring, name, pod["metadata"]["uid"]) for name, pod in former.items())
    assert ring.sender.refused == before
    ring.read_back()


def test_changed_routers_are_replaced_under_load_and_no_write_is_cut(ring: Ring) -> None:
    before, former = ring.sender.refused.copy(), _names(ring)
    done = ring.deploy(router={"resources": {"requests": {"cpu": "11m", "memory": "64Mi"}}})
    assert done.code == 0, done.text
    until(lambda: not [name for name in former & _names(ring) if SET not in name], 60, every=1)
    assert ring.sender.refused == before


def test_ring_shrinks_under_load_when_the_bucket_has_what_leaves(ring: Ring) -> None:
    before = ring.sender.refused.copy()
    done = ring.deploy(replicas=3)
    assert done.code == 0, done.text
    assert (len(ring.file()), sorted(ring.ingestors())) == (3, [f"{SET}-{i}" for i in range(3)])
    claims = [claim["metadata"]["name"] for claim in ring.site.objects("persistentvolumeclaims")]
    assert f"data-{SET}-3" in claims
    assert ring.sender.refused == before
    ring.read_back()


def test_second_run_changes_nothing(ring: Ring) -> None:
    done = ring.deploy()
    assert (done.code, done.recap()) == (0, {"eu": (0, 0)}), done.text


@pytest.fixture(scope="module")
def without_a_node(ring: Ring) -> Ring:
    """The ring after a node other than that of the control plane went dark, with an ingestor on it."""
    ring.lost = list(ring.nodes)[-1]
    must("lose", ring.lost)
    gone = [name for name, pod in ring.ingestors().items() if pod["spec"]["nodeName"] == ring.lost]
    assert len(gone) == 1
    until(lambda: not _is_ready(ring.ingestors()[gone[0]]), NODE_LOST, every=2)
    return ring


def test_node_that_is_lost_costs_no_sample(without_a_node: Ring) -> None:
    since = time.time() * 1000
    until(lambda: max(without_a_node.sender.taken["steady"]) > since + 5000, 120)
    assert without_a_node.sender.wrong == []
    without_a_node.read_back()


def test_verify_counts_the_members_of_the_ring_that_are_left(without_a_node: Ring) -> None:
    done = without_a_node.site.play("verify", "-e", "thanos_verify_timeout=0")
    assert done.code != 0
    assert "ring default: 2 of 3 ingestors are ready" in done.plain()


def test_run_that_finds_a_node_lost_leaves_the_ring_as_it_is(without_a_node: Ring) -> None:
    before = without_a_node.file()
    without_a_node.deploy("-e", "thanos_wait_timeout=10", "-e", "thanos_verify_timeout=0")
    assert without_a_node.file() == before


def test_node_that_is_back_brings_its_ingestor_back_into_the_ring(without_a_node: Ring) -> None:
    must(*UP)
    until(lambda: without_a_node.site.ready("receive"), 240, every=2)
    done = without_a_node.site.play("verify", "-e", "thanos_verify_timeout=180")
    assert done.code == 0, done.text
    assert without_a_node.sender.wrong == []
    without_a_node.read_back()


def _names(ring: Ring) -> set[str]:
    return {pod["metadata"]["name"] for pod in ring.site.pods("receive")}


def _is_new(ring: Ring, name: str, former: str) -> bool:
    """Whether an ingestor was made anew and is ready."""
    pod = ring.ingestors().get(name)
    return pod is not None and pod["metadata"]["uid"] != former and _is_ready(pod)
