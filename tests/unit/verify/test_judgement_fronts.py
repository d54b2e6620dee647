# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on query frontends, bucket UIs and rules that fail, on answers that are hard to bring about."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Reply
from tests.support.judging import expect, judge, pod

FRONT = pod("thanos-query-frontend-x", "query-frontend")
PAGE = pod("thanos-bucket-web-x", "bucket-web")
EMPTY = {"resultType": "matrix", "result": []}
READ, NEVER = "2027-01-15T07:59:00.206525831Z", "0001-01-01T00:00:00Z"


def counted(hits: int, asked: int) -> Metrics:
    lines = [f'cortex_cache_hits_total{{name="x"}} {hits}', f'cortex_cache_fetched_keys_total{{name="x"}} {asked}']
    return Metrics("\n".join(lines))


@pytest.mark.parametrize(
    ("after", "first", "status", "message"),
    [
        (counted(4, 9), EMPTY, "pass", "answers from its cache (IN-MEMORY), 4 of 9 times since it started"),
        (counted(3, 9), EMPTY, "fail", "asks the querier again for what it was asked before; cache IN-MEMORY"),
        (counted(3, 9), Reply(EMPTY, warnings=("no store",)), "pending", "cannot be told, since what comes with a"),
        (counted(3, 9), Reply(error="HTTP 502: bad gateway"), "fail", "did not answer: HTTP 502: bad gateway"),
        (Reply(error="timed out"), EMPTY, "fail", "did not answer: timed out"),
    ],
)
def test_frontend_is_asked_twice(after: Any, first: Any, status: str, message: str) -> None:
    bodies = {"/metrics{'n': '2'}": after, "/metrics": counted(3, 7), "query_range": first, "/log": ""}
    (line,) = judge("cache", expect(query={}, query_frontend={}), [FRONT], bodies)
    assert (line.severity, line.what[: len(message)]) == (status, message)


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ('msg="failed to put to memcached" name= err="dial tcp 10.0.0.9:11211: connection refused"', "10.0.0.9:11211"),
        ('{"msg": "failed to put to redis", "err": "dial tcp 10.0.0.8:6379: i/o timeout"}', "10.0.0.8:6379"),
        ('msg="something else" err="no matter"', "stays 3"),
        (Reply(error="HTTP 403: forbidden"), "stays 3"),
    ],
)
def test_frontend_that_keeps_nothing_is_quoted_where_its_log_tells_why(log: Any, found: str) -> None:
    bodies = {"/metrics": counted(3, 7), "query_range": EMPTY, "/log": log}
    (line,) = judge("cache", expect(query={}, query_frontend={}), [FRONT], bodies)
    assert found in line.found
    assert ("its log says" in line.found) == ("10.0.0" in found)


def test_frontend_without_a_cache_has_to_answer() -> None:
    bodies = {"/metrics": counted(0, 0), "query_range": EMPTY}
    (line,) = judge("cache", expect(query={}, query_frontend={"query_range_cache": "NONE"}), [FRONT], bodies)
    assert (line.severity, line.what) == ("pass", "answers; it has no cache for range queries")


def failures(count: int) -> Metrics:
    lines = [
        'thanos_objstore_bucket_operations_total{bucket="metrics-eu",operation="iter"} 1',
        f'thanos_objstore_bucket_operation_failures_total{{bucket="metrics-eu",operation="iter"}} {count}',
    ]
    return Metrics("\n".join(lines))


@pytest.mark.parametrize(
    ("metrics", "err", "read", "status", "message"),
    [
        (failures(0), None, READ, "pass", "2 blocks of metrics-eu, read 60 s ago"),
        (failures(3), {}, READ, "fail", "cannot read metrics-eu"),
        (failures(3), None, NEVER, "fail", "cannot read metrics-eu"),
        (failures(0), None, NEVER, "pending", "is in its first look through metrics-eu"),
        (failures(0), None, "2027-01-15T06:00:00Z", "fail", "has not read metrics-eu for 2 h"),
    ],
)
def test_bucket_ui_that_cannot_read_its_bucket_is_seen(
    metrics: Metrics, err: Any, read: str, status: str, message: str
) -> None:
    view = {"blocks": [{}, {}], "err": err, "refreshedAt": read, "label": ""}
    bodies = {"/metrics": metrics, "/api/v1/blocks": view}
    (line,) = judge("bucket", expect(bucket_web={}), [PAGE], bodies)
    assert (line.severity, line.what[: len(message)]) == (status, message)


def test_compactor_that_cannot_read_its_bucket_any_more_is_seen() -> None:
    text = "thanos_compact_iterations_total 9\nthanos_objstore_bucket_operation_failures_total 4"
    bodies = {"/metrics": Metrics(text), "/api/v1/blocks": {"blocks": [], "err": {}, "refreshedAt": READ}}
    (line,) = judge("compactor", expect(compact={}), [pod("thanos-compact-0", "compact")], bodies)
    assert (line.severity, line.what) == ("fail", "cannot read its bucket; its log says why")
    assert "4 failed operations on the bucket" in line.found


ANY = "no query API server reachable"
LOG = (
    f'level=error err="read query instant response: 422" query="sum(x)"\nlevel=error err="other" query=up\nerr="{ANY}"'
)


@pytest.mark.parametrize(
    ("told", "log", "found"),
    [
        (ANY, LOG, f"{ANY}; its log says: read query instant response: 422"),
        (ANY, 'level=error err="other" query=up', f"{ANY}; its log says: other"),
        (ANY, "level=info", ANY),
        (ANY, Reply(error="HTTP 403: no"), ANY),
        ("parse error", LOG, "parse error"),
    ],
)
def test_reason_of_a_rule_that_fails_is_taken_from_the_log(told: str, log: Any, found: str) -> None:
    rule = {"name": "r", "query": "sum(x)", "health": "err", "lastError": told, "type": "recording", "labels": {}}
    body = {"groups": [{"name": "g", "file": "f", "rules": [rule]}]}
    ruler = {"ruler": {"replicas": 1, "rules": {"a.yaml": {"groups": []}}}}
    lines = judge("rules", expect(**ruler), [pod("thanos-ruler-0", "ruler")], {"/api/v1/rules": body, "/log": log})
    assert found in [line.found for line in lines]
