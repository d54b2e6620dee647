# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of the matrix: how the owner, and somebody who was let in, reaches each of them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access import documents
from tests.integration.objstore.conftest import client_of
from tests.integration.objstore.test_gcs import service_account
from tests.integration.objstore.test_thanos import BLOCK, META
from tests.testbed.errors import TestbedError
from tests.testbed.stores import azurite as azurites
from tests.testbed.stores import minio as minios
from tests.testbed.stores.ceph import swift_user_of
from tests.testbed.stores.store import Store
from tests.testbed.stores.swift import ACCOUNT, user_of

BLOCK_KEY = f"{BLOCK}/meta.json"
Deeds = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True)
class Server:
    """``store`` takes the bucket's name and gives the owner's store.

    ``put_block`` takes the name too. ``visitor`` takes the name and a role, and gives who is to be let in and what they
    try. ``client`` is the owner's boto3 on a server that speaks S3. ``lets_in`` gives a user the rights of the
    compactor in the bucket of this name by the server's own means, where the bucket's policy cannot.
    """

    title: str
    store: Callable[[str], dict[str, Any]]
    put_block: Callable[[str], Any]
    visitor: Callable[[str, str], tuple[str, Deeds]]
    client: Any = None
    lets_in: Callable[[str, str], None] | None = None


def name_of(number: int) -> str:
    """The bucket of this number."""
    return f"metrics-{number}"


def store_of(server: Server, number: int) -> dict[str, Any]:
    """The owner's store of the bucket of this number, with nothing wished for."""
    return {"manage": True, "profile": "none", **server.store(name_of(number))}


def refused(act: Callable[[], Any]) -> bool:
    """Whether the server refuses ``act``; anything else that goes wrong is raised."""
    try:
        act()
    except Exception as e:
        # Each SDK has a name of its own for the HTTP status.
        response = getattr(e, "response", None)
        status = response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(response, dict) else None
        if (status or getattr(e, "http_status", None) or getattr(e, "code", None)) not in (401, 403):
            raise
        return True
    return False


def s3_deeds(client: Any, name: str) -> Deeds:
    """What the roles differ in, through boto3."""

    def read() -> Any:
        return client.get_object(Bucket=name, Key=BLOCK_KEY)["Body"].read()

    return {
        "list": lambda: client.list_objects_v2(Bucket=name),
        "read": read,
        "write": lambda: client.put_object(Bucket=name, Key="written", Body=b"1"),
        "delete": lambda: client.delete_object(Bucket=name, Key="written"),
        "change a setting": lambda: client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": []}),
    }


def _s3(title: str, place: Any, access_key: str, visitor: Callable[[str, str], tuple[str, Any]]) -> Server:
    keys = {"access_key": access_key, "secret_key": place.secret_key}
    base = {"type": "S3", "endpoint": place.endpoint, "insecure": True, **keys}
    client = s3_client(place, keys)

    def visit(name: str, role: str) -> tuple[str, Deeds]:
        who, theirs = visitor(name, role)
        return who, s3_deeds(theirs, name)

    return Server(
        title,
        lambda name: {**base, "bucket": name},
        lambda name: client.put_object(Bucket=name, Key=BLOCK_KEY, Body=META),
        visit,
        client,
    )


def s3_client(place: Any, keys: Mapping[str, str]) -> Any:
    """boto3 with these keys instead of the root's."""
    return client_of(replace(place, **keys))


def _s3_accounts(title: str, store: Store) -> Server:
    """A server with accounts of its own, one for each visitor."""

    def visitor(name: str, role: str) -> tuple[str, Any]:
        keys = store.add_user(f"{role}-{name}")
        return store.principal(keys["access_key"]), s3_client(store.place, keys)

    return _s3(title, store.place, store.place.access_key, visitor)


@contextlib.contextmanager
def versitygw() -> Iterator[list[Server]]:
    """versitygw knows S3 only."""
    with Store("versitygw") as store:
        yield [_s3_accounts("versitygw", store)]


@contextlib.contextmanager
def minio() -> Iterator[list[Server]]:
    """MinIO knows S3 only; a bucket's policy lets in everybody or nobody."""
    with Store("minio") as store:

        def lets_in(name: str, user: str) -> None:
            document = documents({"type": "S3", "bucket": name, "endpoint": store.place.endpoint})["compactor"]
            minios.let(store.place, user, user, document["Statement"])

        yield [replace(_s3_accounts("MinIO", store), lets_in=lets_in)]


@contextlib.contextmanager
def seaweedfs() -> Iterator[list[Server]]:
    """SeaweedFS knows S3 only here; a bucket's policy may name its users."""
    with Store("seaweedfs") as store:
        yield [_s3_accounts("SeaweedFS", store)]


@contextlib.contextmanager
def garage() -> Iterator[list[Server]]:
    """Garage knows S3 only here, and no policies."""
    with Store("garage") as store:
        yield [_s3_accounts("Garage", store)]


@contextlib.contextmanager
def moto() -> Iterator[list[Server]]:
    """moto takes every credential for somebody, so the visitor has any."""
    with Store("moto") as store:

        def visitor(_name: str, role: str) -> tuple[str, Any]:
            keys = {"access_key": role, "secret_key": role}
            return f"arn:aws:iam::123456789012:user/{role}", s3_client(store.place, keys)

        yield [_s3("moto", store.place, store.place.access_key, visitor)]


@contextlib.contextmanager
def _swift(title: str, url: str, owner: tuple[str, str], visitor: tuple[str, str], who: str) -> Iterator[Server]:
    """``owner`` and ``visitor`` log in with a name and a password; ``who`` is the visitor in an access list."""
    import swiftclient

    base = {"type": "SWIFT", "auth_url": url, "username": owner[0], "password": owner[1]}
    root = swiftclient.Connection(url, *owner, retries=1)
    theirs = swiftclient.Connection(url, *visitor, retries=0)

    def visit(name: str, _role: str) -> tuple[str, Deeds]:
        return who, {
            "list": lambda: theirs.get_container(name),
            "read": lambda: theirs.get_object(name, BLOCK_KEY),
            "write": lambda: theirs.put_object(name, "written", b"1"),
            "delete": lambda: theirs.delete_object(name, "written"),
            "change a setting": lambda: theirs.post_container(name, {"X-Container-Meta-A": "1"}),
        }

    def put_block(name: str) -> None:
        root.put_object(name, BLOCK_KEY, META)

    with contextlib.closing(root), contextlib.closing(theirs):
        yield Server(title, lambda name: {**base, "container_name": name}, put_block, visit)


@contextlib.contextmanager
def swift() -> Iterator[list[Server]]:
    """Swift by its own API and by its S3 side, which knows the same accounts."""
    with Store("swift") as store:
        place = store.place
        owner, other = user_of(place), f"{ACCOUNT}:other"

        def visit_s3(_name: str, _role: str) -> tuple[str, Any]:
            return other, s3_client(place, {"access_key": other})

        logins = (owner, place.secret_key), (other, place.secret_key)
        with _swift("Swift", f"{place.url}/auth/v1.0", *logins, other) as own:
            yield [own, _s3("Swift's S3 side", place, owner, visit_s3)]


@contextlib.contextmanager
def ceph() -> Iterator[list[Server]]:
    """Ceph's radosgw by S3 and by its Swift side, which knows the same accounts."""
    with Store("ceph") as store:
        place, user = store.place, store.add_user("visitor")
        names = swift_user_of(place.access_key), swift_user_of(user["access_key"])
        logins = (names[0], place.secret_key), (names[1], user["secret_key"])
        with _swift("Ceph's Swift side", f"{place.url}/auth/v1.0", *logins, user["access_key"]) as own:
            yield [_s3_accounts("Ceph", store), own]


@contextlib.contextmanager
def gcs() -> Iterator[list[Server]]:
    """The emulator is found by the environment, by the SDK and by Thanos; any credential is let in."""
    from google.cloud.storage import Client

    with Store("gcs") as store, service_account() as account, _environment("STORAGE_EMULATOR_HOST", store.place.url):
        client = Client.create_anonymous_client()

        def visit(name: str, role: str) -> tuple[str, Deeds]:
            bucket = client.bucket(name)
            return f"user:{role}@example.org", {
                "list": lambda: list(client.list_blobs(name)),
                "read": lambda: bucket.blob(BLOCK_KEY).download_as_bytes(),
                "write": lambda: bucket.blob("written").upload_from_string(b"1"),
                "delete": lambda: bucket.blob("written").delete(),
                "change a setting": bucket.patch,
            }

        yield [
            Server(
                "gcp-storage-emulator",
                lambda name: {"type": "GCS", "bucket": name, "project": "metrics", "service_account": account},
                lambda name: client.bucket(name).blob(BLOCK_KEY).upload_from_string(META),
                visit,
            )
        ]


def _nobody(name: str, role: str) -> tuple[str, Deeds]:
    raise TestbedError(f"nobody can be let in to the container {name}, as {role} or otherwise")


@contextlib.contextmanager
def azurite() -> Iterator[list[Server]]:
    """Azurite by its connection string; a container carries no access list."""
    from azure.storage.blob import ContainerClient

    with Store("azurite") as store:
        text = azurites.connection_string(store.place)
        base = {"type": "AZURE", "storage_account": azurites.ACCOUNT, "storage_connection_string": text}
        yield [
            Server(
                "Azurite",
                lambda name: {**base, "container": name},
                lambda name: ContainerClient.from_connection_string(text, name).upload_blob(BLOCK_KEY, META),
                _nobody,
            )
        ]


@contextlib.contextmanager
def filesystem() -> Iterator[list[Server]]:
    """A directory of this machine."""
    with tempfile.TemporaryDirectory() as home:

        def put_block(name: str) -> None:
            path = Path(home, name, BLOCK_KEY)
            path.parent.mkdir()
            path.write_bytes(META)

        yield [
            Server("directory", lambda name: {"type": "FILESYSTEM", "directory": f"{home}/{name}"}, put_block, _nobody)
        ]


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


SERVERS = (versitygw, minio, seaweedfs, garage, ceph, moto, swift, gcs, azurite, filesystem)
