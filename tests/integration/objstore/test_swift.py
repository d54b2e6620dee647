# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers on a real Swift."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.swift import Swift
from tests.integration.objstore.test_thanos import ls, thanos
from tests.support.modules import Result, run_module
from tests.testbed.stores.store import Store
from tests.testbed.stores.swift import user_of

pytestmark = pytest.mark.slow
__all__ = ["thanos"]
BLOCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
NAMES = (f"container-{number}" for number in itertools.count(1))


@pytest.fixture
def server(servers: Callable[[str], Store]) -> Store:
    return servers("swift")


@pytest.fixture
def store(server: Store) -> dict[str, Any]:
    place = server.place
    return {
        "type": "SWIFT",
        "auth_url": f"{place.url}/auth/v1.0",
        "username": user_of(place),
        "password": place.secret_key,
        "container_name": next(NAMES),
    }


@pytest.fixture
def client(store: dict[str, Any]) -> Iterator[Any]:
    import swiftclient

    connection = swiftclient.Connection(store["auth_url"], store["username"], store["password"], retries=1)
    yield connection
    connection.close()


def bucket(store: dict[str, Any], check: bool = False, options: dict[str, Any] | None = None, **more: Any) -> Result:
    return run_module("bucket", {"store": {**store, **more}, "timeout": 5, **(options or {})}, check=check, diff=True)


def test_absent_check_present_check_present(store: dict[str, Any], client: Any) -> None:
    assert bucket(store, check=True)["action"] == "created"
    assert client.get_account()[1] == [] or store["container_name"] not in {c["name"] for c in client.get_account()[1]}
    assert bucket(store)["action"] == "created"
    assert client.head_container(store["container_name"])
    for check in (True, False):
        assert not bucket(store, check=check)["changed"]


def test_segments_container_is_made_and_removed_too(store: dict[str, Any], client: Any) -> None:
    store = {**store, "large_object_segments_container_name": f"{store['container_name']}-segments"}
    bucket(store)
    assert client.head_container(store["large_object_segments_container_name"])
    client.delete_container(store["large_object_segments_container_name"])
    assert bucket(store)["changed"]
    assert bucket(store, options={"state": "absent"})["action"] == "deleted"
    assert not bucket(store, options={"state": "absent"})["changed"]


def test_removal_that_was_interrupted_is_finished(store: dict[str, Any], client: Any) -> None:
    store = {**store, "large_object_segments_container_name": f"{store['container_name']}-segments"}
    bucket(store)
    client.put_object(store["container_name"], "a", b"1")
    client.delete_container(store["large_object_segments_container_name"])
    assert "is not empty" in bucket(store, options={"state": "absent"})["msg"]
    assert bucket(store, options={"state": "absent", "force": True})["action"] == "deleted"
    assert store["container_name"] not in {container["name"] for container in client.get_account()[1]}
    assert not bucket(store, options={"state": "absent"})["changed"]


def test_segments_container_is_closed_and_lets_in_the_same_users(store: dict[str, Any], client: Any) -> None:
    store = {**store, "large_object_segments_container_name": f"{store['container_name']}-segments"}
    segments = store["large_object_segments_container_name"]
    bucket(store)
    client.post_container(segments, {"X-Container-Read": ".r:*,testbed:theirs"})
    assert bucket(store)["diff"]["before"]["public_access"] == "open"
    for changed in (True, False):
        assert run_module("bucket_access", {"store": store, "writer": ["testbed:other"]})["changed"] is changed
    lists = {name: client.head_container(name) for name in (store["container_name"], segments)}
    assert [headers["x-container-write"] for headers in lists.values()] == ["testbed:other"] * 2
    assert lists[segments]["x-container-read"] == "testbed:theirs,testbed:other"
    assert not bucket(store)["changed"]


def test_tags_of_others_and_their_keys_stay(store: dict[str, Any], client: Any) -> None:
    bucket(store)
    client.post_container(
        store["container_name"], {"X-Container-Meta-Theirs": "1", "X-Container-Meta-Temp-URL-Key": "k"}
    )
    assert bucket(store, tags={"ours": "1"})["features"]["tags"] == {"ours": "1", "theirs": "1"}
    bucket(store, tags={"ours": "1"}, purge_tags=True)
    headers = client.head_container(store["container_name"])
    assert "x-container-meta-theirs" not in headers
    assert headers["x-container-meta-temp-url-key"] == "k"


def test_public_readers_go_and_others_stay(store: dict[str, Any], client: Any) -> None:
    bucket(store)
    client.post_container(store["container_name"], {"X-Container-Read": ".r:*,.rlistings,testbed:other"})
    assert bucket(store)["changed"]
    assert client.head_container(store["container_name"])["x-container-read"] == "testbed:other"
    assert not bucket(store)["changed"]


def test_versioning_goes_on_and_off(store: dict[str, Any], client: Any) -> None:
    bucket(store, versioning="enabled")
    assert client.head_container(store["container_name"])["x-versions-enabled"] == "True"
    bucket(store)
    assert client.head_container(store["container_name"])["x-versions-enabled"] == "False"


def test_blocks_need_a_second_word(store: dict[str, Any], client: Any) -> None:
    bucket(store)
    client.put_object(store["container_name"], f"{BLOCK}/meta.json", b"{}")
    assert "is not empty" in bucket(store, options={"state": "absent"})["msg"]
    assert BLOCK in bucket(store, options={"state": "absent", "force": True})["msg"]
    assert client.head_object(store["container_name"], f"{BLOCK}/meta.json")
    assert bucket(store, options={"state": "absent", "force": True, "delete_blocks": True})["changed"]


def test_versions_go_too(store: dict[str, Any], client: Any) -> None:
    bucket(store, versioning="enabled")
    for body in (b"1", b"2"):
        client.put_object(store["container_name"], f"{BLOCK}/meta.json", body)
    client.delete_object(store["container_name"], f"{BLOCK}/meta.json")
    bucket(store)
    client.put_object(store["container_name"], "a", b"1")
    client.delete_object(store["container_name"], "a")
    assert client.get_container(store["container_name"])[1] == []
    assert "is not empty" in bucket(store, options={"state": "absent"})["msg"]
    assert BLOCK in bucket(store, options={"state": "absent", "force": True})["msg"]
    assert bucket(store, options={"state": "absent", "force": True, "delete_blocks": True})["action"] == "deleted"
    assert store["container_name"] not in {container["name"] for container in client.get_account()[1]}


def test_a_listing_of_several_pages_is_read_to_its_end(store: dict[str, Any], client: Any) -> None:
    """Also where a page ends between two versions of one object."""
    listing = client.get_container
    adapter = Swift(store, 5, "")
    bucket(store, versioning="enabled")
    for key in ("a", "b"):
        for body in (b"1", b"2", b"3"):
            client.put_object(store["container_name"], key, body)

    def two_at_a_time(*where: Any, **which: Any) -> Any:
        return listing(*where, **which, limit=2)

    adapter.objects._connection.get_container = two_at_a_time
    assert [len(list(page)) for page in adapter.objects.everything()] == [2, 2, 2]
    adapter.objects.empty()
    assert listing(store["container_name"], query_string="versions")[1] == []


def test_what_lies_outside_of_the_prefix_is_kept(store: dict[str, Any], client: Any) -> None:
    everything = {"state": "absent", "force": True, "delete_blocks": True}
    bucket(store, versioning="enabled")
    client.put_object(store["container_name"], "us/a", b"1")
    client.delete_object(store["container_name"], "us/a")
    refused = bucket(store, options=everything, prefix="eu")["msg"]
    assert "holds objects outside of prefix 'eu' (us/a); it is kept" in refused
    bucket(store, options=everything)
    bucket(store)
    # As Thanos names the parts of a large object that is beneath the prefix.
    path = (b"eu/a" + bytes(52)).hex()
    client.put_object(store["container_name"], f"segments/{path[:3]}/{path[3:]}/0000000000000001", b"1")
    assert bucket(store, options=everything, prefix="eu")["action"] == "deleted"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "wrong-CANARY"}, "the server refuses the credential"),
        ({"auth_url": "http://127.0.0.1:1/auth/v1.0"}, "nothing answers there; check auth_url"),
        (
            {"auth_url": "http://127.0.0.1:1/v3", "user_domain_name": "Default", "project_name": "p"},
            "nothing answers there; check auth_url",
        ),
        ({"encryption": {"type": "SSE-S3"}}, "Swift has no such setting"),
    ],
)
def test_what_is_wrong_is_said(store: dict[str, Any], changes: dict[str, Any], sentence: str) -> None:
    failed = bucket(store, **changes)
    assert sentence in failed["msg"]
    assert "CANARY" not in failed["msg"]
    assert "Traceback" not in failed.text


def test_thanos_works_with_the_container(thanos: Path, tmp_path: Path, store: dict[str, Any], client: Any) -> None:
    assert "unable to find the expected container" in ls(thanos, tmp_path, store)[1]
    bucket(store)
    client.put_object(store["container_name"], f"{BLOCK}/meta.json", b'{"version": 1, "ulid": "%s"}' % BLOCK.encode())
    code, output = ls(thanos, tmp_path, store)
    assert (code, BLOCK in output) == (0, True), output


def test_a_user_is_let_in_and_others_stay(store: dict[str, Any], client: Any) -> None:
    import swiftclient

    bucket(store)
    client.put_object(store["container_name"], "a", b"1")
    client.post_container(store["container_name"], {"X-Container-Read": "testbed:theirs"})
    other = swiftclient.Connection(store["auth_url"], "testbed:other", store["password"], retries=0)
    with pytest.raises(swiftclient.ClientException, match="403"):
        other.get_container(store["container_name"])
    assert run_module("bucket_access", {"store": store, "reader": ["testbed:other"]})["changed"]
    assert not run_module("bucket_access", {"store": store, "reader": ["testbed:other"]})["changed"]
    assert other.get_object(store["container_name"], "a")[1] == b"1"
    with pytest.raises(swiftclient.ClientException, match="403"):
        other.put_object(store["container_name"], "b", b"1")
    assert run_module("bucket_access", {"store": store, "writer": ["testbed:other"]})["changed"]
    other.put_object(store["container_name"], "b", b"1")
    assert client.head_container(store["container_name"])["x-container-read"] == "testbed:theirs,testbed:other"
    assert not bucket(store)["changed"]
