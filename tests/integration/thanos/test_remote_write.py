# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples on their way through real routers and ingestors, which run with what is rendered."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import hashes_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import Report
from ansible_collections.o11y.thanos.plugins.module_utils._verify.rounds import verify
from tests.support.pods_server import ApiServer
from tests.support.prometheus import prometheus
from tests.support.receiving import Receiving, receiving_stack
from tests.support.remote_write import Series, write
from tests.support.waiting import until

pytestmark = pytest.mark.api
ROUTER, INGESTOR = "thanos-receive-router-0", "thanos-receive-default-1"
RECEIVE: dict[str, Any] = {
    "hashrings": [{"name": "acme", "tenants": ["acme"]}, {"name": "default"}],
    "router": {"replicas": 1},
    "expect_tenants": ["shop"],
    "limits": {"tenants": {"greedy": {"series_limit": 5}, "grown": {"head_series_limit": 100}}},
}


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    """One router before two rings of three ingestors, and a querier."""
    with receiving_stack(tmp_path_factory.mktemp("receiving"), RECEIVE, "prometheus") as stack:
        yield stack


def one_sample(count: int = 1, name: str = "one") -> list[Series]:
    now = int(time.time() * 1000)
    return [({"__name__": name, "n": str(i)}, [(now, float(i))]) for i in range(count)]


def written(receiving: Receiving, tenant: str, count: int = 1, name: str = "one") -> int:
    return write(receiving.address(ROUTER, 19291), one_sample(count, name), tenant)


def counted(receiving: Receiving, selector: str, **more: str) -> float:
    found = receiving.query(f"count({selector})", **more)
    return float(found[0]["value"][1]) if found else 0


def test_router_has_loaded_the_ring_file_that_is_rendered(receiving: Receiving) -> None:
    with urllib.request.urlopen(f"http://{receiving.address(ROUTER)}/metrics", timeout=10) as reply:
        page = Metrics(reply.read().decode())
    assert page.total("thanos_receive_config_hash") in hashes_of(receiving.ring_file())


def test_each_sample_is_kept_three_times_and_shown_once(receiving: Receiving) -> None:
    assert written(receiving, "shop") == 200
    until(lambda: counted(receiving, 'one{tenant_id="shop"}', dedup="false") == 3)
    (series,) = receiving.query('one{tenant_id="shop"}')
    assert {name: series["metric"][name] for name in ("receive_cluster", "receive_instance", "tenant_id")} == {
        "receive_cluster": "hub",
        "receive_instance": "thanos-receive",
        "tenant_id": "shop",
    }


def test_tenant_goes_to_its_own_ring(receiving: Receiving) -> None:
    assert written(receiving, "acme") == 200
    found = until(lambda: receiving.query('one{tenant_id="acme"}', dedup="false"))
    assert {series["metric"]["receive_replica"].rpartition("-")[0] for series in found} == {"thanos-receive-acme"}


def test_request_without_a_tenant_is_that_of_the_default_one(receiving: Receiving) -> None:
    assert written(receiving, "", name="nobodys") == 200
    until(lambda: counted(receiving, 'nobodys{tenant_id="default-tenant"}'))


def test_tenant_over_its_limit_is_refused_and_the_others_are_not(receiving: Receiving) -> None:
    assert [written(receiving, tenant, 6, "many") for tenant in ("greedy", "modest")] == [413, 200]
    assert written(receiving, "greedy", 5, "few") == 200
    until(lambda: counted(receiving, 'few{tenant_id="greedy"}') == 5)
    assert counted(receiving, 'many{tenant_id="greedy"}') == 0


def test_tenant_with_too_many_active_series_is_refused_and_the_others_are_not(receiving: Receiving) -> None:
    # What a Prometheus scrapes of three ingestors which have a copy of each of 150 series.
    now = int(time.time() * 1000)
    scraped = [
        ({"__name__": "prometheus_tsdb_head_series", "tenant": tenant, "pod": str(i)}, [(now, 150.0)])
        for tenant in ("grown", "modest")
        for i in range(3)
    ]
    assert written(receiving, "grown", name="before") == 200
    assert write(receiving.address(ROUTER, 19291), scraped, "stack") == 200
    until(lambda: written(receiving, "grown", name="beyond") == 429)
    assert written(receiving, "modest") == 200


def test_sample_of_tomorrow_is_refused_and_shuts_nobody_out(receiving: Receiving) -> None:
    tomorrow = int((time.time() + 86400) * 1000)
    assert write(receiving.address(ROUTER, 19291), [({"__name__": "late"}, [(tomorrow, 1.0)])], "clock") == 409
    assert written(receiving, "clock") == 200


def test_ingestor_takes_no_writes_past_the_routers() -> None:
    stack = parse({"cluster": "hub", "instances": {"receive": RECEIVE}})
    args = [w.args for w in stack.workloads(stack.instances[0]) if w.pod_names]
    assert all("--remote-write.address=127.0.0.1:19291" in each for each in args)


def samples(url: str, selector: str) -> dict[str, float]:
    """What a server has of the sample times of one series within the last ten minutes."""
    text = urllib.parse.urlencode({"query": f"{selector}[10m]"})
    with urllib.request.urlopen(f"{url}/api/v1/query?{text}", timeout=30) as reply:
        result = json.load(reply)["data"]["result"]
    assert len(result) <= 1, result
    return {str(when): float(value) for series in result for when, value in series["values"]}


def reported(receiving: Receiving, *checks: str) -> Report:
    server = ApiServer(receiving)
    try:
        client = connect({"host": server.url, "api_key": "none"})
        return verify(client, expectations(parse(receiving.params)), checks, 30)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def sender(receiving: Receiving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A real Prometheus that scrapes itself and pushes: its port and its folder."""
    folder = tmp_path_factory.mktemp("sender")
    remote = {
        "url": f"http://{receiving.address(ROUTER, 19291)}/api/v1/receive",
        "protobuf_message": "prometheus.WriteRequest",
        "headers": {"THANOS-TENANT": "shop"},
        "queue_config": {"batch_send_deadline": "1s", "min_backoff": "100ms", "max_backoff": "1s"},
    }
    labels = {"cluster": "shop", "prometheus_replica": "a"}
    config = {
        "global": {"scrape_interval": "1s", "external_labels": labels},
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": ["127.0.0.1:1"]}]}],
        "remote_write": [remote],
    }
    with prometheus(config, folder) as port:
        until(lambda: counted(receiving, 'up{tenant_id="shop"}'))
        yield port, folder


def test_real_prometheus_loses_no_sample_while_an_ingestor_is_killed(
    receiving: Receiving, sender: tuple[int, Path]
) -> None:
    own = f"http://127.0.0.1:{sender[0]}"
    receiving.stop_pod(INGESTOR)
    killed = time.time()
    until(lambda: max(map(float, samples(own, "up")), default=0) > killed + 10)
    hub = f"http://{receiving.address('thanos-query-0')}"
    there = 'up{cluster="shop",tenant_id="shop"}'
    sent = samples(own, "up")
    until(lambda: sent.items() <= samples(hub, there).items())
    receiving.restart(INGESTOR)
    receiving.wait_pod(INGESTOR)


@pytest.mark.usefixtures("sender")
def test_verify_sees_each_tenant_and_every_ingestor(receiving: Receiving) -> None:
    receiving.pretend_ready |= set(receiving.pods)
    assert written(receiving, "acme", name="up") == 200
    report = reported(receiving, "pods", "endpoints", "tenants")
    assert report.count("fail") == 0, "\n".join(report.table())
    table = "\n".join(report.table())
    assert "1 receive router, 3 receive acme, 3 receive default, 1 query ready, Thanos" in table
    assert "2 tenants with new samples" in table


def test_verify_misses_a_tenant_that_sends_nothing(receiving: Receiving) -> None:
    receiving.params["instances"]["receive"]["expect_tenants"] = ["silent"]
    report = reported(receiving, "tenants")
    assert [line.what for line in report.lines if line.severity == "fail"] == [
        "on thanos-query-0: no sample of tenant silent in the last 5 minutes"
    ]
