# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MinIO: what the profile wishes and the server refuses is a warning; what the user asked for is an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.objstore.conftest import Bucket

UPLOADS = "lifecycle.abort_incomplete_multipart_days"


@pytest.fixture
def bucket(on: Callable[[str], Bucket]) -> Bucket:
    return on("minio")


def test_a_default_bucket_is_made_and_stays(bucket: Bucket) -> None:
    promised = bucket.run(check=True)
    made = bucket.run()
    assert not made.failed, made["msg"]
    assert (made["changed"], set(promised["features"])) == (True, set())
    for result in (promised, made):
        assert (result.warnings.count("public_access"), result.warnings.count(UPLOADS)) == (1, 1)
    again = [bucket.run(), bucket.run(check=True)]
    assert [(result["changed"], result["action"]) for result in again] == [(False, "unchanged")] * 2


def test_versions_are_still_dropped_where_they_are_kept(bucket: Bucket) -> None:
    made = bucket.run(versioning="enabled")
    assert not made.failed, made["msg"]
    rules = bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    assert [rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules] == [7]
    assert not bucket.run(versioning="enabled")["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_what_was_asked_for_is_an_error_that_says_what_to_leave_out(bucket: Bucket, check: bool) -> None:
    refused = bucket.run(check, lifecycle={"abort_incomplete_multipart_days": 3})
    assert refused.failed
    assert f"{UPLOADS} was asked for, but this server refuses it: MinIO" in refused["msg"]
    assert "or add lifecycle to unmanaged." in refused["msg"]
    assert not bucket.exists()


def test_whoever_cannot_be_named_in_a_policy_is_told_the_other_way(bucket: Bucket) -> None:
    refused = bucket.run(access={"reader": {"grant_to": ["arn:aws:iam:::user/store"]}})
    assert refused.failed
    assert "documents that the module bucket_access returns" in refused["msg"]
    assert not bucket.exists()
