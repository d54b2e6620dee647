# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that make Secrets, on a real API server: what they write, and that no value is ever shown."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import objstore_needs
from tests.support.modules import Result, run_module
from tests.support.waiting import until

from .conftest import STORE, Cluster

pytestmark = pytest.mark.api
CANARY = "canary-value-0123456789"


def secret(cluster: Cluster, items: list[dict[str, Any]], **more: Any) -> Result:
    """Run the module ``secret``."""
    mode = {k: more.pop(k) for k in ("check", "diff") if k in more}
    return run_module("secret", {**cluster.arguments, "name": "peers", "items": items, **more}, **mode)


def held(cluster: Cluster, name: str) -> dict[str, str]:
    """What a Secret on the server holds."""
    data = cluster.get(f"secrets/{name}").get("data") or {}
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_secret_is_made_from_values_and_files_and_run_again_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("certificate\n")
    items = [{"key": "token", "value": CANARY}, {"key": "ca.crt", "file": str(tmp_path / "ca.crt")}]
    assert secret(cluster, items, check=True)["changed"] is True
    assert secret(cluster, items).actions()["Secret/peers"] == "created"
    assert held(cluster, "peers") == {"token": CANARY, "ca.crt": "certificate\n"}
    assert secret(cluster, items)["changed"] is False


def test_changed_value_is_reported_by_its_key_and_removed_key_is_removed(cluster: Cluster) -> None:
    secret(cluster, [{"key": "a", "value": "old-value-of-a"}, {"key": "b", "value": "value-of-b"}])
    result = secret(cluster, [{"key": "a", "value": CANARY}], diff=True)
    assert result.actions() == {"Secret/peers": "updated"}
    assert held(cluster, "peers") == {"a": CANARY}
    assert "a:" in result["diff"][0]["after"]
    for value in (CANARY, "old-value-of-a", "value-of-b"):
        assert value not in result.text
        assert base64.b64encode(value.encode()).decode() not in result.text


def test_secret_of_somebody_else_is_not_taken_over(cluster: Cluster) -> None:
    cluster.secret()
    cluster.send("POST", "secrets", {"metadata": {"name": "peers"}, "data": {"x": "eA=="}})
    result = secret(cluster, [{"key": "token", "value": CANARY}])
    assert result.failed
    assert held(cluster, "peers") == {"x": "x"}
    assert CANARY not in result.text


def test_absent_removes_the_secret(cluster: Cluster) -> None:
    secret(cluster, [{"key": "a", "value": CANARY}])
    assert secret(cluster, [], state="absent").actions() == {"Secret/peers": "deleted"}
    assert secret(cluster, [], state="absent")["changed"] is False


BAD_ITEMS: list[tuple[list[dict[str, Any]], str]] = [
    ([], "items is required"),
    ([{"key": "a"}], "items[0] (a): give either value or file."),
    ([{"key": "a", "value": CANARY, "file": "/x"}], "items[0] (a): give either value or file."),
    ([{"key": "a", "value": CANARY}, {"key": "a", "value": CANARY}], "items[1] (a): the key is there twice."),
    ([{"key": "a", "file": "/nowhere"}], "items[0] (a): the file /nowhere cannot be read"),
]


@pytest.mark.parametrize(("items", "sentence"), BAD_ITEMS, ids=lambda x: x if isinstance(x, str) else "")
def test_incomplete_item_is_named(cluster: Cluster, items: list[dict[str, Any]], sentence: str) -> None:
    result = secret(cluster, items)
    assert result.failed
    assert sentence in result["msg"]
    assert CANARY not in result.text


MISPLACED: list[tuple[str, dict[str, Any], str]] = [
    ("secret", {"name": "peers", "items": [{"key": "a", "vaule": CANARY}]}, "Did you mean 'value'?"),
    ("secret", {"name": "peers", "items": {"ca.crt": CANARY}}, "items must be a list of mappings"),
    (
        "objstore_secret",
        {"state": "absent", "store": {"type": "S3", "acess_key": CANARY}},
        "Did you mean 'access_key'?",
    ),
    (
        "objstore_secret",
        {
            "store": {
                **STORE,
                "pods": {"credentials_mode": "external", "credentials_from": {"name": "s"}, "acess_key": CANARY},
            }
        },
        "store.pods.acess_key: there is no such key.",
    ),
]


@pytest.mark.parametrize(
    ("module", "parameters", "sentence"), MISPLACED, ids=["items", "no list", "absent", "external"]
)
def test_misplaced_value_is_not_shown(cluster: Cluster, module: str, parameters: dict[str, Any], sentence: str) -> None:
    result = run_module(module, {**cluster.arguments, **parameters})
    assert result.failed
    assert sentence in result["msg"]
    assert CANARY not in result.text


def test_secret_that_works_is_not_replaced_by_one_without_keys(cluster: Cluster) -> None:
    """As by variables of the environment that are not set."""
    cluster.secret()
    before = held(cluster, "thanos-objstore-default")
    result = cluster.secret(store={**STORE, "pods": {"access_key": "", "secret_key": ""}})
    assert result.failed
    assert "store.pods.access_key, secret_key: empty" in result["msg"]
    assert held(cluster, "thanos-objstore-default") == before


def test_pods_that_lose_their_only_key_are_warned_of(cluster: Cluster) -> None:
    store = {"type": "GCS", "bucket": "metrics-eu", "pods": {"service_account": ""}}
    result = cluster.secret(store=store)
    assert "store.pods.service_account: empty" in result.warnings
    assert cluster.secret(store={**store, "pods": {"credentials_mode": "identity"}}).warnings == "[]"


def test_object_store_secret_holds_the_configuration_and_the_private_ca(cluster: Cluster) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    result = cluster.secret(store={**STORE, "ca": pem}, name="archive", stack="t2")
    assert result["secrets"] == {"all": "t2-objstore-archive"}
    files = held(cluster, "t2-objstore-archive")
    assert files["ca.crt"] == f"{pem}\n"
    assert 'ca_file: "/etc/thanos/objstore/ca.crt"' in files["objstore.yml"]


def quoted(cluster: Cluster, text: str) -> str:
    """What a run says that waits for a store whose pod has an event with this text."""
    assert not cluster.stack({"store": {}}).failed
    pod = until(lambda: next(iter(cluster.get("pods")["items"]), None))
    about = {"kind": "Pod", **{k: pod["metadata"][k] for k in ("name", "namespace", "uid")}}
    event = {"metadata": {"name": "e"}, "involvedObject": about, "type": "Warning", "reason": "Said", "message": text}
    cluster.send("POST", "events", event)
    result = cluster.stack({"store": {}}, wait=True, wait_timeout=2)
    assert result.failed
    assert "event of pod thanos-store-0: Said" in result["msg"]
    return result.text


def test_key_in_what_a_pod_says_is_not_quoted(cluster: Cluster) -> None:
    cluster.secret()
    assert STORE["secret_key"] not in quoted(cluster, f"cannot parse: {STORE['secret_key']}")


def test_key_of_the_environment_in_what_a_pod_says_is_not_quoted(cluster: Cluster) -> None:
    cluster.secret()
    cluster.send("POST", "secrets", {"metadata": {"name": "theirs"}, "stringData": {"id": "an-id", "key": CANARY}})
    keys = {"access_key": "id", "secret_key": "key"}
    store = {k: v for k, v in STORE.items() if not k.endswith("_key")}
    result = cluster.secret(
        store={**store, "credentials_mode": "env", "credentials_from": {"name": "theirs", "keys": keys}}
    )
    assert not result.failed, result["msg"]
    assert CANARY not in quoted(cluster, f"cannot parse: {CANARY}")


def test_key_that_the_version_does_not_know_is_refused(cluster: Cluster) -> None:
    store = {"type": "AZURE", "storage_account": "a", "container": "metrics", "client_id": "x", "client_secret": CANARY}
    result = cluster.secret(store={**store, "az_tenant_id": "t"}, version="0.39.2")
    assert result.failed
    assert "0.40" in result["msg"]
    assert CANARY not in result.text


def test_every_mistake_of_a_store_is_told_at_once_without_a_value(cluster: Cluster) -> None:
    store = {**STORE, "bucket": "Not A Bucket", "endpoint": "https://s3.example", "secret_kye": CANARY}
    result = cluster.secret(store=store)
    assert result.failed
    assert len(result["problems"]) >= 3
    assert CANARY not in result.text
    assert "secret_key" in result["msg"]


def test_changed_bucket_is_told_before_and_when_it_is_changed_and_never_again(cluster: Cluster) -> None:
    store = {**STORE, "bucket": "metrics"}
    typo = {**store, "bucket": "metrix"}
    sentence = (
        "until now the pods of the stack thanos with the object store default had S3 bucket metrics at "
        "s3.example:9000, from now on S3 bucket metrix at s3.example:9000: queries no longer see what is in the former"
    )
    assert "until now" not in cluster.secret(store=store).text
    arguments = {**cluster.arguments, "store": typo}
    assert sentence in run_module("objstore_secret", arguments, check=True).warnings
    assert sentence in run_module("objstore_secret", arguments).warnings
    again = run_module("objstore_secret", arguments)
    assert (again["changed"], "until now" in again.text) == (False, False)


def test_instance_that_is_given_another_bucket_is_told(cluster: Cluster) -> None:
    """By its object store, or by a Secret that somebody else makes; in check mode before there is the new one."""
    assert not cluster.secret(store={**STORE, "bucket": "metrics"}).failed
    assert not cluster.stack({"store": {}}).failed
    longterm = {**STORE, "bucket": "longterm"}
    needs = objstore_needs({"thanos_objstores": {"longterm": longterm}}, "thanos")
    other = {"store": {"objstore": "longterm"}}
    sentence = (
        "until now the instance store had S3 bucket metrics at s3.example:9000, from now on S3 bucket longterm at"
    )
    assert sentence in cluster.stack(other, objstores=needs, check=True).warnings
    assert not cluster.secret(name="longterm", store=longterm).failed
    assert "until now" not in cluster.stack({"store": {"log_level": "debug"}}, check=True).text
    assert sentence in cluster.stack(other).warnings
    again = cluster.stack(other)
    assert (again["changed"], "until now" in again.text) == (False, False)
    config = yaml.safe_dump({"type": "S3", "config": {"bucket": "theirs", "endpoint": "s3.example:9000"}})
    cluster.send("POST", "secrets", {"metadata": {"name": "theirs"}, "stringData": {"objstore.yml": config}})
    moved = cluster.stack({"store": {"objstore_secret": {"name": "theirs"}}})
    assert "had S3 bucket longterm at s3.example:9000, from now on S3 bucket theirs at" in moved.warnings


def test_bucket_of_an_access_role_that_changes_is_told_by_itself(cluster: Cluster) -> None:
    keys = {"access_key": "canary-reader-id", "secret_key": "canary-reader-secret"}
    store = {**STORE, "bucket": "metrics"}
    assert not cluster.secret(store=store).failed
    # A Secret more, and the same bucket.
    assert "until now" not in cluster.secret(store={**store, "access": {"reader": keys}}).text
    moved = cluster.secret(store={**store, "access": {"reader": {**keys, "bucket": "copy"}}})
    assert moved.warnings.count("until now") == 1
    assert "from now on S3 bucket copy at" in moved.warnings
    # The one of all roles goes, those of each come.
    roles = {role: {**keys, "bucket": "new"} for role in ("reader", "writer", "compactor")}
    moved = cluster.secret(store={**store, "access": roles})
    assert moved.warnings.count("until now") == 2
