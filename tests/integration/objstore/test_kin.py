# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MinIO's kin: servers with users of their own. What a first run accepts a second run accepts; what each refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.objstore.conftest import GARAGE, SEAWEEDFS, Bucket, bucket_on
from tests.integration.objstore.matrix_servers import BLOCK_KEY, refused, s3_client, s3_deeds
from tests.integration.objstore.test_thanos import META
from tests.support.store_users import own_user
from tests.testbed.stores.store import Store

ALL = ["minio", SEAWEEDFS, GARAGE]
# What a default bucket lacks: each a warning, in every run.
LACKS = {"minio": ["public_access", "lifecycle"], "seaweedfs": [], "garage": ["public_access"]}
LIST, READ, WRITE, DELETE = "list", "read", "write", "delete"
DEEDS = {"reader": {LIST, READ}, "writer": {LIST, READ, WRITE}, "compactor": {LIST, READ, WRITE, DELETE}}
# Where a role's user can do more than it has to.
BEYOND = {("garage", "writer"): {DELETE}}
On = Callable[[str], Bucket]


@pytest.mark.parametrize("kind", ALL)
def test_a_default_bucket_is_made_and_stays(on: On, kind: str) -> None:
    bucket = on(kind)
    made = bucket.run()
    assert not made.failed, made["msg"]
    # The others name none, and take whatever a request says.
    assert (made["changed"], made["region"]) == (True, "garage" if kind == "garage" else "")
    assert [feature for feature in ("public_access", "lifecycle") if feature in made.warnings] == LACKS[kind]
    for again in (bucket.run(check=True), bucket.run()):
        assert (again["changed"], again["action"]) == (False, "unchanged")


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("role", DEEDS)
def test_a_user_of_the_server_can_do_what_the_role_needs(servers: Callable[[str], Store], kind: str, role: str) -> None:
    server = servers(kind)
    bucket = bucket_on(server)
    bucket.run()
    bucket.client.put_object(Bucket=bucket.name, Key=BLOCK_KEY, Body=META)
    theirs = s3_client(server.place, own_user(server, bucket.name, role))
    possible = {deed for deed, act in s3_deeds(theirs, bucket.name).items() if not refused(act)}
    assert possible == DEEDS[role] | BEYOND.get((kind, role), set())


@pytest.mark.parametrize("kind", ALL)
def test_all_that_thanos_leaves_goes_with_the_bucket(on: On, kind: str) -> None:
    bucket = on(kind)
    bucket.run()
    bucket.client.put_object(Bucket=bucket.name, Key=BLOCK_KEY, Body=META)
    bucket.client.create_multipart_upload(Bucket=bucket.name, Key="unfinished")
    assert bucket.run(options={"state": "absent", "force": True}).failed
    assert bucket.run(options={"state": "absent", "force": True, "delete_blocks": True})["action"] == "deleted"
    assert bucket.run(options={"state": "absent"})["action"] == "unchanged"


@pytest.mark.slow
def test_seaweedfs_takes_any_region(on: On) -> None:
    bucket = on("seaweedfs")
    assert [bucket.run(region=region)["changed"] for region in ("eu-west-1", "us-east-1")] == [True, False]


@pytest.mark.slow
def test_seaweedfs_keeps_versions_and_drops_old_ones(on: On) -> None:
    bucket = on("seaweedfs")
    assert bucket.run(versioning="enabled")["features"]["versioning"] == "enabled"
    rules = bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    assert sorted(rule["ID"] for rule in rules) == [
        "o11y.thanos/abort-incomplete-multipart",
        "o11y.thanos/noncurrent-versions",
    ]
    assert not bucket.run(versioning="enabled")["changed"]


@pytest.mark.slow
def test_seaweedfs_without_a_key_of_its_own_encrypts_nothing(on: On) -> None:
    bucket = on("seaweedfs")
    failed = bucket.run(encryption={"type": "SSE-S3"})
    assert "encryption could not be set: with this encryption no object can be written" in failed["msg"]
    assert "the former one was put back" in failed["msg"]
    bucket.client.put_object(Bucket=bucket.name, Key="a", Body=b"1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"region": "us-east-1"}, "the server is in region 'garage', not in 'us-east-1'; set region"),
        ({"versioning": "enabled"}, "versioning could not be set: this server does not have it (NotImplemented)"),
        ({"lifecycle": {"noncurrent_days": 3}}, "writing lifecycle failed: the server answers InvalidRequest"),
        ({"tags": {"a": "b"}}, "tags was asked for, but this server does not have it"),
        ({"access": {"reader": {"grant_to": ["reader"]}}}, "access was asked for, but this server does not have it"),
    ],
)
def test_what_garage_does_not_have_is_an_error_that_says_so(on: On, wishes: dict[str, Any], sentence: str) -> None:
    bucket = on("garage")
    bucket.run()
    failed = bucket.run(**wishes)
    assert failed.failed
    assert sentence in failed["msg"]
    assert not bucket.run()["changed"]
