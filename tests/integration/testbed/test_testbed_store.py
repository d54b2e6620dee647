# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object stores: a private one for a test, with accounts, policies, versions, and TLS by a private authority."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, SSLError

from tests.testbed.errors import TestbedError
from tests.testbed.process import command_line
from tests.testbed.stores import base
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

BUCKET = "metrics"


def client(place: Place, access_key: str = "", secret_key: str = "", verify: str | None = None) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=place.url,
        region_name=base.REGION,
        aws_access_key_id=access_key or place.access_key,
        aws_secret_access_key=secret_key or place.secret_key,
        verify=verify,
    )


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((kind, tls), id=f"{kind}-{'tls' if tls else 'plain'}", marks=marks)
        for kind, marks in (("versitygw", ()), ("ceph", pytest.mark.slow))
        for tls in (False, True)
    ],
)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    kind, tls = request.param
    with Store(kind, tls=tls) as running:
        yield running


@pytest.fixture(scope="module")
def root(store: Store) -> Any:
    result = client(store.place, verify=str(store.place.ca_file) if store.place.tls else None)
    result.create_bucket(Bucket=BUCKET)
    return result


def test_account_may_do_what_a_bucket_policy_lets_it(store: Store, root: Any) -> None:
    keys = store.add_user("reader")
    reader = client(store.place, verify=str(store.place.ca_file) if store.place.tls else None, **keys)
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.list_objects_v2(Bucket=BUCKET)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [store.principal("reader")]},
        "Action": ["s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{BUCKET}"],
    }
    root.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert reader.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    with pytest.raises(ClientError, match="AccessDenied"):
        # Not a PUT: that is refused before its body is read, which a client over TLS may see as a cut connection.
        reader.delete_object(Bucket=BUCKET, Key="x")


def test_buckets_have_versions(root: Any) -> None:
    root.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        root.put_object(Bucket=BUCKET, Key="object", Body=body)
    assert len(root.list_object_versions(Bucket=BUCKET, Prefix="object")["Versions"]) == 2


def test_private_authority_is_needed_for_tls(store: Store) -> None:
    if store.place.tls:
        with pytest.raises(SSLError):
            client(store.place).list_buckets()
    else:
        assert store.describe()["ca_file"] is None


def test_second_up_keeps_server_and_credentials(store: Store) -> None:
    before = store.describe()
    assert store.up().describe() == before


def test_store_whose_port_is_taken_names_it() -> None:
    with Store("versitygw") as store:
        endpoint = store.place.endpoint
        place = store.place
        store.down()
        place.save()
        with (
            socket.create_server((place.address, place.port)),
            pytest.raises(TestbedError, match=f"another process already listens on {endpoint}"),
        ):
            store.up()


@pytest.mark.parametrize(
    "kind", ["versitygw", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("ceph", "swift-keystone"))]
)
def test_down_twice_leaves_nothing(kind: str) -> None:
    with Store(kind) as store:
        directory = store.place.directory
        assert running_in(directory)
        store.down()
        store.down()
    assert not directory.exists()
    assert running_in(directory) == []
    assert str(directory) not in Path("/proc/mounts").read_text()


def running_in(directory: Path) -> list[tuple[str, ...]]:
    """The command lines of all processes that name this folder."""
    lines = [command_line(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [line for line in lines if any(str(directory) in word for word in line)]


def test_unknown_server_is_refused_with_those_there_are() -> None:
    with pytest.raises(TestbedError, match="unknown object store 'cehp'; there is versitygw"):
        Store("cehp")
