# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts that a stack reaches only after hours, by bad luck, or in ways that loopback cannot show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Reply
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.alerts import targets
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.history import choose
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import option_text
from tests.support.judging import HOUR, NOW, expect, judge, pod


def uploads(head: float, **values: float) -> Metrics:
    """A ruler's metrics: the head begins ``head`` hours ago, other times are hours ago as well."""
    newest = values.pop("newest", 0.0)
    lines = [
        f"prometheus_tsdb_head_min_time {(NOW - head * HOUR) * 1000}",
        f"prometheus_tsdb_head_max_time {(NOW - newest * HOUR) * 1000}",
        f"process_start_time_seconds {NOW - values.pop('started', 50.0) * HOUR}",
        f"prometheus_tsdb_blocks_loaded {values.pop('blocks', 0)}",
        f"thanos_shipper_upload_failures_total {values.pop('failures', 0)}",
        f"thanos_shipper_uploads_total {values.pop('uploads', 0)}",
    ]
    last = NOW - values.pop("last") * HOUR if "last" in values else 0
    return Metrics("\n".join([*lines, f'thanos_objstore_bucket_last_successful_upload_time{{bucket="b"}} {last}']))


@pytest.mark.parametrize(
    ("metrics", "status", "message"),
    [
        (uploads(0.5, started=0.5), "pending", "first block of each ruler is due at 10:30 UTC (two-hour blocks)"),
        (uploads(1.5, blocks=1, last=0.4, uploads=1), "pass", "each ruler uploads: 1 block since it started"),
        (uploads(1.5, blocks=1, last=0.4, uploads=3, failures=2), "pass", "each ruler uploads: 3 blocks"),
        (uploads(1.5, blocks=1, failures=7), "fail", "7 failed uploads, none succeeded"),
        (uploads(1.5, blocks=2, last=2.4, uploads=1), "fail", "the last block is not uploaded (0 failures)"),
        (uploads(1.5, blocks=2, started=0.1), "pending", "next block of each ruler is due at 09:30 UTC"),
        (uploads(1.1, blocks=2, last=2.0, uploads=1), "pass", "each ruler uploads"),
        (uploads(4.0), "fail", "a block is overdue since 07:00 UTC"),
        (uploads(-(10.0**9)), "pending", "a ruler has no samples yet"),
    ],
)
def test_upload_knows_when_a_block_is_due(metrics: Metrics, status: str, message: str) -> None:
    (line,) = judge("upload", expect(ruler={"replicas": 1}), [pod("thanos-ruler-0", "ruler")], {"/metrics": metrics})
    assert (line.severity, line.what[: len(message)]) == (status, message)


@pytest.mark.parametrize(
    ("metrics", "status", "message"),
    [
        ("thanos_compact_iterations_total 0\nthanos_compact_retries_total 0", "pending", "started 41 s ago"),
        ("thanos_compact_iterations_total 0\nthanos_compact_retries_total 2", "fail", "has not finished an iteration"),
        ("thanos_compact_iterations_total 5\nthanos_compact_halted 1", "fail", "has halted"),
        (
            "thanos_compact_iterations_total 5\nthanos_compact_retries_total 2",
            "pass",
            "last run 60 s ago, 5 iterations",
        ),
    ],
)
def test_compactor_tells_starting_from_failing(metrics: str, status: str, message: str) -> None:
    page = Metrics(f"{metrics}\nprocess_start_time_seconds {NOW - 41}")
    bodies = {"/metrics": page, "/api/v1/blocks": {"refreshedAt": "2027-01-15T07:59:00.123456789Z"}}
    (line,) = judge("compactor", expect(compact={}), [pod("thanos-compact-0", "compact")], bodies)
    assert (line.severity, line.what[: len(message)]) == (status, message)


def test_two_compactors_are_a_failure_even_if_one_is_leaving() -> None:
    pods = [pod("thanos-compact-0", "compact"), pod("thanos-compact-1", "compact", ready=False)]
    (line,) = judge("compactor", expect(compact={}), pods, {})
    assert (line.severity, line.found) == ("fail", "thanos-compact-0, thanos-compact-1")


def test_paused_compactor_is_pending_with_the_users_reason() -> None:
    (line,) = judge("compactor", expect(compact={"paused": True, "paused_reason": "repair of June"}), [], {})
    assert (line.severity, line.what, line.soon) == ("pending", "paused: repair of June", False)


@pytest.mark.parametrize(
    ("image", "version", "message"),
    [
        ("quay.io/thanos/thanos:v0.42.4", "0.42.4", "1 query ready, Thanos 0.42.4"),
        ("quay.io/thanos/thanos:v0.42.4", "", "1 query ready, Thanos 0.42.4"),
        ("quay.io/thanos/thanos:v0.41.0", "0.42.4", "container thanos-query runs another image"),
        ("quay.io/thanos/thanos:v0.42.4", "0.41.0", "Thanos has another version"),
    ],
)
def test_pods_compares_image_and_version(image: str, version: str, message: str) -> None:
    pods = [pod("thanos-query-a", "query", image)]
    (line,) = judge("pods", expect(query={"replicas": 1}), pods, {"buildinfo": {"version": version}})
    assert line.what == message


@pytest.mark.parametrize(
    ("workload", "message", "advice", "lasting"),
    [
        (
            {"spec": {"replicas": 0}},
            "somebody has scaled it to 0 replicas",
            "run deploy, or kubectl -n monitoring scale deployment/thanos-query --replicas=2",
            True,
        ),
        (Reply(error="HTTP 404: not found"), "is not there", "run deploy", True),
        (
            {"spec": {"replicas": 2}},
            "0 of 2 pods are ready",
            "kubectl -n monitoring describe deployment/thanos-query",
            False,
        ),
        (
            Reply(error="HTTP 403: forbidden"),
            "0 of 2 pods are ready",
            "kubectl -n monitoring describe deployment/thanos-query",
            False,
        ),
    ],
)
def test_a_workload_without_a_pod_is_looked_at_itself(workload: Any, message: str, advice: str, lasting: bool) -> None:
    (line,) = judge("pods", expect(query={"replicas": 2}), [], {"/deployments/thanos-query": workload})
    assert (line.where, line.what, line.advice, line.lasting) == ("query", message, advice, lasting)


IMAGE = "quay.io/thanos/thanos:v0.42.4"
DIGEST = "sha256:" + 64 * "a"


def live(manager: str) -> dict[str, Any]:
    """A Deployment whose image was set by ``manager``."""
    container: dict[str, Any] = {'k:{"name":"thanos-query"}': {".": {}, "f:image": {}}}
    fields = {"f:spec": {"f:template": {"f:spec": {"f:containers": container}}}}
    entries: list[dict[str, Any]] = [
        {"manager": "o11y.thanos/thanos/query", "operation": "Apply", "apiVersion": "apps/v1"}
    ]
    if manager == entries[0]["manager"]:
        entries[0] |= {"fieldsV1": fields}
    else:
        entries[0] |= {"fieldsV1": {"f:spec": {"f:replicas": {}}}}
        entries.append({"manager": manager, "operation": "Update", "apiVersion": "apps/v1", "fieldsV1": fields})
    return {"metadata": {"managedFields": entries}}


@pytest.mark.parametrize(
    ("found", "workload", "verdict"),
    [
        ("mirror.corp/quay/thanos/thanos:v0.42.4", live("o11y.thanos/thanos/query"), "pass"),
        ("mirror.corp:5000/quay.io-thanos-thanos:v0.42.4", live("o11y.thanos/thanos/query"), "pass"),
        (f"{IMAGE}@{DIGEST}", live("o11y.thanos/thanos/query"), "pass"),
        (f"quay.io/thanos/thanos@{DIGEST}", live("o11y.thanos/thanos/query"), "pass"),
        (f"quay.io/thanos/thanos@{DIGEST}", Reply(error="HTTP 403: forbidden"), "pass"),
        ("mirror.corp/thanos/thanos:v0.42.4", live("kubectl-set"), "fail"),
        ("mirror.corp/thanos/thanos:v0.42.3", live("o11y.thanos/thanos/query"), "fail"),
        ("mirror.corp/thanos/other:v0.42.4", live("o11y.thanos/thanos/query"), "fail"),
        ("quay.io/thanos/thanos", live("o11y.thanos/thanos/query"), "fail"),
    ],
)
def test_an_image_that_the_cluster_rewrites_is_told_and_one_that_somebody_set_is_wrong(
    found: str, workload: Any, verdict: str
) -> None:
    pods = [pod(f"thanos-query-{letter}", "query", found) for letter in "ab"]
    bodies = {"buildinfo": {"version": "0.42.4"}, "/deployments/thanos-query": workload}
    lines = judge("pods", expect(query={"replicas": 2}), pods, bodies)
    assert {line.severity for line in lines} == {verdict}
    assert len(lines) == 2
    assert found in lines[1].found
    assert verdict == "pass" or lines[1].advice == "run deploy"


def test_another_digest_than_the_one_asked_for_is_another_image() -> None:
    expected = expect(query={"replicas": 1, "image": f"quay.io/thanos/thanos@{DIGEST}"})
    others = [pod("thanos-query-a", "query", f"mirror.corp/thanos/thanos@sha256:{64 * 'b'}")]
    (line,) = judge("pods", expected, others, {"buildinfo": {"version": "0.42.4"}})
    assert line.severity == "fail"


@pytest.mark.parametrize(
    ("value", "message"), [("1", "1 sidecar ready, Thanos 0.42.4"), ("0", "Prometheus refuses its")]
)
def test_prometheus_that_refuses_its_configuration_is_a_failure(value: str, message: str) -> None:
    expected = expect(sidecar={"replicas": 1})
    (sidecar,) = expected.promises
    prometheus = replace(pod("thanos-sidecar-0", "sidecar"), images=sidecar.images)
    page = Metrics(f"prometheus_config_last_reload_successful {value}")
    bodies = {"buildinfo": {"version": ""}, ":9090/proxy/metrics": page, "/metrics": Metrics("")}
    (line,) = judge("pods", expected, [prometheus], bodies)
    assert line.what.startswith(message)
    assert option_text(line.options) == ("" if value == "1" else "sidecar: scrape_configs")


def test_warning_of_a_query_is_a_failure_of_clean() -> None:
    pods = [pod("thanos-query-a", "query")]
    reply = Reply({"result": []}, warnings=("No StoreAPIs matched for this query",))
    (line,) = judge("clean", expect(query={"replicas": 1}, sidecar={}), pods, {"/query": reply})
    assert (line.severity, line.where, line.found) == ("fail", "thanos-query-a", "No StoreAPIs matched for this query")


def block(ulid: str, start: int, resolution: int = 0, samples: int = 5) -> dict[str, Any]:
    return {
        "ulid": ulid,
        "minTime": start,
        "stats": {"numSamples": samples},
        "thanos": {"downsample": {"resolution": resolution}},
    }


@pytest.mark.parametrize(
    ("blocks", "chosen"),
    [
        ([block("new", 200), block("old", 100)], "old"),
        ([block("old", 100, 300000), block("raw", 200)], "raw"),
        ([block("older", 100, 300000), block("old", 200, 300000)], "older"),
        ([block("empty", 100, samples=0), block("full", 200)], "full"),
    ],
)
def test_oldest_raw_block_is_asked_for(blocks: list[dict[str, Any]], chosen: str) -> None:
    found = choose(blocks)
    assert found
    assert found["ulid"] == chosen


def test_blocks_that_only_the_compactor_knows_are_on_their_way() -> None:
    pods = [pod(f"thanos-{name}-0", name) for name in ("query", "store", "compact")]
    bodies = {"loaded": {"err": None, "blocks": None}, "global": {"err": None, "blocks": [block("a", 1)]}}
    (line,) = judge("history", expect(query={"replicas": 1}, store={}, compact={}), pods, bodies)
    assert (line.severity, line.soon) == ("pending", True)
    assert line.what == "has not loaded the bucket's 1 block yet; it looks every 15 min"


@pytest.mark.parametrize(
    ("url", "ways"),
    [
        ("http://alertmanager.monitoring.svc:9093", ["monitoring/services/http:alertmanager:9093", "http://alert"]),
        ("http://am.ops.svc.cluster.local", ["ops/services/http:am:9093", "http://am.ops.svc.cluster.local:9093"]),
        ("http://am:9094", ["monitoring/services/http:am:9094", "http://am:9094"]),
        ("dns+https://am.ops:9093", ["ops/services/https:am:9093", "https://am.ops:9093"]),
        ("dnssrv+http://_web._tcp.am.ops.svc", ["ops/services/http:am:web"]),
        ("https://user:secret@alerts.example.com/prefix", ["https://alerts.example.com:9093"]),
        ("http://10.1.2.3:9093", ["http://10.1.2.3:9093"]),
        ("http://[fd00::1]:9093", ["http://[fd00::1]:9093"]),
    ],
)
def test_alertmanager_is_asked_through_the_api_server_where_its_name_is_a_service(url: str, ways: list[str]) -> None:
    found = [question.where for question in targets(url, "monitoring")]
    assert len(found) == len(ways)
    assert all(way in where for way, where in zip(ways, found, strict=True)), found


def test_alertmanager_keeps_its_path_prefix() -> None:
    assert {question.path for question in targets("http://am/ops/", "monitoring")} == {"/ops/api/v2/alerts"}


@pytest.mark.parametrize(
    ("sizes", "status", "text"),
    [
        (("10Gi", "10Gi"), "fail", "the claim data-thanos-store-0 is smaller than asked for"),
        (("50Gi", "10Gi"), "pending", "the claim data-thanos-store-0 is made larger, from 10Gi to 50Gi"),
        (("50Gi", "50Gi"), "pass", "1 store ready, Thanos 0.42.4"),
        (("60Gi", ""), "pass", "1 store ready, Thanos 0.42.4"),
    ],
)
def test_claim_that_is_smaller_than_asked_is_told(sizes: tuple[str, str], status: str, text: str) -> None:
    stack = parse({"cluster": "eu", "instances": {"store": {"storage": {"size": "50Gi"}}}})
    expected = expectations(stack, Facts(volumes={"data-thanos-store-0": sizes}))
    image = "quay.io/thanos/thanos:v0.42.4"
    (line,) = judge("pods", expected, [pod("thanos-store-0", "store", image)], {"buildinfo": {"version": "0.42.4"}})
    assert (line.severity, line.what) == (status, text)
