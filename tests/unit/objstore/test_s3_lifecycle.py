# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle rules as S3 servers write them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.s3_lifecycle import read, write
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import LifecycleRule
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import DEFAULT_RULES


@pytest.mark.parametrize(
    ("native", "rule"),
    [
        ({"ID": "a", "Status": "Enabled", "Prefix": "p"}, LifecycleRule("a", prefixes=("p",))),
        ({"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "p"}}, LifecycleRule("a", prefixes=("p",))),
        ({"Status": "Disabled", "Filter": {}}, LifecycleRule("(rule 1)", enabled=False)),
        ({"ID": "a", "Status": "Enabled", "Expiration": {"Days": 3}}, LifecycleRule("a", expires=True)),
        ({"ID": "a", "Status": "Enabled", "Expiration": {"Date": "2027-01-01"}}, LifecycleRule("a", expires=True)),
        (
            {
                "ID": "a",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "p", "Tags": [{}]}},
                "Expiration": {"Days": 1},
            },
            LifecycleRule("a", prefixes=("p",)),
        ),
        (
            {"ID": "a", "Status": "Enabled", "Filter": {"Tag": {}}, "Transitions": [{"StorageClass": "GLACIER"}]},
            LifecycleRule("a"),
        ),
        (
            {
                "ID": "a",
                "Status": "Enabled",
                "Transitions": [{"StorageClass": "GLACIER"}, {"StorageClass": "GLACIER_IR"}],
            },
            LifecycleRule("a", archives=("GLACIER",), cools=("GLACIER_IR",)),
        ),
        (
            {
                "ID": "a",
                "Status": "Enabled",
                "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
            LifecycleRule("a", noncurrent_days=3, delete_markers=True),
        ),
    ],
)
def test_rule_is_understood(native: dict[str, Any], rule: LifecycleRule) -> None:
    assert read([native]) == (rule,)


def test_ours_come_back_as_they_were_written() -> None:
    ours = (*DEFAULT_RULES, LifecycleRule("o11y.thanos/x", noncurrent_days=1, delete_markers=True))
    assert read(write(ours)) == ours


def test_rules_of_others_are_written_as_they_were_read() -> None:
    native = {"ID": "a", "Status": "Enabled", "Prefix": "p", "Something": {"new": 1}}
    assert write(read([native])) == [native]
