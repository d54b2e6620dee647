# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removal of an S3 bucket that is shared by prefixes: what is not beneath ours is kept, in whatever form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.objstore.conftest import Bucket

BLOCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OURS, THEIRS = f"eu/{BLOCK}/meta.json", f"us/{BLOCK}/meta.json"
EVERYTHING = {"state": "absent", "force": True, "delete_blocks": True}


def an_object(bucket: Bucket) -> None:
    bucket.client.put_object(Bucket=bucket.name, Key=THEIRS, Body=b"{}")


def an_old_version(bucket: Bucket) -> None:
    bucket.run(profile="none", versioning="enabled")
    an_object(bucket)
    bucket.client.delete_object(Bucket=bucket.name, Key=THEIRS)


def an_unfinished_upload(bucket: Bucket) -> None:
    bucket.client.create_multipart_upload(Bucket=bucket.name, Key=THEIRS)


def everything_in(bucket: Bucket) -> list[Any]:
    versions = bucket.client.list_object_versions(Bucket=bucket.name)
    uploads = bucket.client.list_multipart_uploads(Bucket=bucket.name)
    parts = [versions.get("Versions"), versions.get("DeleteMarkers"), uploads.get("Uploads")]
    return sorted(entry["Key"] for part in parts for entry in part or ())


@pytest.mark.parametrize("made", [an_object, an_old_version, an_unfinished_upload], ids=lambda made: made.__name__)
def test_what_lies_outside_of_the_prefix_is_kept(versioned: Bucket, made: Callable[[Bucket], None]) -> None:
    bucket = versioned
    bucket.run(profile="none")
    made(bucket)
    bucket.client.put_object(Bucket=bucket.name, Key=OURS, Body=b"{}")
    before = everything_in(bucket)
    for check in (True, False):
        refused = bucket.run(check, options=EVERYTHING, prefix="eu")["msg"]
        assert f"holds objects outside of prefix 'eu' ({THEIRS}); it is kept" in refused
    assert everything_in(bucket) == before
    assert bucket.run(options=EVERYTHING)["action"] == "deleted"


def test_what_lies_beneath_the_prefix_goes_with_the_bucket(bucket: Bucket) -> None:
    bucket.run(profile="none")
    bucket.client.put_object(Bucket=bucket.name, Key=OURS, Body=b"{}")
    assert BLOCK in bucket.run(options={**EVERYTHING, "delete_blocks": False}, prefix="eu")["msg"]
    assert bucket.run(options=EVERYTHING, prefix="eu")["action"] == "deleted"
    assert not bucket.exists()
