# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify says of a receive: its hashrings, its tenants, its endpoints and its blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import hashes_of, ring_text
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import Hashring, Ingestor
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Pod, Reply
from tests.support.judging import HOUR, NOW, expect, judge, pod

RECEIVE = {"router": {"replicas": 1}, "expect_tenants": ["shop"], "hashrings": [{"name": "default"}]}
STANDBY = {"name": "spare", "standby_for": "default"}
MEMBERS = [f"thanos-receive-default-{i}" for i in range(3)]
TEXT = ring_text([Hashring("default", tuple(Ingestor(f"{pod}.h.ns.svc:10901") for pod in MEMBERS))])
ROUTER = replace(pod("thanos-receive-router-a", "receive-router"), workload="thanos-receive-router")


def ingestors(*away: str) -> list[Pod]:
    return [pod(name, "receive-default", ready=name not in away) for name in MEMBERS]


def page(text: str = TEXT, refused: int = 0) -> Metrics:
    """A router's metrics once it has loaded this text; older Thanos shows another hash."""
    lines = [f"thanos_receive_config_hash {min(hashes_of(text))}"]
    lines.append(f'http_requests_total{{code="200",handler="receive",method="post"}} {10 - refused}')
    lines.append(f'http_requests_total{{code="503",handler="receive",method="post"}} {refused}')
    return Metrics("\n".join(lines))


def rings(pods: list[Pod], metrics: Metrics, text: str = TEXT, **options: Any) -> list[tuple[str, str]]:
    bodies = {"configmaps": {"data": {"hashrings.json": text}}, "/metrics": metrics}
    return [
        (line.severity, line.what) for line in judge("hashrings", expect(receive={**RECEIVE, **options}), pods, bodies)
    ]


def test_loaded_rings_pass_with_their_sizes() -> None:
    assert rings([ROUTER, *ingestors()], page()) == [("pass", "default of 3 ingestors, loaded by 1 router")]


def test_refused_writes_are_told_with_the_sizes() -> None:
    (line,) = rings([ROUTER, *ingestors()], page(refused=2))
    assert line[1].endswith("; 2 of 10 writes refused since the routers started")


def test_router_with_an_older_file_fails() -> None:
    ((severity, what),) = rings([ROUTER, *ingestors()], page("[]"))
    assert (severity, what) == ("fail", "has not loaded the hashrings that the cluster has")


def test_members_that_are_away_are_counted() -> None:
    lines = rings([ROUTER, *ingestors(MEMBERS[1])], page())
    assert ("fail", "ring default: 2 of 3 ingestors are ready") in lines


def test_ingestors_that_no_ring_has_yet_are_pending() -> None:
    (line,) = rings([ROUTER, *ingestors()], page(), replicas=4)
    assert line == ("pending", "1 of 4 ingestors of receive default are in no hashring yet")


@pytest.mark.parametrize(("takes_over", "active", "idle"), [(False, "default", "spare"), (True, "spare", "default")])
def test_ring_that_stands_by_is_not_waited_for(takes_over: bool, active: str, idle: str) -> None:
    standby = {**STANDBY, "takes_over": takes_over}
    names = {ring: [f"thanos-receive-{ring}-{i}" for i in range(3)] for ring in ("default", "spare")}
    text = ring_text([Hashring(active, tuple(Ingestor(f"{pod}.h.ns.svc:10901") for pod in names[active]))])
    pods = [ROUTER, *(pod(name, f"receive-{ring}") for ring, each in names.items() for name in each)]
    found = rings(pods, page(text), text, hashrings=[{"name": "default"}, standby])
    assert found == [("pass", f"{active} of 3 ingestors, loaded by 1 router; without tenants: {idle}")]


def test_broken_file_fails_and_an_unreadable_one_is_pending() -> None:
    assert rings([ROUTER, *ingestors()], page(), text="{")[0][0] == "fail"
    bodies = {"configmaps": Reply(error="forbidden"), "/metrics": page()}
    (line,) = judge("hashrings", expect(receive=RECEIVE), [ROUTER, *ingestors()], bodies)
    assert (line.severity, line.what) == ("pending", "its hashrings cannot be read: forbidden")


def vector(**ages: float) -> dict[str, Any]:
    return {"result": [{"metric": {"tenant_id": tenant}, "value": [NOW, str(age)]} for tenant, age in ages.items()]}


def fresh(bodies: dict[str, Any]) -> list[tuple[str, str]]:
    pods = [pod("thanos-query-a", "query"), ROUTER, *ingestors()]
    expected = expect(receive=RECEIVE, query={"replicas": 1})
    return [(line.severity, line.what) for line in judge("tenants", expected, pods, bodies)]


def test_tenant_with_up_is_fresh_by_that() -> None:
    assert fresh({"up{": vector(shop=7.0)}) == [("pass", "1 tenant with new samples, the newest 7.0 s old")]


def test_tenant_without_up_is_fresh_by_another_metric() -> None:
    bodies = {"up{": vector(), "values": ["http_requests_total"], "http_requests_total": vector(shop=9.0)}
    assert fresh(bodies) == [("pass", "1 tenant with new samples, the newest 9.0 s old")]


def test_tenant_without_a_sample_fails() -> None:
    ((severity, what),) = fresh({"up{": vector(), "values": []})
    assert (severity, what) == ("fail", "on thanos-query-a: no sample of tenant shop in the last 5 minutes")


def test_one_tenant_without_a_sample_does_not_hide_another() -> None:
    pods = [pod("thanos-query-a", "query")]
    receive = {**RECEIVE, "expect_tenants": ["gone", "shop"]}
    bodies = {"up{": vector(shop=7.0), "values": []}
    lines = judge("tenants", expect(receive=receive, query={"replicas": 1}), pods, bodies)
    assert [line.where for line in lines] == ["gone"]


def test_tenant_with_a_ring_by_its_name_is_expected() -> None:
    receive = {
        **RECEIVE,
        "expect_tenants": None,
        "hashrings": [{"name": "a", "tenants": ["shop"]}, {"name": "default"}],
    }
    pods = [pod("thanos-query-a", "query")]
    (line,) = judge("tenants", expect(receive=receive, query={"replicas": 1}), pods, {"up{": vector(), "values": []})
    assert line.where == "shop"


@pytest.mark.parametrize(
    ("labels", "message"),
    [({"tenant_id": "shop"}, "on each of 1 querier, no errors"), ({"receive_cluster": "us"}, "other external labels")],
)
def test_ingestor_announces_its_labels_with_those_of_each_tenant(labels: dict[str, str], message: str) -> None:
    own = {"receive_cluster": "eu", "receive_instance": "thanos-receive", "receive_replica": MEMBERS[0]}
    entry = {"name": "10.0.0.9:10901", "lastError": None, "labelSets": [{**own, **labels}]}
    receive = {"replicas": 1, "replication_factor": 1, "router": {"replicas": 1}}
    pods = [pod("thanos-query-a", "query"), ROUTER, *ingestors()[:1]]
    expected = expect(receive=receive, query={"replicas": 1})
    (line,) = judge("endpoints", expected, pods, {"stores": {"receive": [entry]}})
    assert message in line.what


def blocks(tenants: dict[str, tuple[float, float]], started: float, **values: float) -> list[tuple[str, str]]:
    """What upload says of an ingestor; its tenants' heads begin and end so many hours ago."""
    lines = [f"process_start_time_seconds {NOW - started * HOUR}"]
    for tenant, (oldest, newest) in tenants.items():
        mark = f'{{tenant="{tenant}"}}'
        lines.append(f"prometheus_tsdb_head_min_time{mark} {(NOW - oldest * HOUR) * 1000:.0f}")
        lines.append(f"prometheus_tsdb_head_max_time{mark} {(NOW - newest * HOUR) * 1000:.0f}")
        lines.append(f"prometheus_tsdb_head_series{mark} {int(oldest > 0)}")
    if "last" in values:
        lines.append(f"thanos_objstore_bucket_last_successful_upload_time {NOW - values['last'] * HOUR}")
        lines.append("thanos_shipper_uploads_total 3")
    receive = {"replicas": 1, "replication_factor": 1, "router": {"replicas": 1}}
    found = judge("upload", expect(receive=receive), ingestors()[:1], {"/metrics": Metrics("\n".join(lines))})
    return [(line.severity, line.what) for line in found]


def test_first_block_of_an_ingestor_is_due_after_four_hours_and_a_quarter() -> None:
    ((severity, what),) = blocks({"a": (3.5, 0.0), "default-tenant": (-(10.0**6), 0.0)}, started=3.5)
    assert (severity, what) == ("pending", "first block of each ingestor is due at 08:45 UTC (two-hour blocks)")
    assert blocks({"a": (5.0, 0.0)}, started=5.0)[0][0] == "fail"


def test_ingestor_without_a_sender_is_pending() -> None:
    assert blocks({"default-tenant": (-(10.0**6), 0.0)}, 1.0) == [("pending", "an ingestor has no samples yet")]


def test_ingestors_that_stand_by_are_not_waited_for_while_they_have_nothing() -> None:
    receive = {"replication_factor": 1, "replicas": 1, "hashrings": [{"name": "default"}, STANDBY]}
    pods = [pod(f"thanos-receive-{ring}-0", f"receive-{ring}") for ring in ("default", "spare")]
    began = f"process_start_time_seconds {NOW - HOUR}"
    empty = Metrics(
        f'{began}\nprometheus_tsdb_head_min_time{{tenant="a"}} 9.2e18\nprometheus_tsdb_head_series{{tenant="a"}} 0'
    )
    (line,) = judge("upload", expect(receive=receive), pods, {"/metrics": empty})
    assert (line.severity, line.where) == ("pending", "receive default")


def test_uploads_of_all_tenants_are_told_together() -> None:
    ((severity, what),) = blocks({"a": (1.5, 0.0), "b": (2.0, 0.0)}, 9.0, last=0.4)
    assert (severity, what[:31]) == ("pass", "each ingestor uploads: 3 blocks")
