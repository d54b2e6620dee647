# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real object stores, one of each kind for the whole run; every test has a bucket name of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.modules import Result, run_module
from tests.testbed.stores.store import Store

CEPH = pytest.param("ceph", marks=pytest.mark.slow)
SEAWEEDFS = pytest.param("seaweedfs", marks=pytest.mark.slow)
GARAGE = pytest.param("garage", marks=pytest.mark.slow)
# Those that keep versions of objects, and all that know S3.
VERSIONED = ("versitygw", "minio", "moto", CEPH, SEAWEEDFS)
SERVERS = (*VERSIONED, GARAGE)
# Those that know every setting of a bucket.
RICH = ("moto", CEPH)
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Bucket:
    """A bucket that does not exist yet, and the boto3 client of the server's root."""

    server: str
    store: dict[str, Any]
    client: Any = field(repr=False)

    @property
    def name(self) -> str:
        return str(self.store["bucket"])

    def run(self, check: bool = False, options: dict[str, Any] | None = None, **store: Any) -> Result:
        """Run ``bucket`` with changes to the store, and options beside it."""
        arguments = {"store": {**self.store, **store}, "timeout": 5, **(options or {})}
        return run_module("bucket", arguments, check=check, diff=True)

    def exists(self) -> bool:
        return self.name in {b["Name"] for b in self.client.list_buckets()["Buckets"]}


def client_of(place: Any) -> Any:
    """What the tests look with: boto3 itself, none of the code under test."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=place.url,
        region_name=place.region,
        aws_access_key_id=place.access_key,
        aws_secret_access_key=place.secret_key,
        config=Config(s3={"addressing_style": "path"}),
        verify=str(place.ca_file) if place.tls else None,
    )


def bucket_on(store: Store, **changes: Any) -> Bucket:
    """A new name on this server."""
    place = store.place
    options = {
        "type": "S3",
        "bucket": f"metrics-{next(_NUMBERS)}",
        "endpoint": place.endpoint,
        "insecure": not place.tls,
        "access_key": place.access_key,
        "secret_key": place.secret_key,
        **changes,
    }
    return Bucket(place.kind, options, client_of(place))


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Store]]:
    """Kind → running store, started when first asked for; ``kind+tls`` is one that speaks nothing else."""
    running: dict[str, Store] = {}

    def start(kind: str) -> Store:
        if kind not in running:
            name, _plus, tls = kind.partition("+")
            running[kind] = Store(name, tls=bool(tls)).__enter__()
        return running[kind]

    try:
        yield start
    finally:
        for store in running.values():
            store.down()


@pytest.fixture(params=SERVERS)
def bucket(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Bucket:
    """A bucket on each kind of server."""
    return bucket_on(servers(request.param))


@pytest.fixture(params=VERSIONED)
def versioned(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Bucket:
    """A bucket on each kind of server that keeps versions of objects."""
    return bucket_on(servers(request.param))


@pytest.fixture(params=RICH)
def rich(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Bucket:
    """A bucket on each kind of server that knows every setting."""
    return bucket_on(servers(request.param))


@pytest.fixture(params=["moto+tls", pytest.param("ceph+tls", marks=pytest.mark.slow)])
def rich_tls(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Bucket:
    """As ``rich``, on servers that speak TLS, as whoever wants ``tls_only`` must."""
    return _trusting(servers(request.param))


@pytest.fixture
def on(servers: Callable[[str], Store]) -> Callable[[str], Bucket]:
    """A bucket on the named kind of server."""
    return lambda kind: _trusting(servers(kind))


def _trusting(store: Store) -> Bucket:
    return bucket_on(store, **({"ca": str(store.place.ca_file)} if store.place.tls else {}))
