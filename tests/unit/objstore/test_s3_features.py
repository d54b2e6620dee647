# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of S3's features: what of a server's answer counts, and what is written."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.s3_features import AWS_ROWS, ROWS, Row

TAKE_AWAY = {"IgnorePublicAcls": True, "RestrictPublicBuckets": True}
REFUSE = {"BlockPublicAcls": True, "BlockPublicPolicy": True}


@pytest.mark.parametrize(
    ("rows", "flags", "wanted"),
    [
        (AWS_ROWS, {}, "open"),
        (AWS_ROWS, TAKE_AWAY, "open"),
        (AWS_ROWS, {**TAKE_AWAY, **REFUSE}, "blocked"),
        (ROWS, REFUSE, "open"),
        (ROWS, TAKE_AWAY, "blocked"),
        (ROWS, {**TAKE_AWAY, **REFUSE}, "blocked"),
    ],
)
def test_public_access_is_blocked_by_all_flags_on_aws_and_elsewhere_by_those_that_take_it_away(
    rows: Mapping[str, Row], flags: dict[str, bool], wanted: str
) -> None:
    assert rows["public_access"].normal({"PublicAccessBlockConfiguration": flags}) == wanted


@pytest.mark.parametrize(
    ("rows", "there", "put"),
    [
        (AWS_ROWS, {}, {**TAKE_AWAY, **REFUSE}),
        (ROWS, {"BlockPublicAcls": False}, {**TAKE_AWAY, "BlockPublicAcls": False}),
        (ROWS, {"BlockPublicPolicy": True, "IgnorePublicAcls": False}, {**TAKE_AWAY, "BlockPublicPolicy": True}),
    ],
)
def test_flags_of_others_are_written_back(
    rows: Mapping[str, Row], there: dict[str, bool], put: dict[str, bool]
) -> None:
    row = rows["public_access"]
    assert row.adds
    assert row.native is not None
    assert row.native("metrics", there) == {"Bucket": "metrics", "PublicAccessBlockConfiguration": put}
