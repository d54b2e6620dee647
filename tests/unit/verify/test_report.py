# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the report reads."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod, metrics_of, to_pod
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import (
    Report,
    duration,
    failed,
    of_check,
    option_text,
    passed,
    pending,
)

LINES = (
    of_check(passed("2 store ready", "store"), "pods"),
    of_check(failed("store: is missing", "thanos-query-a", "a StoreAPI", "none", "read the logs"), "endpoints"),
    of_check(pending("due at 11:00 UTC", "ruler", soon=True), "upload"),
)


def test_table_shows_details_of_failures_only() -> None:
    assert Report("eu", LINES).table([("Query UI", "http://a"), ("Ruler", "http://b")]) == [
        "eu   pass 1 · pending 1 · fail 1",
        "  pass     pods        2 store ready",
        "  fail     endpoints   thanos-query-a: store: is missing",
        "                         expected: a StoreAPI",
        "                         found: none",
        "                         next: read the logs",
        "  pending  upload      ruler: due at 11:00 UTC",
        "Query UI   http://a",
        "Ruler      http://b",
    ]


def test_data_holds_every_line_and_the_counts() -> None:
    data = Report("eu", LINES).as_dict()
    assert data["summary"] == {"title": "eu", "pass": 1, "pending": 1, "fail": 1}
    assert set(data["lines"][0]) == {
        "id", "status", "message", "subject", "expected", "found", "next_step", "option", "check"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], ""),
        (["instances.query.endpoints"], "query: endpoints"),
        (["instances.sidecar.scrape_interval", "instances.sidecar.scrape_configs"],
         "sidecar: scrape_interval, scrape_configs"),
        (["instances.sidecar.objstore", "instances.ruler.objstore"], "sidecar, ruler: objstore"),
        (["common.replica_labels"], "common: replica_labels"),
        (["replicas, version and image of the instance"], "replicas, version and image of the instance"),
    ],
)  # fmt: skip
def test_options_to_look_at_are_grouped_by_instance(options: list[str], text: str) -> None:
    assert option_text(options) == text


def test_options_to_look_at_are_named_as_they_were_typed() -> None:
    line = failed("no", "p", "a", "b", options=["instances.sidecar.scrape_configs", "instances.ruler.rules"])
    sources = {"instances.sidecar": "thanos_sidecar", "instances.ruler": "thanos_ruler_host"}
    (shown,) = Report("eu", (of_check(line, "fresh"),)).typed(sources).as_dict()["lines"]
    assert shown["option"] == "thanos_sidecar.scrape_configs, thanos_ruler_host.rules"
    assert shown["id"] == "verify-fresh"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.0 s"), (0.44, "0.4 s"), (41, "41 s"), (720, "12 min"), (5 * 3600, "5 h"), (3 * 86400, "3 d")],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_metrics_are_read_with_labels_and_without_histograms() -> None:
    page = Metrics(
        '# HELP a text\na{b="c\\"d",e="f"} 2\na{b="g"} 3 1700000000\nh_bucket{le="1"} 4\nbroken\nplain 1.5e3\nn NaN\n'
    )
    assert (page.total("a"), page.total("plain"), page.total("h_bucket"), page.total("absent")) == (5, 1500, 0, 0)
    assert (page.label("a", "e"), page.label("absent", "e")) == ("f", "")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"phase": "Pending"}, "is Pending"),
        (
            {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]},
            "is not scheduled: 0/1 nodes are available",
        ),
        (
            {
                "containerStatuses": [
                    {
                        "name": "thanos-store",
                        "ready": False,
                        "restartCount": 4,
                        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                        "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
                    }
                ]
            },
            "container thanos-store CrashLoopBackOff, 4 restarts (last exit 1, Error)",
        ),
    ],
)
def test_pod_that_is_not_ready_says_why(status: dict[str, object], state: str) -> None:
    item = {"metadata": {"name": "p", "namespace": "n", "labels": {}}, "spec": {"containers": []}, "status": status}
    assert Pod.parse(item).state == state


def test_pod_that_is_being_deleted_is_not_ready() -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    meta = {"name": "p", "namespace": "n", "labels": {}, "deletionTimestamp": "2026-11-21T10:00:00Z"}
    pod = Pod.parse({"metadata": meta, "spec": {"containers": []}, "status": ready})
    assert (pod.ready, pod.state) == (False, "is being deleted")


@pytest.mark.parametrize(
    ("tier", "args", "prefix"),
    [
        ("query", ["query", "--web.external-prefix=thanos/"], "/thanos"),
        ("query", ["query", "--web.external-prefix=/thanos", "--web.route-prefix=/"], ""),
        ("ruler", ["rule", "--web.external-prefix=/thanos"], ""),
        ("ruler", ["rule", "--web.route-prefix=/thanos"], "/thanos"),
        ("store", ["store"], ""),
    ],
)
def test_apis_are_behind_the_prefix_of_the_running_pod(tier: str, args: list[str], prefix: str) -> None:
    containers = [{"name": f"thanos-{tier}", "image": "i", "args": args}]
    metadata = {"name": "p", "namespace": "n", "labels": {"app.kubernetes.io/instance": f"thanos-{tier}"}}
    answers = Answers((Pod.parse({"metadata": metadata, "spec": {"containers": containers}}),))
    (promise,) = expectations(parse({"cluster": "eu", "instances": {tier: {}}})).promises
    (pod,) = answers.of(promise)
    assert to_pod(pod, "/api/v1/x").path == f"{prefix}/api/v1/x"
    assert metrics_of(pod).path == "/metrics"
