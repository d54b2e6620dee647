# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers on Azurite. It enforces neither roles nor account settings; Thanos reaches it by a connection string."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.test_thanos import BLOCK, META, ls, thanos
from tests.support.modules import Result, run_module
from tests.testbed.stores.azurite import ACCOUNT, connection_string
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.slow
__all__ = ["thanos"]
NAMES = (f"metrics-{number}" for number in itertools.count(1))


@pytest.fixture
def store(servers: Callable[[str], Store]) -> dict[str, Any]:
    text = connection_string(servers("azurite").place)
    return {"type": "AZURE", "storage_account": ACCOUNT, "container": next(NAMES), "storage_connection_string": text}


@pytest.fixture
def client(store: dict[str, Any]) -> Any:
    from azure.storage.blob import ContainerClient

    return ContainerClient.from_connection_string(store["storage_connection_string"], store["container"])


def bucket(store: dict[str, Any], check: bool = False, options: dict[str, Any] | None = None, **more: Any) -> Result:
    return run_module("bucket", {"store": {**store, **more}, "timeout": 5, **(options or {})}, check=check, diff=True)


def test_absent_check_present_check_present(store: dict[str, Any], client: Any) -> None:
    assert bucket(store, check=True)["action"] == "created"
    assert not client.exists()
    assert bucket(store)["action"] == "created"
    assert client.exists()
    for check in (True, False):
        again = bucket(store, check=check)
        assert (again["changed"], again.warnings) == (False, "[]")
    assert bucket(store, options={"state": "absent"})["changed"]
    assert not client.exists()


def test_public_access_is_closed_and_policies_stay(store: dict[str, Any], client: Any) -> None:
    from azure.storage.blob import AccessPolicy, ContainerSasPermissions

    bucket(store)
    policy = AccessPolicy(permission=ContainerSasPermissions(read=True), expiry="2099-01-01T00:00:00Z")
    client.set_container_access_policy({"theirs": policy}, public_access="container")
    assert bucket(store)["diff"]["before"]["public_access"] == "open"
    assert client.get_container_properties().public_access is None
    assert [found.id for found in client.get_container_access_policy()["signed_identifiers"]] == ["theirs"]


def test_tags_of_others_stay(store: dict[str, Any], client: Any) -> None:
    bucket(store)
    client.set_container_metadata({"theirs": "1"})
    bucket(store, tags={"ours": "1"})
    assert client.get_container_properties().metadata == {"ours": "1", "theirs": "1"}


def test_blocks_need_a_second_word(store: dict[str, Any], client: Any) -> None:
    bucket(store)
    client.upload_blob(f"{BLOCK}/meta.json", META)
    assert "is not empty" in bucket(store, options={"state": "absent"})["msg"]
    assert BLOCK in bucket(store, options={"state": "absent", "force": True})["msg"]
    assert bucket(store, options={"state": "absent", "force": True, "delete_blocks": True})["changed"]
    assert not client.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"versioning": "enabled"}, "a setting of the storage account"),
        ({"storage_connection_string": "CANARY"}, "this is not what Azure gives out"),
        (
            {"storage_connection_string": None, "storage_account_key": "Q0FOQVJZ", "endpoint": "127.0.0.1"},
            "the name does not resolve; check storage_account and endpoint",
        ),
        ({"storage_connection_string": None}, "no usable credential"),
    ],
)
def test_what_is_wrong_is_said(store: dict[str, Any], changes: dict[str, Any], sentence: str) -> None:
    failed = bucket(store, **changes)
    assert sentence in failed["msg"]
    assert "CANARY" not in failed["msg"]
    assert "Traceback" not in failed.text


def test_a_wrong_key_is_refused(store: dict[str, Any]) -> None:
    wrong = store["storage_connection_string"].replace("AccountKey=", "AccountKey=AAAA")
    assert "refuses the credential" in bucket(store, storage_connection_string=wrong)["msg"]


def test_thanos_works_with_the_container(thanos: Path, tmp_path: Path, store: dict[str, Any], client: Any) -> None:
    bucket(store)
    client.upload_blob(f"{BLOCK}/meta.json", META)
    code, output = ls(thanos, tmp_path, store)
    assert (code, BLOCK in output) == (0, True), output
