# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which pods come by a credential, on a real API server: from the store to the rendered workloads."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import STORE, Cluster
from .test_secrets import held

pytestmark = pytest.mark.api
ROLE = "arn:aws:iam::123456789012:role/thanos"
KEYS = {"name": "keys", "keys": {"access_key": "id", "secret_key": "key"}}
TIERS: dict[str, Any] = {"store": {}, "compact": {}}
VALUE = "canary-of-somebody-else"


def make_keys(cluster: Cluster, **data: str) -> None:
    """A Secret that somebody else makes."""
    assert not cluster.secret().failed  # makes the namespace
    cluster.send("POST", "secrets", {"metadata": {"name": "keys"}, "stringData": data})


def store_with(cluster: Cluster, **changes: Any) -> dict[str, Any]:
    bare = {k: v for k, v in STORE.items() if k not in ("access_key", "secret_key")}
    return {**bare, "bucket": cluster.namespace, **changes}


def template(cluster: Cluster, tier: str) -> dict[str, Any]:
    return dict(cluster.get(f"statefulsets/thanos-{tier}")["spec"]["template"])


def test_environment_comes_from_the_secret_of_somebody_else_and_its_change_rolls_the_pods(cluster: Cluster) -> None:
    make_keys(cluster, id="i", key=VALUE)
    store = store_with(cluster, credentials_mode="env", credentials_from=KEYS)
    made = cluster.secret(store=store)
    assert made["changed"], made["msg"]
    assert "$(OBJSTORE_SECRET_KEY)" in held(cluster, "thanos-objstore-default")["objstore.yml"]
    assert not cluster.secret(store=store)["changed"]
    assert cluster.stack(TIERS)["changed"]
    before = template(cluster, "store")
    (variable,) = [e for e in before["spec"]["containers"][0]["env"] if e["name"] == "OBJSTORE_SECRET_KEY"]
    assert variable["valueFrom"]["secretKeyRef"] == {"name": "keys", "key": "key"}
    assert not cluster.stack(TIERS)["changed"]
    cluster.edit("secrets/keys", {"stringData": {"key": f"{VALUE}-new"}})
    assert cluster.stack(TIERS).actions()["StatefulSet/thanos-store"] == "updated"
    after = template(cluster, "store")
    assert before["metadata"]["annotations"] != after["metadata"]["annotations"]
    assert before["spec"] == after["spec"]


def test_existing_values_are_written_and_their_change_is_noticed(cluster: Cluster) -> None:
    make_keys(cluster, id="i", key=f"{VALUE}\n")
    store = store_with(cluster, credentials_mode="existing", credentials_from=KEYS)
    result = cluster.secret(store=store)
    assert VALUE not in result.text
    assert f'secret_key: "{VALUE}"' in held(cluster, "thanos-objstore-default")["objstore.yml"]
    cluster.edit("secrets/keys", {"stringData": {"key": f"{VALUE}-new"}})
    assert cluster.secret(store=store)["changed"]


def test_secret_of_somebody_else_is_only_named(cluster: Cluster) -> None:
    make_keys(cluster, id="i", key=VALUE)
    store = store_with(cluster, credentials_mode="external", credentials_from={"name": "theirs"})
    result = cluster.secret(store=store)
    assert result["secrets"] == {"all": "theirs"}
    # The one that was ours is not needed any more.
    assert result.actions() == {"Secret/thanos-objstore-default": "deleted"}


def test_identity_reaches_service_account_and_pods_and_goes_again(cluster: Cluster) -> None:
    store = store_with(cluster, credentials_mode="identity", identity={"aws_role_arn": ROLE})
    assert not cluster.secret(store=store).failed
    assert not cluster.stack(TIERS).failed
    account = cluster.get("serviceaccounts/thanos-store")
    assert account["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": ROLE}
    assert "access_key" not in held(cluster, "thanos-objstore-default")["objstore.yml"]
    assert not cluster.secret().failed
    assert not cluster.stack(TIERS).failed
    assert not cluster.get("serviceaccounts/thanos-store")["metadata"].get("annotations")


def test_each_access_role_has_its_own_secret_until_it_is_not_named_any_more(cluster: Cluster) -> None:
    reader = {"access_key": "id-of-the-store", "secret_key": "canary-of-the-reader"}
    result = cluster.secret(store={**STORE, "bucket": cluster.namespace, "access": {"reader": reader}})
    assert result["secrets"] == {"all": "thanos-objstore-default", "reader": "thanos-objstore-default-reader"}
    cluster.stack(TIERS)
    volumes = {tier: template(cluster, tier)["spec"]["volumes"] for tier in TIERS}
    named = {t: v["secret"]["secretName"] for t, below in volumes.items() for v in below if v["name"] == "objstore"}
    assert named == {"store": "thanos-objstore-default-reader", "compact": "thanos-objstore-default"}
    assert cluster.secret().actions() == {"Secret/thanos-objstore-default-reader": "deleted"}
    assert cluster.stack(TIERS).actions() == {"StatefulSet/thanos-store": "updated"}


def test_changed_key_rolls_the_pods_that_use_it_and_no_others(cluster: Cluster) -> None:
    keys = {role: {"access_key": f"id-{role}", "secret_key": f"{VALUE}-{role}"} for role in ("reader", "compactor")}
    store = {**STORE, "bucket": cluster.namespace, "access": keys}
    assert not cluster.secret(store=store).failed
    assert not cluster.stack({"sidecar": {}, **TIERS}).failed
    keys["compactor"]["secret_key"] = f"{VALUE}-of-tomorrow"
    assert cluster.secret(store=store).actions() == {"Secret/thanos-objstore-default-compactor": "updated"}
    assert cluster.stack({"sidecar": {}, **TIERS}).actions() == {"StatefulSet/thanos-compact": "updated"}


@pytest.mark.parametrize(
    ("data", "mode", "sentence"),
    [
        ({}, "env", "does not exist or is empty; make it first."),
        ({"id": "i"}, "existing", "has no key 'key'; it has id."),
        ({"id": "i", "key": f"{VALUE}\n{VALUE}"}, "env", "has several lines"),
    ],
)
def test_secret_that_cannot_be_used_is_named(cluster: Cluster, data: dict[str, str], mode: str, sentence: str) -> None:
    if data:
        make_keys(cluster, **data)
    result = cluster.secret(store=store_with(cluster, credentials_mode=mode, credentials_from=KEYS))
    assert result.failed
    assert sentence in result["msg"]
    assert VALUE not in result.text


def test_pods_are_not_started_without_their_environment(cluster: Cluster) -> None:
    make_keys(cluster, id="i", key=VALUE)
    assert not cluster.secret(store=store_with(cluster, credentials_mode="env", credentials_from=KEYS)).failed
    cluster.send("DELETE", "secrets/keys")
    result = cluster.stack(TIERS)
    assert result.failed
    assert "/keys (key id) from which store, compact take a credential does not exist" in result["msg"]
