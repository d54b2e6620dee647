# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules about buckets want to know of a store before they ask anybody."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access_task import mistakes_in_access
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import mistakes_in, mistakes_in_upper
from tests.support.findings import sentences
from tests.support.object_stores import SHORT

UPPER = "This module looks at the upper level of the store, with manage: false too."


def of_others(kind: str) -> dict[str, Any]:
    """A bucket that is left alone, and that only the pods know."""
    return {"store": {"type": kind, "manage": False, "pods": SHORT[kind]}}


@pytest.mark.parametrize("kind", SHORT)
def test_whoever_asks_a_bucket_that_is_left_alone_has_to_say_where_it_is(kind: str) -> None:
    raw = of_others(kind)
    assert mistakes_in(raw) == []
    found = sentences(mistakes_in_upper(raw))
    assert found
    assert all(sentence.startswith("store.") and sentence.endswith(f". {UPPER}") for sentence in found)


@pytest.mark.parametrize("kind", SHORT)
def test_a_whole_upper_level_is_enough(kind: str) -> None:
    assert mistakes_in_upper({"store": {"type": kind, **SHORT[kind], "manage": False}}) == []


def test_what_is_wrong_is_said_once() -> None:
    raw = {"store": {"type": "S3", "bucket": "metrics", "access_key": "i"}}
    assert mistakes_in_upper(raw) == mistakes_in(raw)
    assert sentences(mistakes_in(raw)) == [
        "store.endpoint is required for S3.",
        "store.secret_key is missing: access_key and secret_key go together.",
    ]
    assert mistakes_in_upper({"store": None}) == mistakes_in({"store": None})


@pytest.mark.parametrize("kind", SHORT)
def test_documents_need_the_name_of_the_bucket(kind: str) -> None:
    found = sentences(mistakes_in_access(of_others(kind)))
    assert found
    assert all("is required" in sentence for sentence in found)


@pytest.mark.parametrize("kind", [None, "S4", ["S3"]])
def test_a_type_that_is_none_is_a_mistake_like_any_other(kind: Any) -> None:
    found = sentences(mistakes_in_access({"store": {"type": kind, "manage": False, "pods": {"bucket": "metrics"}}}))
    assert any("type" in sentence for sentence in found)


def test_documents_need_no_credential() -> None:
    store = {"type": "OBS", "manage": False, "bucket": "metrics", "endpoint": "127.0.0.1:1"}
    assert mistakes_in_access({"store": {**store, "pods": SHORT["OBS"]}}) == []


@pytest.mark.parametrize("options", [{"state": "absent"}, {"writer": ["metrics:thanos"]}])
def test_a_bucket_that_is_written_to_needs_a_credential(options: dict[str, Any]) -> None:
    keys = {key: SHORT["SWIFT"][key] for key in ("auth_url", "container_name")}
    store = {"type": "SWIFT", "manage": False, **keys, "pods": SHORT["SWIFT"]}
    assert mistakes_in_access({"store": store}) == []
    assert "no credential" in " ".join(sentences(mistakes_in_access({"store": store, **options})))


def test_an_empty_name_is_nobody() -> None:
    raw = {"store": {"type": "S3", **SHORT["S3"]}, "writer": ["arn:aws:iam::123456789012:user/w"], "reader": [""]}
    (sentence,) = sentences(mistakes_in_access(raw))
    assert sentence.startswith("reader[0]: an entry is no name")
