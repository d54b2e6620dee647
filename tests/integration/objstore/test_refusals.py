# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real servers refuse, and what an interrupted run leaves: the bucket is as it was, and the next run goes on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.bad_servers import sentence
from tests.integration.objstore.conftest import Bucket, bucket_on
from tests.integration.objstore.enforcing_moto import add_user, enforcing_moto
from tests.support.http_server import CUT, Answer, HttpServer, Request, forward
from tests.support.modules import Result, run_module
from tests.testbed.stores import azurite, swift
from tests.testbed.stores.store import Store

Options = dict[str, Any]
On = Callable[[str], Bucket]
TAGS = {"team": "metrics"}


def said(bucket: Bucket, folder: Path, **changes: Any) -> str:
    """The sentence; what the bucket was like before it is still like that."""
    before = looks(bucket)
    text = sentence({**bucket.store, **changes}, folder)
    assert looks(bucket) == before
    assert not any(str(secret) in text for key, secret in {**bucket.store, **changes}.items() if key in SECRETS)
    return text


SECRETS = ("access_key", "secret_key", "session_token")


def looks(bucket: Bucket) -> list[Any]:
    """Settings and objects, as the owner's own boto3 sees them."""
    name = {"Bucket": bucket.name}
    if not bucket.exists():
        return []
    reads = (bucket.client.get_bucket_versioning, bucket.client.get_bucket_tagging, bucket.client.list_objects_v2)
    return [{key: value for key, value in read(**name).items() if key != "ResponseMetadata"} for read in reads]


@pytest.fixture
def made(on: On) -> Bucket:
    """A bucket of versitygw's root."""
    bucket = on("versitygw")
    assert bucket.run(tags=TAGS)["changed"]
    return bucket


# ---- S3 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_clock_that_is_wrong(made: Bucket, minutes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import botocore.auth

    wrong = datetime.timedelta(minutes=minutes)
    right = botocore.auth.get_current_datetime
    before = looks(made)
    with monkeypatch.context() as patched:
        patched.setattr(botocore.auth, "get_current_datetime", lambda *given, **named: right(*given, **named) + wrong)
        text = sentence(made.store, tmp_path)
    assert "the clock of this host differs too much from the server's; set the clock" in text
    assert looks(made) == before


def test_a_bucket_of_somebody_else(made: Bucket, servers: Callable[[str], Store], tmp_path: Path) -> None:
    stranger = servers("versitygw").add_user(f"stranger-{made.name}")
    text = said(made, tmp_path, **stranger)
    assert "looking for the bucket is forbidden; the credential lacks s3:ListBucket, or the bucket belongs to" in text


def test_the_missing_permission_is_named(made: Bucket, servers: Callable[[str], Store], tmp_path: Path) -> None:
    reader = servers("versitygw").add_user(f"reader-{made.name}")
    assert run_module("bucket_access", {"store": made.store, "reader": [reader["access_key"]]})["changed"]
    text = sentence({**made.store, **reader, "versioning": "enabled"}, tmp_path)
    assert "versioning was asked for, but this credential may not read it (needs s3:GetBucketVersioning)" in text
    assert "it was left as it was" in text
    assert "Status" not in made.client.get_bucket_versioning(Bucket=made.name)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"access_key": "nobody-at-all"}, "the server does not know this access_key"),
        ({"secret_key": "of-somebody-else"}, "secret_key does not belong to access_key"),
        ({"region": "eu-west-1"}, "the server is in region 'us-east-1', not in 'eu-west-1'; set region"),
    ],
)
def test_what_the_server_refuses(made: Bucket, changes: Options, wanted: str, tmp_path: Path) -> None:
    assert wanted in said(made, tmp_path, **changes)


def test_nobody_may_make_what_the_policy_of_its_user_does_not_name(tmp_path: Path) -> None:
    # HEAD of a bucket, which needs s3:ListBucket elsewhere, has an action of its own here.
    statement = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:HeadBucket", "s3:GetBucket*"], "Resource": "*"}
    with enforcing_moto() as server:
        owner = bucket_on(server)
        user = add_user(server, "reader", {"Version": "2012-10-17", "Statement": [statement]})
        mine = {**owner.store, **user}
        assert "creating the bucket is forbidden; the credential lacks s3:CreateBucket" in sentence(mine, tmp_path)
        assert not owner.exists()
        owner.run(profile="none")
        text = sentence({**mine, "profile": "none", "tags": TAGS}, tmp_path)
        assert "writing tags is forbidden; the credential lacks s3:PutBucketTagging" in text
        with pytest.raises(owner.client.exceptions.ClientError, match="NoSuchTagSet"):
            owner.client.get_bucket_tagging(Bucket=owner.name)


def test_a_private_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with Store("versitygw", tls=True) as server:
        bucket = bucket_on(server)
        assert "signed by an authority that is not trusted; for a private" in said(bucket, tmp_path)
        assert "check endpoint, and whether it speaks TLS there or not" in said(bucket, tmp_path, insecure=True)
        assert bucket.run(ca=str(server.place.ca_file))["action"] == "created"


# ---- an interrupted run ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interrupted:
    """``store`` at a URL, with ``environment``; the store's server is at ``url``."""

    url: str
    store: Callable[[str], Options] = field(repr=False)
    environment: Callable[[str], dict[str, str]] = field(default=lambda _url: {}, repr=False)

    def run(self, url: str) -> Result:
        """Run ``bucket`` as if the server were at ``url``."""
        return run_module("bucket", {"store": self.store(url), "timeout": 5}, environment=self.environment(url))


def _moto(server: Store) -> Interrupted:
    bucket = bucket_on(server)
    return Interrupted(
        server.place.url, lambda url: {**bucket.store, "endpoint": url.removeprefix("http://"), "tags": TAGS}
    )


def _azurite(server: Store) -> Interrupted:
    text = azurite.connection_string(server.place)
    names = {"type": "AZURE", "storage_account": azurite.ACCOUNT, "container": "interrupted", "tags": TAGS}
    return Interrupted(
        server.place.url,
        lambda url: {**names, "storage_connection_string": text.replace(server.place.url, url)},
    )


def _swift(server: Store) -> Interrupted:
    login = {"username": swift.user_of(server.place), "password": server.place.secret_key}
    names = {"type": "SWIFT", "container_name": "interrupted", "tags": TAGS}
    return Interrupted(server.place.url, lambda url: {**names, **login, "auth_url": f"{url}/auth/v1.0"})


def _gcs(server: Store) -> Interrupted:
    store = {"type": "GCS", "bucket": "interrupted", "project": "metrics", "tags": TAGS}
    return Interrupted(server.place.url, lambda _url: store, lambda url: {"STORAGE_EMULATOR_HOST": url})


INTERRUPTED = {"moto": _moto, "azurite": _azurite, "swift": _swift, "gcs": _gcs}
SLOW = ("azurite", "swift", "gcs")


@pytest.fixture(params=[pytest.param(kind, marks=pytest.mark.slow if kind in SLOW else ()) for kind in INTERRUPTED])
def interrupted(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Interrupted:
    """A bucket that is not there yet, on each kind of server."""
    return INTERRUPTED[request.param](servers(request.param))


def cut_after_the_first_write(url: str) -> Callable[[Request], Answer | str]:
    """What makes the bucket goes through; what would configure it does not."""
    written: list[str] = []

    def rule(request: Request) -> Answer | str:
        if request.method in ("PUT", "POST", "PATCH"):
            written.append(request.path)
            if len(written) > 1:
                return CUT
        return forward(url, request)

    return rule


def test_a_run_that_was_cut_off_goes_on(interrupted: Interrupted) -> None:
    with HttpServer(cut_after_the_first_write(interrupted.url)) as between:
        cut = interrupted.run(between.url)
    assert "could not be set" in cut["msg"]
    assert cut["msg"].endswith("When that is mended, run again to go on.")
    assert "Traceback" not in cut.text
    again = interrupted.run(interrupted.url)
    assert (again["action"], again["features"]["tags"]) == ("updated", TAGS)
    assert interrupted.run(interrupted.url)["action"] == "unchanged"


# ---- Azure and Swift -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("AccountKey=", "AccountKey=AAAA", "the server refuses the credential"),
        ("AccountKey=.*?;", "AccountKey=abcde;", "AccountKey in storage_connection_string, is malformed"),
        (f"AccountName={azurite.ACCOUNT}", "AccountName=another", "the server refuses the credential"),
    ],
)
def test_azure_refuses(servers: Callable[[str], Store], old: str, new: str, wanted: str, tmp_path: Path) -> None:
    text = re.sub(old, new, azurite.connection_string(servers("azurite").place))
    names = {"type": "AZURE", "storage_account": azurite.ACCOUNT, "container": "refused"}
    found = sentence({**names, "storage_connection_string": text}, tmp_path)
    assert wanted in found
    assert azurite.key_of(servers("azurite").place) not in found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"username": "testbed:nobody"}, "check the user, its domain and password"),
        ({"username": f"{swift.ACCOUNT}:other"}, "is forbidden; the user needs a role that may do this in the project"),
        ({"path": "/v1"}, "check the path of auth_url"),
    ],
)
def test_swift_refuses(servers: Callable[[str], Store], changes: Options, wanted: str, tmp_path: Path) -> None:
    store = _swift(servers("swift")).store(servers("swift").place.url)
    url = store["auth_url"].replace("/auth/v1.0", changes.get("path", "/auth/v1.0"))
    more = {name: value for name, value in changes.items() if name != "path"}
    assert wanted in sentence({**store, "container_name": "refused", "auth_url": url, **more}, tmp_path)
