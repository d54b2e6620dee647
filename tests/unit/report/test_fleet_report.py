# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of several clusters: what counts as what, what stands first, and the page made of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._report.fleet import Told, fleet, line, table
from ansible_collections.o11y.thanos.plugins.module_utils._report.page import page
from tests.support.pages import Reading


def verified(*lines: dict[str, str], title: str = "stack thanos in monitoring") -> dict[str, Any]:
    return {"summary": {"title": title}, "lines": list(lines)}


def certificate(days: int, *, issuer: str = "CN=ca") -> dict[str, Any]:
    return {"name": "server", "subject": "CN=leaf", "issuer": issuer, "not_after": "2027-01-01T00:00:00Z", "days": days}


WELL = line("pods", "pass", "all ready")
LATE = line("upload", "pending", "due at 11:00")
LOST = line(
    "endpoints", "fail", "eu is missing", subject="thanos-query-a", expected="eu", found="none", next_step="look"
)
FLEET = [
    Told("eu", "edge", report=verified(WELL)),
    Told("hub", "hub", report=verified(WELL, LATE, LOST)),
    Told("ap", "edge", played=False),
    Told("us", "edge", failure="the API server of us cannot be reached\nmore"),
]


def test_failing_clusters_stand_first_and_failing_lines_first_in_each() -> None:
    report = fleet(FLEET)
    assert [(one["host"], one["status"]) for one in report["clusters"]] == [
        ("hub", "fail"),
        ("us", "fail"),
        ("ap", "unknown"),
        ("eu", "pass"),
    ]
    assert [found["check"] for found in report["clusters"][0]["lines"]] == ["endpoints", "upload", "pods"]
    assert report["summary"] == {"clusters": 4, "pass": 1, "pending": 0, "fail": 2, "unknown": 1}


def test_table_has_a_row_for_each_cluster_and_one_for_each_failure() -> None:
    assert table(fleet(FLEET)) == [
        "4 clusters   pass 1 · fail 2 · unknown 1",
        "  fail     hub   stack thanos in monitoring   pass 1 · pending 1 · fail 1",
        "                 endpoints: thanos-query-a: eu is missing",
        "  fail     us    pass 0 · pending 0 · fail 1",
        "                 run: the API server of us cannot be reached",
        "  unknown  ap    not part of this run",
        "  pass     eu    stack thanos in monitoring   pass 1 · pending 0 · fail 0",
    ]


def test_cluster_that_was_not_asked_is_never_well() -> None:
    certificates = [certificate(80)]
    (one,) = fleet([Told("eu", certificates=certificates)])["clusters"]
    assert (one["status"], one["note"]) == ("unknown", "not asked")


def test_failed_verify_is_told_once() -> None:
    (one,) = fleet([Told("hub", failure="the whole table", report=verified(LOST))])["clusters"]
    assert [found["check"] for found in one["lines"]] == ["endpoints"]


@pytest.mark.parametrize(
    ("days", "issuer", "status"),
    [
        (80, "CN=ca", "pass"),
        (8, "CN=ca", "pass"),
        (7, "CN=ca", "fail"),
        (-1, "CN=ca", "fail"),
        (181, "CN=leaf", "pass"),
        (180, "CN=leaf", "pending"),
        (-1, "CN=leaf", "fail"),
    ],
)
def test_certificates_are_told_before_they_end(days: int, issuer: str, status: str) -> None:
    """A leaf is renewed by deploy, so one near its end is a failure; a CA is replaced by people, who need time."""
    told = Told("eu", report=verified(WELL), certificates=[certificate(days, issuer=issuer)])
    (one,) = fleet([told])["clusters"]
    assert [found["status"] for found in one["lines"] if found["check"] == "certificate"] == [status]


def test_page_holds_every_line_as_text_and_loads_nothing() -> None:
    told = Told("hub", "hub", report=verified(WELL, LATE, LOST), addresses=[{"page": "Query UI", "url": "http://a:1"}])
    found = Reading(page(fleet([told]), "<svg></svg>", "made by deploy"))
    text = " ".join(found.text)
    for word in ("all ready", "due at 11:00", "thanos-query-a: eu is missing", "✗ fail", "made by deploy", "look"):
        assert word in text
    assert found.urls == ["http://a:1"]
    assert not {"script", "link", "img", "iframe"}.intersection(found.tags)


def test_page_shows_text_from_clusters_as_text() -> None:
    """Messages quote what servers answered."""
    hostile = line("endpoints", "fail", "<script>alert(1)</script>", subject="<b>", found='"><img src=x>')
    told = Told("<i>", report=verified(hostile, title="<u>"), addresses=[{"page": "<p>", "url": "javascript:alert(1)"}])
    found = Reading(page(fleet([told]), made="<s>"))
    assert not {"script", "img", "b", "i", "u", "s"}.intersection(found.tags)
    assert found.urls == []
