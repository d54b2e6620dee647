# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of real pods: one with the least rights for each access role, rotated, and taken from the environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.playbooks.conftest import Site, objstore
from tests.testbed.plan import BRIDGE_ADDRESS
from tests.testbed.stores.store import Store

STORING = ("sidecar", "store", "compact", "ruler")
Users = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Store]:
    """An S3 server that knows users and enforces what a bucket's policy lets them do."""
    with Store("versitygw", address=BRIDGE_ADDRESS) as running:
        yield running


@pytest.fixture(scope="module")
def own(server: Store, site: Site) -> Site:
    """The site with this server."""
    return Site(site.kubeconfig, site.namespace, server.place, site.folder)


def with_access(site: Site, users: Users) -> dict[str, Any]:
    """The object store with a user for each access role, whom the bucket lets in."""
    access = {role: {**user, "grant_to": [user["access_key"]]} for role, user in users.items()}
    return objstore(site.store, site.namespace, access=access)


def pods_of(site: Site) -> dict[str, set[str]]:
    return {tier: {p["metadata"]["uid"] for p in site.pods(tier)} for tier in (*STORING, "query")}


def test_every_tier_works_with_the_least_that_its_role_needs_and_a_new_key_rolls_only_its_users(
    own: Site, server: Store
) -> None:
    users = {role: server.add_user(f"{role}-one") for role in ("reader", "writer", "compactor")}
    done = own.play("deploy", thanos_objstore=with_access(own, users))
    assert done.code == 0, done.text
    assert "fail 0" in done.text
    before = pods_of(own)

    rotated = {**users, "compactor": server.add_user("compactor-two")}
    done = own.play("deploy", thanos_objstore=with_access(own, rotated))
    assert done.code == 0, done.text
    assert "fail 0" in done.text
    after = pods_of(own)
    assert {tier for tier, uids in after.items() if uids != before[tier]} == {"compact"}


def test_pods_take_their_credential_from_the_environment(own: Site) -> None:
    body = {
        "metadata": {"name": "keys"},
        "stringData": {"id": own.store.access_key, "key": f"{own.store.secret_key}\n"},
    }
    own.client.request("POST", f"/api/v1/namespaces/{own.namespace}/secrets", body=body)
    source = {"name": "keys", "keys": {"access_key": "id", "secret_key": "key"}}
    store = objstore(own.store, own.namespace, credentials_mode="env", credentials_from=source)
    done = own.play("deploy", thanos_objstore=store)
    assert done.code == 0, done.text
    assert "fail 0" in done.text
    secrets = {s["metadata"]["name"]: s["data"] for s in own.objects("secrets")}
    assert not any("-reader" in name or "-compactor" in name for name in secrets)
    assert own.play("deploy", thanos_objstore=store).recap() == {"eu": (0, 0)}
