# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ceph's radosgw does differently from Amazon, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.objstore.conftest import Bucket, bucket_on, client_of
from tests.support.modules import run_module
from tests.testbed.stores.ceph import swift_user_of
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def server(servers: Callable[[str], Store]) -> Store:
    return servers("ceph")


@pytest.fixture
def bucket(server: Store) -> Bucket:
    return bucket_on(server)


def user(server: Store, name: str) -> tuple[str, Any, dict[str, str]]:
    """A new account: its name in a policy, its client, its keys."""
    keys = server.add_user(name)
    place = replace(server.place, access_key=keys["access_key"], secret_key=keys["secret_key"])
    return server.principal(name), client_of(place), keys


def test_a_second_run_changes_nothing_whatever_was_wished_for(on: Callable[[str], Bucket]) -> None:
    bucket = on("ceph+tls")
    wishes: dict[str, Any] = {
        "versioning": "enabled",
        "lifecycle": {"noncurrent_days": 3, "abort_incomplete_multipart_days": 2},
        "tags": {"z": "1", "a": "2"},
        "tls_only": True,
    }
    assert bucket.run(**wishes)["action"] == "created"
    for check in (True, False):
        again = bucket.run(check=check, **wishes)
        assert (again["changed"], again["action"]) == (False, "unchanged")


@pytest.mark.parametrize("kind", ["SSE-S3", "SSE-KMS"])
def test_encryption_without_a_key_service_is_put_back(bucket: Bucket, kind: str) -> None:
    bucket.run()
    assert "with this encryption no object can be written" in bucket.run(encryption={"type": kind})["msg"]
    with pytest.raises(bucket.client.exceptions.ClientError, match="ServerSideEncryptionConfigurationNotFound"):
        bucket.client.get_bucket_encryption(Bucket=bucket.name)
    bucket.client.put_object(Bucket=bucket.name, Key="a", Body=b"1")


def test_objects_can_be_written_and_read_by_nobody_else_once_public_access_is_blocked(
    server: Store, bucket: Bucket
) -> None:
    bucket.run()
    client, name = bucket.client, bucket.name
    client.put_object(Bucket=name, Key="a", Body=b"1", ACL="public-read")
    stranger = user(server, f"stranger-{name}")[1]
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        stranger.get_object(Bucket=name, Key="a")


def test_owner_reads_what_others_wrote_only_when_let_in(server: Store, bucket: Bucket) -> None:
    bucket.run()
    client, name, store = bucket.client, bucket.name, bucket.store
    who, writer, _keys = user(server, f"writer-{name}")
    reader_name, reader, _keys = user(server, f"reader-{name}")
    run_module("bucket_access", {"store": store, "writer": [who], "reader": [reader_name]})
    writer.put_object(Bucket=name, Key="a", Body=b"1")
    assert reader.get_object(Bucket=name, Key="a")["Body"].read() == b"1"
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.get_object(Bucket=name, Key="a")
    readers = [reader_name, server.principal(store["access_key"])]
    assert run_module("bucket_access", {"store": store, "writer": [who], "reader": readers})["changed"]
    assert client.get_object(Bucket=name, Key="a")["Body"].read() == b"1"


def test_owner_removes_what_others_wrote(server: Store, bucket: Bucket) -> None:
    bucket.run()
    who, writer, _keys = user(server, f"writer-{bucket.name}")
    run_module("bucket_access", {"store": bucket.store, "writer": [who]})
    writer.put_object(Bucket=bucket.name, Key="a", Body=b"1")
    assert bucket.run(options={"state": "absent", "force": True})["action"] == "deleted"


def test_bucket_of_another_account_is_not_touched(server: Store, bucket: Bucket) -> None:
    bucket.run()
    _who, _client, keys = user(server, f"other-{bucket.name}")
    refused = bucket.run(access_key=keys["access_key"], secret_key=keys["secret_key"], tags={"a": "b"})
    assert "belongs to another account" in refused["msg"]
    with pytest.raises(bucket.client.exceptions.ClientError, match="NoSuchTagSet"):
        bucket.client.get_bucket_tagging(Bucket=bucket.name)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"access_key": "nobody"}, "does not know this access_key"),
        ({"secret_key": "wrong-CANARY"}, "secret_key does not belong to access_key"),
        ({"insecure": False}, "the server does not speak TLS"),
        ({"ownership": "BucketOwnerEnforced"}, "ownership was asked for, but this server does not have it"),
    ],
)
def test_what_is_wrong_is_said(bucket: Bucket, changes: dict[str, Any], sentence: str) -> None:
    bucket.run()
    failed = bucket.run(**changes)
    assert sentence in failed["msg"]
    assert "CANARY" not in failed["msg"]
    assert "Traceback" not in failed.text


def test_swift_side_is_made_changed_and_removed_as_swift_is(server: Store, bucket: Bucket) -> None:
    place = server.place
    login = {"auth_url": f"{place.url}/auth/v1.0", "username": swift_user_of(place.access_key)}
    store = {"type": "SWIFT", **login, "password": place.secret_key, "container_name": f"side-{bucket.name}"}
    made = {"store": {**store, "tags": {"team": "eu"}}, "timeout": 5}
    who = server.add_user(f"side-{bucket.name}")["access_key"]
    access = {"store": store, "reader": [who], "timeout": 5}
    for module, arguments, action in (("bucket", made, "created"), ("bucket_access", access, "updated")):
        assert run_module(module, arguments, check=True)["action"] == action
        assert run_module(module, arguments)["action"] == action
        assert run_module(module, arguments)["action"] == "unchanged"
    assert run_module("bucket", made)["action"] == "unchanged"
    assert run_module("bucket", {**made, "state": "absent"})["action"] == "deleted"
