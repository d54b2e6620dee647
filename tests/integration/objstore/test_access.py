# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Least privilege where a server enforces it: what each role may do it can, and nothing beyond it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.conftest import Bucket, bucket_on, client_of
from tests.integration.objstore.test_thanos import BLOCK, META, ls, thanos
from tests.support.modules import Result, run_module
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

__all__ = ["thanos"]
ROLES = ("reader", "writer", "compactor")
# What each role can do of: list, read, see that something is missing, write, abort an upload, delete.
ALLOWED = {
    "reader": {"list", "read", "missing"},
    "writer": {"list", "read", "missing", "write", "abort"},
    "compactor": {"list", "read", "missing", "write", "abort", "delete"},
}


# Everything to everybody.
EVERYBODY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}]}


def access(store: dict[str, Any], check: bool = False, **options: Any) -> Result:
    return run_module("bucket_access", {"store": store, "timeout": 5, **options}, check=check, diff=True)


def possible(client: Any, name: str) -> set[str]:
    """What this client can do, by doing it."""
    from botocore.exceptions import ClientError

    def missing() -> None:
        try:
            client.head_object(Bucket=name, Key="nothing")
        except ClientError as e:
            if e.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise

    def abort() -> None:
        upload = client.create_multipart_upload(Bucket=name, Key="upload")["UploadId"]
        client.abort_multipart_upload(Bucket=name, Key="upload", UploadId=upload)

    deeds: dict[str, Callable[[], Any]] = {
        "list": lambda: client.list_objects_v2(Bucket=name),
        "read": lambda: client.get_object(Bucket=name, Key=f"{BLOCK}/meta.json"),
        "missing": missing,
        "write": lambda: client.put_object(Bucket=name, Key="written", Body=b"1"),
        "abort": abort,
        "delete": lambda: client.delete_object(Bucket=name, Key="written"),
        "empty": lambda: client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"}),
        "policy": lambda: client.get_bucket_policy(Bucket=name),
        "let in": lambda: client.put_bucket_policy(Bucket=name, Policy=json.dumps(EVERYBODY)),
        "lock out": lambda: client.delete_bucket_policy(Bucket=name),
        "tag": lambda: client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": []}),
        "hand over": lambda: client.put_bucket_acl(Bucket=name, ACL="public-read-write"),
        "remove": lambda: client.delete_bucket(Bucket=name),
    }
    done = set()
    for deed, act in deeds.items():
        try:
            act()
        except ClientError as e:
            if e.response["ResponseMetadata"]["HTTPStatusCode"] != 403:
                raise
        else:
            done.add(deed)
    return done


@pytest.fixture(scope="module", params=["versitygw", pytest.param("ceph", marks=pytest.mark.slow)])
def granted(
    request: pytest.FixtureRequest, servers: Callable[[str], Store]
) -> tuple[Bucket, Place, dict[str, dict[str, str]]]:
    """A bucket with a block, its server, and role → credential that it lets in."""
    server = servers(request.param)
    bucket = bucket_on(server)
    users = {role: server.add_user(f"{role}-{bucket.name}") for role in ROLES}
    bucket.run()
    bucket.client.put_object(Bucket=bucket.name, Key=f"{BLOCK}/meta.json", Body=META)
    grants: dict[str, Any] = {role: [server.principal(user["access_key"])] for role, user in users.items()}
    assert access(bucket.store, check=True, **grants)["changed"]
    assert access(bucket.store, **grants)["action"] == "updated"
    assert not access(bucket.store, **grants)["changed"]
    return bucket, server.place, users


@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_do_what_it_needs_and_nothing_more(
    granted: tuple[Bucket, Place, dict[str, dict[str, str]]], role: str
) -> None:
    bucket, place, users = granted
    keys = users[role]
    client = client_of(replace(place, access_key=keys["access_key"], secret_key=keys["secret_key"]))
    assert possible(client, bucket.name) == ALLOWED[role]


@pytest.mark.parametrize("role", ROLES)
def test_thanos_lists_blocks_as_every_role(
    granted: tuple[Bucket, Place, dict[str, dict[str, str]]], thanos: Path, tmp_path: Path, role: str
) -> None:
    bucket, _place, users = granted
    code, output = ls(thanos, tmp_path, {**bucket.store, **users[role]})
    assert (code, BLOCK in output) == (0, True), output


def test_statements_of_others_stay_and_ours_go(on: Callable[[str], Bucket]) -> None:
    bucket = on("moto+tls")
    bucket.run(tls_only=True)
    user = "arn:aws:iam::123456789012:user/thanos"
    access(bucket.store, reader=[user], compactor=[user])
    assert sids(bucket) == {"O11yThanosTlsOnly", *(f"O11yThanos{r}{p}" for r in ("Reader", "Compactor") for p in PARTS)}
    assert access(bucket.store, reader=[user])["changed"]
    assert sids(bucket) == {"O11yThanosTlsOnly", *(f"O11yThanosReader{part}" for part in PARTS)}
    assert not bucket.run(tls_only=True)["changed"]
    assert access(bucket.store, state="absent")["changed"]
    assert sids(bucket) == {"O11yThanosTlsOnly"}
    assert not access(bucket.store, state="absent")["changed"]


def test_statements_for_another_prefix_stay(on: Callable[[str], Bucket]) -> None:
    bucket = on("moto")
    bucket.run()
    user = "arn:aws:iam::123456789012:user/thanos"
    stores = [{**bucket.store, **prefix} for prefix in ({}, {"prefix": "eu"}, {"prefix": "/us/"})]
    for store in stores:
        assert access(store, reader=[user])["action"] == "updated"
    assert [access(store, reader=[user])["changed"] for store in stores] == [False, False, False]
    assert len(sids(bucket)) == len(stores) * len(PARTS)
    found = access(stores[1], writer=[user])["diff"]
    assert [len(found[side]["access"]) for side in ("before", "after")] == [len(PARTS), len(PARTS)]
    for number, store in enumerate(stores, start=1):
        assert access(store, state="absent")["changed"]
        if number < len(stores):
            assert len(sids(bucket)) == (len(stores) - number) * len(PARTS)
    with pytest.raises(bucket.client.exceptions.ClientError, match="NoSuchBucketPolicy"):
        sids(bucket)


PARTS = ("List", "Objects")


def sids(bucket: Bucket) -> set[str]:
    policy = json.loads(bucket.client.get_bucket_policy(Bucket=bucket.name)["Policy"])
    return {statement["Sid"] for statement in policy["Statement"]}


def test_a_missing_bucket_is_not_made(on: Callable[[str], Bucket]) -> None:
    bucket = on("moto")
    user = "arn:aws:iam::1:user/a"
    assert "make it with the module bucket first" in access(bucket.store, reader=[user])["msg"]
    expected = access(bucket.store, check=True, reader=[user])
    assert (expected["changed"], expected["action"], expected["diff"]["before"]) == (True, "updated", "")
    assert user in str(expected["diff"]["after"]["access"])
    assert "does not exist yet" in expected.warnings
    assert not bucket.exists()


@pytest.mark.parametrize("check", [True, False])
def test_in_a_missing_bucket_nobody_has_to_be_taken_out(on: Callable[[str], Bucket], check: bool) -> None:
    bucket = on("moto")
    gone = access(bucket.store, check=check, state="absent", reader=["arn:aws:iam::1:user/a"])
    assert (gone["changed"], gone["action"], set(gone["documents"])) == (False, "unchanged", set(ROLES))
    assert not bucket.exists()


def test_documents_come_without_a_bucket() -> None:
    store = {"type": "OCI", "provider": "default", "bucket": "metrics"}
    shown = access(store)
    assert (shown["changed"], set(shown["documents"])) == (False, set(ROLES))
    assert "carries no access list" in access(store, reader=["a"])["msg"]


def test_nobody_is_taken_out_where_nobody_could_be_let_in() -> None:
    store = {"type": "AZURE", "storage_account": "metrics1", "container": "metrics"}
    gone = access(store, state="absent")
    assert (gone["changed"], gone["action"], set(gone["documents"])) == (False, "unchanged", set(ROLES))


def test_a_bucket_that_only_the_pods_know_is_not_looked_for() -> None:
    keys = {"bucket": "metrics", "endpoint": "127.0.0.1:1"}
    store = {"type": "S3", "manage": False, "pods": keys}
    for found in (access(store), access(store, state="absent"), run_module("bucket_info", {"store": store})):
        assert [sentence.partition(".")[2].split()[0] for sentence in found["problems"]] == list(keys)
        assert "the upper level of the store, with manage: false too" in found["msg"]


def test_the_name_of_a_key_tears_no_hole_into_documents() -> None:
    store = {"type": "S3", "bucket": "thanos-metrics", "endpoint": "127.0.0.1:1", "access_key": "thanos"}
    found = run_module("bucket_access", {"store": {**store, "secret_key": "s3cr3t-key"}})
    resources = [statement["Resource"] for statement in found["documents"]["reader"]["Statement"]]
    assert resources == [["arn:aws:s3:::thanos-metrics"], ["arn:aws:s3:::thanos-metrics/*"]]


def test_documents_with_a_hole_are_not_handed_out() -> None:
    store = {"type": "S3", "bucket": "thanos-metrics", "endpoint": "127.0.0.1:1", "access_key": "thanos"}
    refused = run_module("bucket_access", {"store": {**store, "secret_key": "metrics"}})
    assert refused.failed
    assert "'documents' would hold the value of a secret option of this task" in refused["msg"]
    assert "documents" not in refused.values


@pytest.mark.parametrize("server", ["versitygw"])
def test_nobody_is_let_in_where_the_documents_would_have_a_hole(servers: Callable[[str], Store], server: str) -> None:
    from botocore.exceptions import ClientError

    running = servers(server)
    bucket = bucket_on(running)
    user = running.add_user(f"reader-{bucket.name}")
    bucket.run()
    store = {**bucket.store, "pods": {"access_key": "pods", "secret_key": bucket.name}}
    refused = access(store, reader=[running.principal(user["access_key"])])
    assert refused.failed
    assert "This task changed nothing" in refused["msg"]
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        bucket.client.get_bucket_policy(Bucket=bucket.name)
