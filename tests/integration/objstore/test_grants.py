# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run makes a bucket, lets the users of the access roles in, and proves that they can work; on a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.objstore.conftest import Bucket, bucket_on
from tests.testbed.stores.store import Store

ROLES = ("reader", "writer", "compactor")


@pytest.fixture
def granted(servers: Callable[[str], Store]) -> Bucket:
    """A bucket that shall have a user for each access role; neither bucket nor rights exist yet."""
    server = servers("versitygw")
    bucket = bucket_on(server)
    users = {role: server.add_user(f"{role}-{bucket.name}") for role in ROLES}
    bucket.store["access"] = let_in(users)
    return bucket


def let_in(users: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    """Access role → its credential, and that it shall be let in."""
    return {role: {**user, "grant_to": [user["access_key"]]} for role, user in users.items()}


def test_bucket_rights_and_proof_in_one_run(granted: Bucket) -> None:
    first = granted.run(options={"probe": True})
    assert first["action"] == "created", first.text
    proven = {(finding["access"], finding["action"]): finding["state"] for finding in first["probe"]}
    assert proven == {
        **{(role, action): "pass" for role in ROLES for action in ("list", "read")},
        **{(role, "write"): "pass" for role in ("writer", "compactor")},
        ("compactor", "delete"): "pass",
    }
    assert granted.run(options={"probe": True})["changed"] is False


def test_clusters_that_share_a_bucket_keep_each_others_users(granted: Bucket, servers: Callable[[str], Store]) -> None:
    server = servers("versitygw")
    others = {role: server.add_user(f"other-{role}-{granted.name}") for role in ROLES}
    clusters: list[dict[str, Any]] = [{"prefix": "eu"}, {"prefix": "us", "access": let_in(others)}, {}]
    assert [granted.run(**cluster)["action"] for cluster in clusters] == ["created", "updated", "updated"]
    for cluster in clusters:
        again = granted.run(**cluster, options={"probe": True})
        assert again["changed"] is False, again.text
        assert {finding["state"] for finding in again["probe"]} == {"pass"}


def test_role_that_is_given_to_somebody_else_is_taken_from_the_first(granted: Bucket) -> None:
    granted.run()
    other = granted.store["access"]["writer"]["grant_to"]
    access = {**granted.store["access"], "compactor": {**granted.store["access"]["compactor"], "grant_to": other}}
    result = granted.run(access=access, options={"probe": True})
    assert result.failed
    assert "the credential of the compactor cannot list" in result["msg"]


def test_check_mode_shows_who_would_be_let_in(granted: Bucket) -> None:
    plain = {
        role: {k: v for k, v in level.items() if k != "grant_to"} for role, level in granted.store["access"].items()
    }
    granted.run(access=plain)
    result = granted.run(check=True, options={"probe": True})
    assert result["changed"], result.text
    assert {finding["state"] for finding in result["probe"]} == {"pending"}
    assert "O11yThanosReaderList" in str(result["diff"])
    assert granted.run()["action"] == "updated"
