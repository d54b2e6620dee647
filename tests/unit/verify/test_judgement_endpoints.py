# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on what a querier reads: StoreAPIs of its stack, endpoints that the user names, other clusters."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Reply
from tests.support.judging import expect, judge, pod


def store_entry(address: str, labels: list[dict[str, str]], error: str | None = None) -> dict[str, Any]:
    return {"name": address, "lastError": error, "labelSets": labels}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"store": [store_entry("10.0.0.9:10901", [])]}, None),
        ({}, "thanos-store-0 is not known to the querier"),
        ({"sidecar": [store_entry("10.0.0.9:10901", [])]}, "thanos-store-0 is of type sidecar"),
        ({"store": [store_entry("10.0.0.9:10901", [], "dead")]}, "thanos-store-0 has an error: dead"),
        ({"store": [store_entry("10.0.0.9:10901", []), store_entry("10.0.0.7:10901", [], "gone")]}, None),
    ],
)
def test_endpoint_is_looked_at_by_its_address_and_leftovers_are_not(entries: Any, message: str | None) -> None:
    pods = [pod("thanos-query-a", "query"), pod("thanos-store-0", "store")]
    (line,) = judge("endpoints", expect(query={"replicas": 1}, store={}), pods, {"/stores": entries})
    assert (line.severity, line.what if message else None) == ("fail" if message else "pass", message)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"query": [store_entry("far:10901", [{"cluster": "us"}])]}, None),
        ({}, "endpoint far:10901 is missing"),
        ({"query": [store_entry("far:10901", [{"cluster": "us"}], "refused")]}, "endpoint far:10901 has an error"),
        ({"query": [store_entry("far:10901", [], "refused")]}, "endpoint far:10901 has an error"),
    ],
)
def test_endpoint_that_the_user_named_is_looked_at(entries: Any, message: str | None) -> None:
    expected = expect(query={"replicas": 1, "endpoints": ["far:10901"]})
    (line,) = judge("endpoints", expected, [pod("thanos-query-a", "query")], {"/stores": entries, "/log": ""})
    assert (line.severity, line.what if message else None) == ("fail" if message else "pass", message)


EDGES = [
    {
        "address": f"{name}.example:10901",
        "tls": {"ca": f"{name}.crt"},
        "server_name": f"query.thanos.{name}.thanos.internal",
        "strict": True,
    }
    for name in ("eu", "us")
]
LOST = (
    'level=warn msg="update of endpoint failed" err="x509: certificate signed by unknown authority" address=us.example'
)
EVER = {"minTime": -(2**63), "maxTime": 2**63 - 1}


@pytest.mark.parametrize(
    ("us", "log", "message"),
    [
        (
            None,
            f"{LOST}:10901",
            "edge us (us.example:10901) is missing: trust: certificate signed by unknown authority",
        ),
        (None, f"{LOST}:10902", "edge us (us.example:10901) is missing"),
        (None, Reply(error="HTTP 403: pods/log is forbidden"), "edge us (us.example:10901) is missing"),
        (
            store_entry("us.example:10901", [{"cluster": "us"}], "dial tcp 10.0.0.1:10901: i/o timeout"),
            "",
            "edge us (us.example:10901) has an error: TCP: no connection comes about (i/o timeout)",
        ),
        (
            {**store_entry("us.example:10901", []), **EVER},
            "",
            "edge us (us.example:10901) is connected, and there is nothing behind it: it announces no external labels",
        ),
        (
            store_entry("us.example:10901", [{"cluster": "us"}, {"cluster": "eu"}]),
            "",
            "edge us (us.example:10901) and edge eu (eu.example:10901) announce equal labels, so their series become "
            "one",
        ),
    ],
)
def test_edge_that_is_not_read_in_full_is_named_with_the_step_that_failed(us: Any, log: Any, message: str) -> None:
    expected = expect(query={"replicas": 1, "client_tls": {"secret": "client"}, "endpoints": EDGES})
    listed = {"query": [store_entry("eu.example:10901", [{"cluster": "eu"}]), *([us] if us else [])]}
    (line,) = judge("endpoints", expected, [pod("thanos-query-a", "query")], {"/stores": listed, "/log": log})
    assert (line.severity, line.what) == ("fail", message)
    assert line.options[0] == "instances.query.endpoints[1]"


REPLICAS = [{"cluster": "eu", "prometheus_replica": name} for name in ("a", "b")]
FORMER = [
    *REPLICAS,
    {"cluster": "eu", "prometheus_replica": "former"},
    {"cluster": "eu", "ruler": "main", "rule_replica": "r"},
]


def vector(*names: str, value: str = "1") -> dict[str, Any]:
    """An instant vector by replica."""
    return {"result": [{"metric": {"prometheus_replica": name} if name else {}, "value": [0, value]} for name in names]}


@pytest.mark.parametrize(
    ("check", "now", "lately", "copies", "lines"),
    [
        (
            "fresh",
            vector("a", "b"),
            vector("a", "b"),
            None,
            ["2 Prometheis of other clusters with samples of the last"],
        ),
        (
            "fresh",
            vector("a"),
            vector("a", "b"),
            None,
            ['on thanos-query-a: no sample of {cluster="eu",prometheus_replica="b"} in the last 5 minutes'],
        ),
        (
            "fresh",
            vector(),
            vector(),
            None,
            ["on thanos-query-a: no Prometheus behind it has a sample in the last 5 min"],
        ),
        ("fresh", Reply(error="HTTP 503: busy"), vector(), None, ["did not answer: HTTP 503: busy"]),
        ("dedup", vector("a", "b"), None, vector(""), ["1 set of replicas in other clusters: 1 series per target"]),
        (
            "dedup",
            vector("a", "b"),
            None,
            vector("", value="2"),
            ["on thanos-query-a: a target shows 2 times instead of once with dedup=true"],
        ),
        ("clean", Reply(vector("a"), warnings=("partial",)), vector("a"), None, ["warns: partial"]),
    ],
)
def test_prometheis_of_an_edge_are_asked_for_through_the_hub(
    check: str, now: Any, lately: Any, copies: Any, lines: list[str]
) -> None:
    expected = expect(query={"replicas": 1, "client_tls": {"secret": "client"}, "endpoints": EDGES[:1]})
    bodies = {
        "/stores": {"query": [{**store_entry("eu.example:10901", FORMER), "maxTime": 2**63 - 1}]},
        'ruler="main"': vector(),
        "last_over_time": lately,
        "max(count": copies,
        "count by": now,
    }
    found = judge(check, expected, [pod("thanos-query-a", "query")], bodies)
    assert [line.what[: len(text)] for line, text in zip(found, lines, strict=False)] == lines


def test_endpoint_that_serves_blocks_alone_has_no_new_samples() -> None:
    expected = expect(query={"replicas": 1, "endpoints": ["store.example:10901"]})
    bodies = {"/stores": {"store": [{**store_entry("store.example:10901", REPLICAS), "maxTime": 5}]}, "query": vector()}
    assert judge("fresh", expected, [pod("thanos-query-a", "query")], bodies) == []


def test_edge_that_is_not_read_yet_is_waited_for() -> None:
    expected = expect(query={"replicas": 1, "client_tls": {"secret": "client"}, "endpoints": EDGES[:1]})
    for check in ("fresh", "dedup"):
        (line,) = judge(check, expected, [pod("thanos-query-a", "query")], {"/stores": {}})
        assert (line.severity, line.soon, line.where) == ("pending", True, "edge eu (eu.example:10901)")
