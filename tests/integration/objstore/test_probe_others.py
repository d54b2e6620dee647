# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``probe`` where S3 is not spoken: Swift's lists, Azure's keys, Google's accounts, permissions of a directory."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.probe_task import run
from tests.integration.objstore.test_gcs import service_account
from tests.integration.objstore.test_probe import NEEDS, RIGHTS, all_pass, states
from tests.support.modules import Result, run_module
from tests.testbed.stores.azurite import ACCOUNT, connection_string
from tests.testbed.stores.store import Store
from tests.testbed.stores.swift import user_of

NAMES = (f"probe-{number}" for number in itertools.count(1))
NOBODY = 65534


def probe(store: dict[str, Any], check: bool = False, **changes: Any) -> Result:
    return run_module("bucket", {"store": {**store, **changes}, "probe": True, "timeout": 5}, check=check)


def assert_not_from_here(result: Result, why: str) -> None:
    """The reader's credential could not be tried, and it is said why."""
    assert set(states(result, "reader").values()) == {"pending"}
    details = {finding["detail"] for finding in result["probe"] if finding["access"] == "reader"}
    assert all(detail.startswith("not probeable from here: ") and why in detail for detail in details), details


class Swift:
    """A container and its owner; ``OTHER`` is a user whom only access lists let in."""

    OTHER = "testbed:other"

    def __init__(self, server: Store) -> None:
        import swiftclient

        place = server.place
        self.store = {
            "type": "SWIFT",
            "auth_url": f"{place.url}/auth/v1.0",
            "username": user_of(place),
            "password": place.secret_key,
            "container_name": next(NAMES),
        }
        self.client = swiftclient.Connection(self.store["auth_url"], user_of(place), place.secret_key, retries=1)

    def let_in(self, *lists: str, container: str = "") -> None:
        name = container or self.store["container_name"]
        self.client.post_container(
            name, {f"X-Container-{which}": self.OTHER if which in lists else "" for which in ("Read", "Write")}
        )

    def keys(self, container: str = "") -> list[str]:
        name = container or self.store["container_name"]
        return [entry["name"] for entry in self.client.get_container(name, query_string="versions")[1]]

    def probe(self, role: str, **changes: Any) -> Result:
        return probe(self.store, access={role: {"username": self.OTHER}}, **changes)


@pytest.fixture
def swift(servers: Callable[[str], Store]) -> Iterator[Swift]:
    found = Swift(servers("swift"))
    assert not run_module("bucket", {"store": found.store}).failed
    yield found
    found.client.close()


@pytest.mark.slow
def test_swifts_access_lists(swift: Swift) -> None:
    swift.let_in("Read", "Write")
    result = swift.probe("compactor")
    assert (states(result, "compactor"), states(result, "all")) == (all_pass(RIGHTS), all_pass(RIGHTS))
    swift.let_in("Read")
    assert states(swift.probe("reader"), "reader") == all_pass(NEEDS["reader"])
    refused = swift.probe("compactor")["msg"]
    for action in ("write", "delete"):
        assert f"- the credential of the compactor cannot {action}: " in refused
    assert "cannot list" not in refused
    assert "X-Container-Write" in refused
    swift.let_in("Write")
    refused = swift.probe("writer")["msg"]
    for action in ("list", "read"):
        assert f"- the credential of the writer cannot {action}: " in refused
    assert "X-Container-Read" in refused
    assert swift.keys() == []


@pytest.mark.slow
def test_swifts_container_of_parts_needs_the_same_rights(swift: Swift) -> None:
    parts = f"{swift.store['container_name']}-parts"
    run_module("bucket", {"store": {**swift.store, "large_object_segments_container_name": parts}})
    swift.let_in("Read", "Write")
    refused = swift.probe("writer", large_object_segments_container_name=parts)["msg"]
    assert f"writing an object to {parts} is forbidden" in refused
    swift.let_in("Read", "Write", container=parts)
    assert not swift.probe("writer", large_object_segments_container_name=parts).failed
    assert (swift.keys(), swift.keys(parts)) == ([], [])


@pytest.mark.slow
def test_swift_keeps_no_version_of_a_throw_away_object(swift: Swift) -> None:
    swift.let_in("Read", "Write")
    assert states(swift.probe("compactor", versioning="enabled"), "compactor") == all_pass(RIGHTS)
    assert swift.keys() == []


@pytest.mark.slow
def test_azures_keys(servers: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.storage.blob import ContainerClient

    text = connection_string(servers("azurite").place)
    names = {"storage_account": ACCOUNT, "container": next(NAMES)}
    store: dict[str, Any] = {"type": "AZURE", **names, "storage_connection_string": text}
    assert {finding["detail"] for finding in probe(store, check=True)["probe"]} == {"the bucket does not exist yet"}
    assert states(probe(store, prefix="eu"), "all") == all_pass(RIGHTS)
    wrong = {"reader": {"storage_connection_string": text.replace("AccountKey=", "AccountKey=AAAA")}}
    refused = probe(store, access=wrong)["msg"]
    assert "the credential of the reader cannot list: " in refused
    assert "refuses the credential" in refused
    elsewhere = {"reader": {"storage_connection_string": text.replace(f":{servers('azurite').place.port}/", ":1/")}}
    assert set(states(probe(store, access=elsewhere), "reader").values()) == {"pending"}
    identity = {"reader": {"storage_connection_string": "", "user_assigned_id": "6a9e8a4c-0000-4000-8000-000000000000"}}
    assert set(states(probe(store, access=identity), "reader").values()) == {"pending"}
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "https://127.0.0.1:1")
    tenant = "6a9e8a4c-0000-4000-8000-000000000000"
    principal = {"reader": {"az_tenant_id": tenant, "client_id": tenant, "client_secret": "away"}}
    assert_not_from_here(probe(store, access=principal), "check AZURE_AUTHORITY_HOST")
    assert list(ContainerClient.from_connection_string(text, store["container"]).list_blob_names()) == []


@pytest.mark.slow
def test_googles_accounts(servers: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator lets every account do everything; one that gets no token is refused before that."""
    from google.cloud.storage import Client

    monkeypatch.setenv("STORAGE_EMULATOR_HOST", servers("gcs").place.url)
    with service_account() as text:
        store: dict[str, Any] = {"type": "GCS", "bucket": next(NAMES), "project": "metrics", "service_account": text}
        assert states(probe(store, prefix="eu"), "all") == all_pass(RIGHTS)
        assert states(probe(store, versioning="enabled"), "all") == all_pass(RIGHTS)
        broken = {"reader": {"service_account": text.replace("PRIVATE KEY-----\\n", "PRIVATE KEY-----\\nAAAA", 1)}}
        assert "the credential of the reader cannot list, read: service_account" in probe(store, access=broken)["msg"]
        assert set(states(probe(store, pods={"service_account": ""}), "all").values()) == {"pending"}
        away = {
            "reader": {"service_account": json.dumps({**json.loads(text), "token_uri": "http://127.0.0.1:1/token"})}
        }
        assert_not_from_here(probe(store, access=away), "check token_uri")
    assert list(Client.create_anonymous_client().list_blobs(store["bucket"], versions=True)) == []


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that everybody reaches, which pytest's are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def parameters(store: dict[str, Any]) -> dict[str, Any]:
    """Those of the module, as Ansible would hand them over."""
    return {"store": {"manage": True, **store}, "state": "present", "probe": True, "timeout": 5}


def as_somebody(store: dict[str, Any]) -> str:
    """The sentence with which ``bucket`` fails for a user who is not root; empty when it does not."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        said = ""
        try:
            run(parameters(store), Mode(directory="/tmp"))
        except Failure as e:
            said = str(e)
        except BaseException as e:
            said = repr(e)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as pipe:
        return pipe.read()


DIRECTORIES: dict[str, tuple[int, tuple[str, ...]]] = {
    "all": (0o777, ()),
    "not to be written to": (0o755, ("write",)),
    "not to be listed": (0o733, ("list",)),
    "not to be entered": (0o666, ("list", "delete")),
}


@pytest.mark.parametrize("case", DIRECTORIES)
def test_permissions_of_a_directory(folder: Path, case: str) -> None:
    mode, missing = DIRECTORIES[case]
    store = {"type": "FILESYSTEM", "directory": str(folder / "metrics"), "prefix": "eu"}
    # Imports what it needs, while everything can be read.
    assert states(probe(store), "all") == all_pass(RIGHTS)
    run(parameters(store), Mode(directory="/tmp"))
    (folder / "metrics").chmod(mode)
    said = as_somebody(store)
    lines = [line for line in said.splitlines() if line.startswith("- ")]
    assert [line.split(" cannot ")[1].split(":")[0] for line in lines] == list(missing), said
    assert all("Permission denied" in line for line in lines)
    assert list((folder / "metrics").iterdir()) == []
