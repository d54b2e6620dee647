# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle rules as Google Cloud Storage writes them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.gcs_lifecycle import read, write
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import LifecycleRule
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import (
    ABORT_RULE,
    DEFAULT_RULES,
    NONCURRENT_RULE,
)

DELETE = {"type": "Delete"}
ABORT = {"type": "AbortIncompleteMultipartUpload"}
COLD = {"type": "SetStorageClass", "storageClass": "ARCHIVE"}
THEIRS = "(rule 1)"


@pytest.mark.parametrize(
    ("action", "condition", "rule"),
    [
        (ABORT, {"age": 30}, LifecycleRule(ABORT_RULE, abort_days=30)),
        (ABORT, {"age": 1, "matchesPrefix": ["a"]}, LifecycleRule(THEIRS, prefixes=("a",))),
        (
            DELETE,
            {"daysSinceNoncurrentTime": 3},
            LifecycleRule(NONCURRENT_RULE, noncurrent_days=3, delete_markers=True),
        ),
        (DELETE, {"age": 3}, LifecycleRule(THEIRS, expires=True)),
        (DELETE, {"age": 3, "isLive": False}, LifecycleRule(THEIRS)),
        (
            DELETE,
            {"age": 3, "matchesPrefix": ["logs/", "tmp/"]},
            LifecycleRule(THEIRS, prefixes=("logs/", "tmp/"), expires=True),
        ),
        (DELETE, {"age": 3, "matchesSuffix": [".tmp", ".log"]}, LifecycleRule(THEIRS)),
        (DELETE, {"age": 3, "matchesSuffix": [".tmp", ".json"]}, LifecycleRule(THEIRS, expires=True)),
        (DELETE, {"age": 3, "matchesSuffix": [""]}, LifecycleRule(THEIRS, expires=True)),
        (DELETE, {"age": 3, "matchesSuffix": ["index"]}, LifecycleRule(THEIRS, expires=True)),
        (DELETE, {"age": 3, "matchesSuffix": ["1"]}, LifecycleRule(THEIRS, expires=True)),
        (COLD, {"age": 3}, LifecycleRule(THEIRS, cools=("ARCHIVE",))),
        (COLD, {"age": 3, "matchesSuffix": [".tmp"]}, LifecycleRule(THEIRS)),
    ],
)
def test_rule_is_understood(action: dict[str, Any], condition: dict[str, Any], rule: LifecycleRule) -> None:
    assert read([{"action": action, "condition": condition}]) == (rule,)


def test_only_rules_of_our_form_are_nameless() -> None:
    rules = read({"action": ABORT, "condition": condition} for condition in ({"age": 7}, {"age": 7, "isLive": True}))
    assert [rule.nameless for rule in rules] == [True, False]


def test_ours_come_back_as_they_were_written() -> None:
    ours = (*DEFAULT_RULES, LifecycleRule(NONCURRENT_RULE, noncurrent_days=1, delete_markers=True))
    assert read(write(ours)) == ours


def test_rules_of_others_are_written_as_they_were_read() -> None:
    native = {"action": DELETE, "condition": {"age": 1, "matchesPrefix": ["a", "b"], "somethingNew": 1}}
    assert write(read([native])) == [native]
