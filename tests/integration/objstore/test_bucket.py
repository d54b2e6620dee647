# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bucket module against real S3 servers: what it wrote, not what it said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.objstore.conftest import Bucket
from tests.support.modules import run_module

On = Callable[[str], Bucket]
BLOCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
RULE = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1}}


def test_absent_check_present_check_present(bucket: Bucket) -> None:
    assert bucket.run(check=True)["action"] == "created"
    assert not bucket.exists()
    assert bucket.run()["action"] == "created"
    assert bucket.exists()
    for check in (True, False):
        again = bucket.run(check=check)
        assert (again["changed"], again["action"]) == (False, "unchanged")


def test_profile_is_on_the_server(rich: Bucket) -> None:
    bucket = rich
    bucket.run()
    block = bucket.client.get_public_access_block(Bucket=bucket.name)["PublicAccessBlockConfiguration"]
    rules = bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    assert {flag for flag, is_set in block.items() if is_set} == {"IgnorePublicAcls", "RestrictPublicBuckets"}
    assert [rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] for rule in rules] == [7]
    assert "Status" not in bucket.client.get_bucket_versioning(Bucket=bucket.name)


def test_what_others_refuse_to_the_public_stays_refused(rich: Bucket) -> None:
    bucket = rich
    bucket.run(profile="none")
    client, name = bucket.client, bucket.name
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    assert bucket.run()["diff"]["before"]["public_access"] == "open"
    block = client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert [flag for flag, is_set in block.items() if not is_set] == ["BlockPublicAcls"]


def test_a_server_without_a_feature_is_a_warning_unless_it_was_asked_for(on: On) -> None:
    bucket = on("versitygw")
    assert "lifecycle is wanted by profile thanos" in bucket.run().warnings
    refused = bucket.run(encryption={"type": "SSE-S3"}, tags={"a": "b"})
    assert "encryption was asked for, but this server does not have it" in refused["msg"]
    assert bucket.run(unsupported="ignore").values.get("warnings", []) == []


def test_tags_that_a_server_refuses_are_named(on: On) -> None:
    failed = on("moto").run(tags={"team": "a", "aws:id": "b"})["msg"]
    assert "tags could not be set" in failed
    assert "tags.aws:id: names that begin with aws: are Amazon's own; choose another one." in failed


def test_nothing_is_made_where_a_wish_cannot_be_met(on: On) -> None:
    bucket = on("versitygw")
    bucket.run(profile="none")
    assert bucket.run(encryption={"type": "SSE-S3"}, tags={"a": "b"}).failed
    with pytest.raises(bucket.client.exceptions.ClientError, match="NoSuchTagSet"):
        bucket.client.get_bucket_tagging(Bucket=bucket.name)


def test_rules_tags_and_policy_of_others_stay(rich_tls: Bucket) -> None:
    bucket = rich_tls
    bucket.run(profile="none")
    client, name = bucket.client, bucket.name
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [RULE]})
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "theirs", "Value": "1"}]})
    client.put_bucket_policy(Bucket=name, Policy=policy(name))
    assert bucket.run(tags={"ours": "1"}, tls_only=True)["changed"]
    assert {r["ID"] for r in client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]} > {"theirs"}
    assert {t["Key"] for t in client.get_bucket_tagging(Bucket=name)["TagSet"]} == {"theirs", "ours"}
    assert sids(bucket) == {"Theirs", "O11yThanosTlsOnly"}
    bucket.run(tls_only=False)
    assert sids(bucket) == {"Theirs"}


def policy(name: str) -> str:
    return (
        '{"Version": "2012-10-17", "Statement": {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", '
        f'"Action": "s3:PutObject", "Resource": "arn:aws:s3:::{name}/forbidden/*"}}}}'
    )


def sids(bucket: Bucket) -> set[str]:
    import json

    found = json.loads(bucket.client.get_bucket_policy(Bucket=bucket.name)["Policy"])["Statement"]
    return {s["Sid"] for s in (found if isinstance(found, list) else [found])}


def test_last_owned_rule_goes_with_its_profile(rich: Bucket) -> None:
    bucket = rich
    bucket.run()
    bucket.run(lifecycle={"noncurrent_days": 3})
    rules = bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    assert [rule["ID"] for rule in rules] == ["o11y.thanos/noncurrent-versions"]


def test_drift_is_repaired_and_shown(rich: Bucket) -> None:
    bucket = rich
    bucket.run(tags={"a": "1"})
    bucket.client.put_bucket_tagging(Bucket=bucket.name, Tagging={"TagSet": [{"Key": "a", "Value": "2"}]})
    changed = bucket.run(tags={"a": "1"})
    assert (changed["diff"]["before"]["tags"], changed["diff"]["after"]["tags"]) == ({"a": "2"}, {"a": "1"})


def test_versioning_goes_on_and_off(versioned: Bucket) -> None:
    bucket = versioned
    bucket.run(versioning="enabled")
    assert bucket.client.get_bucket_versioning(Bucket=bucket.name)["Status"] == "Enabled"
    bucket.run()
    assert bucket.client.get_bucket_versioning(Bucket=bucket.name)["Status"] == "Suspended"
    assert not bucket.run()["changed"]


def test_expiry_by_others_stops_the_run(rich: Bucket) -> None:
    bucket = rich
    bucket.run(profile="none")
    rule = {**RULE, "Filter": {"Prefix": ""}}
    bucket.client.put_bucket_lifecycle_configuration(Bucket=bucket.name, LifecycleConfiguration={"Rules": [rule]})
    assert "deletes live objects" in bucket.run()["msg"]
    assert bucket.run(allow=["expiry"])["changed"]


def test_a_bucket_with_objects_is_not_removed(bucket: Bucket) -> None:
    bucket.run()
    bucket.client.put_object(Bucket=bucket.name, Key="a", Body=b"1")
    assert "is not empty" in bucket.run(options={"state": "absent"})["msg"]
    assert bucket.run(check=True, options={"state": "absent", "force": True})["changed"]
    assert bucket.exists()
    assert bucket.run(options={"state": "absent", "force": True})["action"] == "deleted"
    assert not bucket.exists()
    assert bucket.run(options={"state": "absent"})["action"] == "unchanged"


def test_blocks_need_a_second_word(bucket: Bucket) -> None:
    bucket.run()
    bucket.client.put_object(Bucket=bucket.name, Key=f"eu/{BLOCK}/meta.json", Body=b"{}")
    refused = bucket.run(options={"state": "absent", "force": True})["msg"]
    assert BLOCK in refused
    assert "delete_blocks: true" in refused
    assert bucket.client.get_object(Bucket=bucket.name, Key=f"eu/{BLOCK}/meta.json")
    assert bucket.run(options={"state": "absent", "force": True, "delete_blocks": True})["changed"]
    assert not bucket.exists()


def test_versions_and_unfinished_uploads_go_too(versioned: Bucket) -> None:
    bucket = versioned
    bucket.run(versioning="enabled")
    for body in (b"1", b"2"):
        bucket.client.put_object(Bucket=bucket.name, Key="a", Body=body)
    bucket.client.delete_object(Bucket=bucket.name, Key="a")
    bucket.client.create_multipart_upload(Bucket=bucket.name, Key="b")
    assert "is not empty" in bucket.run(options={"state": "absent"})["msg"]
    assert bucket.run(options={"state": "absent", "force": True})["action"] == "deleted"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"access_key": "nobody"}, "does not know this access_key"),
        ({"secret_key": "wrong"}, "secret_key does not belong to access_key"),
        ({"region": "eu-west-1"}, "the server is in region 'us-east-1', not in 'eu-west-1'"),
        ({"insecure": False}, "the server does not speak TLS"),
        ({"endpoint": "127.0.0.1:1"}, "nothing answers there"),
    ],
)
def test_what_is_wrong_is_said(on: On, changes: dict[str, Any], sentence: str) -> None:
    bucket = on("versitygw")
    bucket.run()
    failed = bucket.run(**changes)
    assert sentence in failed["msg"]
    assert "Traceback" not in failed.text


def test_info_shows_what_is_there(on: On) -> None:
    bucket = on("versitygw")
    assert not run_module("bucket_info", {"store": bucket.store})["exists"]
    bucket.run(tags={"a": "b"})
    found = run_module("bucket_info", {"store": bucket.store})
    assert (found["changed"], found["exists"], found["region"]) == (False, True, "us-east-1")
    assert {name: found["features"][name]["state"] for name in ("tags", "versioning", "lifecycle")} == {
        "tags": "value",
        "versioning": "absent",
        "lifecycle": "unsupported",
    }
    assert found["features"]["tags"]["value"] == {"a": "b"}
    assert "there is no such option" in run_module("bucket_info", {"store": bucket.store, "state": "absent"})["msg"]


def test_a_bucket_of_others_is_not_looked_at() -> None:
    store = {"type": "COS", "endpoint": "https://b.example", "secret_id": "i", "secret_key": "k"}
    left = run_module("bucket", {"store": {**store, "manage": False}})
    assert (left["changed"], left["action"]) == (False, "unmanaged")
    assert "set manage: false" in run_module("bucket", {"store": store})["msg"]


def test_all_mistakes_come_at_once_and_nothing_is_made(bucket: Bucket) -> None:
    failed = bucket.run(endpoint="http://h/x", buckt="x", versioning="perhaps", part_size=1)
    assert len(failed["problems"]) == 4
    assert not bucket.exists()
