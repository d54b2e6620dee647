# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that take the DELETE of a setting that they do not know for that of the bucket: it outlives every run."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import run
from tests.integration.objstore.conftest import Bucket, bucket_on
from tests.testbed.stores import ceph, swift
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.slow
WISHES: dict[str, list[Any]] = {
    "versioning": [None, "enabled"],
    "encryption": [None, {"type": "SSE-KMS"}],
    "ownership": [None, "BucketOwnerEnforced"],
    "lifecycle": [{}, {"noncurrent_days": 1}],
    "tags": [None, {}, {"a": "b"}],
    "tls_only": [None, True, False],
    "unsupported": [None, "ignore"],
}
# Kind of server → (its user by the API of Swift, what its S3 side calls that user in the place of the access key).
SIDES: dict[str, tuple[Callable[[Place], str], Callable[[Place], str]]] = {
    "swift": (swift.user_of, swift.user_of),
    "ceph": (lambda place: ceph.swift_user_of(place.access_key), lambda place: place.access_key),
}
# Those that have no other API. SeaweedFS makes a bucket that is missing when its owner writes an object to it.
ONE_SIDED = ("minio", "seaweedfs", "garage")
DEFAULTS = {"manage": True, "profile": "thanos", "purge_tags": True}
# A DELETE that removes the bucket itself.
TRAPS = {"swift": "delete_bucket_lifecycle", "ceph": "delete_bucket_ownership_controls"}


@pytest.fixture(params=[*SIDES, *ONE_SIDED])
def bucket(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Bucket:
    server = servers(request.param)
    keys = {"access_key": SIDES[request.param][1](server.place)} if request.param in SIDES else {}
    return bucket_on(server, **keys)


@pytest.fixture
def survives(bucket: Bucket, servers: Callable[[str], Store]) -> Callable[[], bool]:
    """Whether the bucket is there, as the server's other API says; by S3, the one that was there when first asked."""
    import swiftclient

    if bucket.server in ONE_SIDED:
        first: list[Any] = []

        def made() -> bool:
            first.extend(() if first else born(bucket))
            return born(bucket) == first[:1]

        return made
    place = servers(bucket.server).place
    user = SIDES[bucket.server][0](place)

    def look() -> bool:
        connection = swiftclient.Connection(f"{place.url}/auth/v1.0", user, place.secret_key)
        return bucket.name in {entry["name"] for entry in connection.get_account()[1]}

    return look


def born(bucket: Bucket) -> list[Any]:
    """When the bucket was made, if it is there."""
    found = bucket.client.list_buckets()["Buckets"]
    return [each["CreationDate"] for each in found if each["Name"] == bucket.name]


def make(bucket: Bucket, folder: Path, **wishes: Any) -> bool:
    """Whether the server has what is wished for; in this process, since there are hundreds of runs."""
    parameters = {"state": "present", "force": False, "delete_blocks": False, "timeout": 1}
    try:
        run({**parameters, "store": {**bucket.store, **DEFAULTS, **wishes}}, Mode(directory=str(folder)))
    except Failure:
        return False
    return True


def test_bucket_survives_every_combination(bucket: Bucket, survives: Callable[[], bool], tmp_path: Path) -> None:
    assert make(bucket, tmp_path)
    assert survives()
    met = 0
    for values in itertools.product(*WISHES.values()):
        wishes = dict(zip(WISHES, values, strict=True))
        met += make(bucket, tmp_path, **wishes)
        assert survives(), f"gone after {wishes}"
    assert met > 1


@pytest.mark.parametrize("bucket", TRAPS, indirect=True)
def test_a_bare_delete_removes_the_bucket(
    bucket: Bucket, survives: Callable[[], bool], servers: Callable[[str], Store], tmp_path: Path
) -> None:
    """Else the test above would prove nothing."""
    from tests.integration.objstore.matrix_servers import s3_client

    make(bucket, tmp_path)
    client = s3_client(servers(bucket.server).place, {"access_key": str(bucket.store["access_key"])})
    getattr(client, TRAPS[bucket.server])(Bucket=bucket.name)
    assert not survives()
