# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets on gcp-storage-emulator, which enforces nothing and takes settings only after a bucket is made."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.objstore.test_thanos import BLOCK, META, ls, thanos
from tests.support.http_server import Answer, HttpServer, Request, Rule
from tests.support.modules import Result, run_module
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.slow
__all__ = ["thanos"]
TOKEN = "ya29.canary/of+Google==0123456789"
NAMES = (f"metrics-{number}" for number in itertools.count(1))


@pytest.fixture(autouse=True)
def server(servers: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", servers("gcs").place.url)


@pytest.fixture
def store() -> dict[str, Any]:
    return {"type": "GCS", "bucket": next(NAMES), "project": "metrics"}


@pytest.fixture
def there(store: dict[str, Any]) -> Any:
    """The bucket as Google's own client shows it."""
    from google.cloud.storage import Client

    return Client.create_anonymous_client().bucket(store["bucket"])


def token(_request: Request) -> Answer:
    """What Google's identity service gives the owner of a key, here to everybody; the emulator does not look."""
    body = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600}
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


@contextlib.contextmanager
def service_account(tokens: Rule = token) -> Iterator[str]:
    """The text of a service account's file, with a key of its own, and somebody who gives tokens for it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with HttpServer(tokens) as server:
        yield json.dumps(
            {
                "type": "service_account",
                "project_id": "metrics",
                "client_email": "thanos@metrics.iam.gserviceaccount.com",
                "private_key_id": "1",
                "private_key": key.private_bytes(*form).decode(),
                "token_uri": f"{server.url}/token",
            }
        )


@pytest.fixture
def account() -> Iterator[str]:
    with service_account() as text:
        yield text


def bucket(store: dict[str, Any], check: bool = False, options: dict[str, Any] | None = None, **more: Any) -> Result:
    return run_module("bucket", {"store": {**store, **more}, "timeout": 5, **(options or {})}, check=check, diff=True)


def test_absent_check_present_check_present(store: dict[str, Any], there: Any) -> None:
    assert bucket(store, check=True)["action"] == "created"
    assert not there.exists()
    assert bucket(store)["action"] == "created"
    there.reload()
    assert there.iam_configuration.public_access_prevention == "enforced"
    assert there.iam_configuration.uniform_bucket_level_access_enabled
    assert list(there.lifecycle_rules) == [
        {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 7}}
    ]
    for check in (True, False):
        assert not bucket(store, check=check)["changed"]
    assert bucket(store, options={"state": "absent"})["changed"]
    assert not there.exists()


def test_rules_and_labels_of_others_stay(store: dict[str, Any], there: Any) -> None:
    bucket(store, profile="none")
    there.reload()
    there.labels = {"theirs": "1"}
    there.lifecycle_rules = [{"action": {"type": "Delete"}, "condition": {"age": 1, "matchesPrefix": ["logs/"]}}]
    there.patch()
    bucket(store, tags={"ours": "1"})
    there.reload()
    assert there.labels == {"ours": "1", "theirs": "1"}
    assert len(list(there.lifecycle_rules)) == 2
    bucket(store, tags={"ours": "1"}, purge_tags=True)
    there.reload()
    assert {name for name, text in there.labels.items() if text} == {"ours"}


def test_a_rule_that_may_be_somebody_elses_only_gives_way_to_one_of_its_kind(store: dict[str, Any], there: Any) -> None:
    abort, versions = ({"type": kind} for kind in ("AbortIncompleteMultipartUpload", "Delete"))
    kept = {"action": versions, "condition": {"daysSinceNoncurrentTime": 30}}
    bucket(store, profile="none")
    there.lifecycle_rules = [
        {"action": abort, "condition": {"age": 30}},
        kept,
        {"action": versions, "condition": {"age": 1, "matchesPrefix": ["logs/", "tmp/"]}},
    ]
    there.patch()
    assert bucket(store)["changed"]
    assert not bucket(store)["changed"]
    there.reload()
    rules = [dict(rule) for rule in there.lifecycle_rules]
    assert kept in rules
    assert [rule["condition"]["age"] for rule in rules if rule["action"] == abort] == [7]
    assert "deletes live objects" in bucket(store, prefix="logs/eu")["msg"]
    bucket(store, lifecycle={"noncurrent_days": 3})
    there.reload()
    days = [rule["condition"].get("daysSinceNoncurrentTime") for rule in there.lifecycle_rules]
    assert [day for day in days if day] == [3]


def test_every_setting_goes_on_and_off(store: dict[str, Any]) -> None:
    key = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    on: dict[str, Any] = {
        "versioning": "enabled",
        "soft_delete_days": 7,
        "encryption": {"type": "SSE-KMS", "kms_key_id": key},
    }
    off: dict[str, Any] = {"versioning": "disabled", "soft_delete_days": 0, "encryption": {"type": "SSE-S3"}}
    shown = bucket(store, **on)["features"]
    assert (shown["versioning"], shown["soft_delete"], shown["encryption"]["kms_key_id"]) == ("enabled", 7, key)
    assert bucket(store, **off)["changed"]
    assert not bucket(store, **off)["changed"]


def test_kept_blocks_are_warned_of(store: dict[str, Any]) -> None:
    assert "paid, for 7 days" in bucket(store).warnings
    assert "paid" not in bucket(store, soft_delete_days=7).warnings


def test_a_bucket_elsewhere_is_refused(store: dict[str, Any]) -> None:
    bucket(store)
    assert "exists in 'us', not in 'europe-west3'" in bucket(store, location="europe-west3")["msg"]


def test_members_are_bound_and_others_stay(store: dict[str, Any], there: Any) -> None:
    bucket(store)
    policy = there.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"user:theirs@example.org"}})
    there.set_iam_policy(policy)
    grants = {"reader": ["user:ours@example.org"], "compactor": ["user:ours@example.org"]}
    assert run_module("bucket_access", {"store": store, **grants})["changed"]
    assert not run_module("bucket_access", {"store": store, **grants})["changed"]
    bound = {b["role"]: set(b["members"]) for b in there.get_iam_policy(requested_policy_version=3).bindings}
    assert bound["roles/storage.objectViewer"] == {"user:theirs@example.org", "user:ours@example.org"}
    assert bound["roles/storage.objectUser"] == {"user:ours@example.org"}


def test_blocks_need_a_second_word(store: dict[str, Any], there: Any) -> None:
    bucket(store)
    there.blob(f"{BLOCK}/meta.json").upload_from_string(META)
    assert "is not empty" in bucket(store, options={"state": "absent"})["msg"]
    assert BLOCK in bucket(store, options={"state": "absent", "force": True})["msg"]
    assert bucket(store, options={"state": "absent", "force": True, "delete_blocks": True})["changed"]
    assert not there.exists()


def test_what_is_wrong_is_said(store: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "needs a project" in bucket(store, project=None)["msg"]
    account = '{"type": "service_account", "private_key": "CANARY", "client_email": "a@b", "token_uri": "http://x"}'
    failed = bucket(store, service_account=account)
    assert "not a usable credential" in failed["msg"]
    assert "CANARY" not in failed.text
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
    assert "nothing answers there; check STORAGE_EMULATOR_HOST" in bucket(store)["msg"]


def test_thanos_works_with_the_bucket(
    thanos: Path, tmp_path: Path, store: dict[str, Any], there: Any, account: str
) -> None:
    assert bucket(store, service_account=account)["action"] == "created"
    there.blob(f"{BLOCK}/meta.json").upload_from_string(META)
    code, output = ls(thanos, tmp_path, {"type": "GCS", "bucket": store["bucket"], "service_account": account})
    assert (code, BLOCK in output) == (0, True), output
