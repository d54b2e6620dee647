# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``probe`` on S3 servers that enforce rights: a role with exactly its rights passes, one right less is named."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.conftest import Bucket, bucket_on
from tests.integration.objstore.enforcing_moto import add_user, enforcing_moto
from tests.integration.objstore.test_thanos import BLOCK, META, ls, thanos
from tests.support.modules import Result, run_module
from tests.testbed.stores.store import Store

__all__ = ["thanos"]
RIGHTS = {"list": "s3:ListBucket", "read": "s3:GetObject", "write": "s3:PutObject", "delete": "s3:DeleteObject"}
NEEDS: dict[str, tuple[str, ...]] = {
    "reader": ("list", "read"),
    "writer": ("list", "read", "write"),
    "compactor": ("list", "read", "write", "delete"),
}
PREFIX = "eu"
META_KEY = f"{PREFIX}/{BLOCK}/meta.json"
_NUMBERS = itertools.count(1)
Rights = Mapping[str, Collection[str]]


def statements(bucket: str, rights: Collection[str], **principal: Any) -> list[dict[str, Any]]:
    """These rights and no others, on objects beneath the prefix only."""
    arn = f"arn:aws:s3:::{bucket}"
    objects = [RIGHTS[right] for right in rights if right != "list"]
    rows = [([RIGHTS["list"]] if "list" in rights else [], arn), (objects, f"{arn}/{PREFIX}/*")]
    return [{"Effect": "Allow", "Action": a, "Resource": [on], **principal} for a, on in rows if a]


def document(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": found}


@dataclass(frozen=True)
class Site:
    """A bucket with a block. ``grant`` gives each role a user of its own with these rights, and returns their keys."""

    bucket: Bucket
    grant: Callable[[Rights], dict[str, dict[str, str]]] = field(repr=False)

    def probe(
        self,
        rights: Rights,
        check: bool = False,
        options: dict[str, Any] | None = None,
        **store: Any,
    ) -> Result:
        """Run ``bucket`` with ``probe`` as the owner, for users with these rights."""
        access: dict[str, Any] = dict(self.grant(rights))
        asked = {"probe": True, **(options or {})}
        result = self.bucket.run(check, asked, prefix=PREFIX, profile="none", access=access, **store)
        secrets = [keys["secret_key"] for keys in (self.bucket.store, *access.values())]
        assert [secret for secret in secrets if secret in result.text] == []
        return result

    def put(self, key: str) -> None:
        self.bucket.client.put_object(Bucket=self.bucket.name, Key=key, Body=META)

    def keys(self) -> list[str]:
        """Every object, old version and delete marker."""
        found = self.bucket.client.list_object_versions(Bucket=self.bucket.name)
        return sorted(entry["Key"] for part in ("Versions", "DeleteMarkers") for entry in found.get(part, ()))


def states(result: Result, access: str) -> dict[str, str]:
    """Action → state of one access role."""
    assert not result.failed, result["msg"]
    return {found["action"]: found["state"] for found in result["probe"] if found["access"] == access}


def refused(result: Result) -> set[tuple[str, str]]:
    """Role and missing right of each line of a failure."""
    lines = [line for line in result["msg"].splitlines() if line.startswith("- ")]
    return {
        (role, right) for line in lines for role in NEEDS for right in RIGHTS.values() if {role, right} <= words(line)
    }


def words(line: str) -> set[str]:
    return set(line.replace(",", " ").split())


@pytest.fixture(scope="module")
def moto() -> Iterator[Store]:
    with enforcing_moto() as server:
        yield server


@pytest.fixture(params=["versitygw", "moto", pytest.param("ceph", marks=pytest.mark.slow)])
def site(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Site:
    """On moto each user has a policy; elsewhere the bucket's policy lets users in."""
    if request.param == "moto":
        return on_moto(request.getfixturevalue("moto"))
    return with_bucket_policy(servers(request.param))


@pytest.fixture
def versitygw(servers: Callable[[str], Store]) -> Site:
    return with_bucket_policy(servers("versitygw"))


def with_bucket_policy(server: Store) -> Site:
    bucket = with_block(bucket_on(server))

    def grant(rights: Rights) -> dict[str, dict[str, str]]:
        users = {role: server.add_user(f"user{next(_NUMBERS)}") for role in rights}
        found = [
            statement
            for role, mine in rights.items()
            for statement in statements(
                bucket.name, mine, Principal={"AWS": [server.principal(users[role]["access_key"])]}
            )
        ]
        if found:
            bucket.client.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(document(found)))
        return users

    return Site(bucket, grant)


def on_moto(server: Store) -> Site:
    bucket = with_block(bucket_on(server))

    def grant(rights: Rights) -> dict[str, dict[str, str]]:
        return {
            role: add_user(server, f"user{next(_NUMBERS)}", document(statements(bucket.name, mine)))
            for role, mine in rights.items()
        }

    return Site(bucket, grant)


def with_block(bucket: Bucket) -> Bucket:
    bucket.run(profile="none")
    bucket.client.put_object(Bucket=bucket.name, Key=META_KEY, Body=META)
    return bucket


def all_pass(actions: Collection[str]) -> dict[str, str]:
    return dict.fromkeys(actions, "pass")


def test_exactly_the_rights_of_a_role_pass_and_nothing_is_left(site: Site) -> None:
    result = site.probe(NEEDS)
    assert {role: states(result, role) for role in NEEDS} == {role: all_pass(needs) for role, needs in NEEDS.items()}
    assert not result["changed"]
    assert site.keys() == [META_KEY]


def test_without_a_credential_of_their_own_all_pods_need_every_right(site: Site) -> None:
    result = site.probe({})
    assert states(result, "all") == all_pass(RIGHTS)
    assert site.keys() == [META_KEY]


@pytest.mark.parametrize("missing", RIGHTS)
def test_a_missing_right_is_named_for_every_role_that_needs_it(site: Site, missing: str) -> None:
    result = site.probe({role: [right for right in needs if right != missing] for role, needs in NEEDS.items()})
    assert result.failed
    assert refused(result) == {(role, RIGHTS[missing]) for role, needs in NEEDS.items() if missing in needs}
    assert "the credential of the compactor cannot" in result["msg"]
    assert site.keys() == [META_KEY]


@pytest.mark.parametrize("missing", ["list", "read"])
def test_check_mode_names_what_may_not_be_read(site: Site, missing: str) -> None:
    rights = {role: [right for right in needs if right != missing] for role, needs in NEEDS.items()}
    result = site.probe(rights, check=True)
    assert refused(result) == {(role, RIGHTS[missing]) for role in NEEDS}


def test_in_an_empty_bucket_check_mode_cannot_tell_who_may_read(site: Site) -> None:
    site.bucket.client.delete_object(Bucket=site.bucket.name, Key=META_KEY)
    assert states(site.probe(NEEDS, check=True), "reader") == {"list": "pass", "read": "pending"}


def test_check_mode_only_reads(site: Site) -> None:
    site.bucket.run(profile="none", versioning="enabled")
    before = site.keys()
    result = site.probe(dict.fromkeys(NEEDS, ("list", "read")), check=True, versioning="enabled")
    assert states(result, "writer") == {**all_pass(NEEDS["reader"]), "write": "pending"}
    assert "not tried in check mode" in json.dumps(result["probe"])
    assert site.keys() == before


def test_no_old_version_is_left_where_versions_are_kept(site: Site) -> None:
    site.bucket.run(profile="none", versioning="enabled")
    assert states(site.probe(NEEDS, versioning="enabled"), "compactor") == all_pass(RIGHTS)
    assert site.keys() == [META_KEY]


def test_what_an_interrupted_run_left_goes_and_what_others_use_stays(versitygw: Site) -> None:
    now = int(time.time())
    left, in_use, theirs = (
        f"{PREFIX}/.o11y.thanos-probe-{name}" for name in (f"{now - 7200}-0123456789ab", f"{now}-0123456789ab", "notes")
    )
    for key in (left, in_use, theirs):
        versitygw.put(key)
    assert not versitygw.probe({}).failed
    assert versitygw.keys() == sorted([META_KEY, in_use, theirs])


def test_thanos_does_not_see_a_throw_away_object(versitygw: Site, thanos: Path, tmp_path: Path) -> None:
    versitygw.put(f"{PREFIX}/.o11y.thanos-probe-{int(time.time())}-0123456789ab")
    code, output = ls(thanos, tmp_path, {**versitygw.bucket.store, "prefix": PREFIX})
    assert code == 0, output
    assert [line for line in output.splitlines() if not line.startswith("ts=")] == [BLOCK], output


def test_a_wrong_key_is_a_failure_before_anything_is_deployed(versitygw: Site) -> None:
    wrong = {"reader": {"access_key": "nobody", "secret_key": "CANARY-secret"}}
    result = versitygw.bucket.run(options={"probe": True}, access=wrong)
    assert "the credential of the reader cannot list: " in result["msg"]
    assert "access_key" in result["msg"]
    assert "CANARY" not in result.text


def test_a_bucket_that_is_not_there_yet_is_pending_in_check_mode(versitygw: Site) -> None:
    result = versitygw.bucket.run(check=True, options={"probe": True}, bucket=f"{versitygw.bucket.name}-new")
    assert result["action"] == "created"
    assert {(found["state"], found["detail"]) for found in result["probe"]} == {
        ("pending", "the bucket does not exist yet")
    }


def test_a_bucket_is_made_and_then_probed(versitygw: Site) -> None:
    result = versitygw.bucket.run(options={"probe": True}, bucket=f"{versitygw.bucket.name}-new")
    assert (result["action"], states(result, "all")) == ("created", all_pass(RIGHTS))


def test_a_credential_that_only_the_pods_have_is_pending(versitygw: Site) -> None:
    role = {"credentials_mode": "identity", "identity": {"aws_role_arn": "arn:aws:iam::123456789012:role/thanos"}}
    external = {"credentials_mode": "external", "credentials_from": {"name": "theirs"}}
    result = versitygw.bucket.run(options={"probe": True}, access={"reader": role, "writer": external})
    for access in ("reader", "writer"):
        assert set(states(result, access).values()) == {"pending"}
    assert states(result, "all") == all_pass(RIGHTS)
    assert "not probeable from here" in json.dumps(result["probe"])


def test_a_bucket_of_others_is_only_probed(site: Site) -> None:
    keys = site.grant({"reader": NEEDS["reader"]})["reader"]
    store = {**site.bucket.store, "access_key": None, "secret_key": None, "manage": False, "pods": keys}
    result = run_module("bucket", {"store": {**store, "prefix": PREFIX}, "probe": True, "timeout": 5})
    assert (result["changed"], result["action"]) == (False, "unmanaged")
    assert states(result, "all") == {**all_pass(NEEDS["reader"]), "write": "pending", "delete": "pending"}
    assert site.keys() == [META_KEY]


def test_pods_without_a_right_of_the_upper_level_are_told_from_those_with_its_credential(site: Site) -> None:
    """Whoever may not delete writes nothing and lets nobody write, but is told what its own credential lacks."""
    for missing in ("write", "delete"):
        keys = site.grant({"writer": [right for right in RIGHTS if right != missing]})["writer"]
        shared = {**site.bucket.store, **keys, "prefix": PREFIX, "manage": False}
        result = run_module("bucket", {"store": shared, "probe": True, "timeout": 5})
        assert f"the credential of all pods cannot {missing}: " in result["msg"]
        assert RIGHTS[missing] in result["msg"]
        assert site.keys() == [META_KEY]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_bucket_of_others_that_is_not_there_is_told_with_the_way_to_one(site: Site, check_mode: bool) -> None:
    store = {**site.bucket.store, "bucket": "never-made", "manage": False}
    result = run_module("bucket", {"store": store, "probe": True, "timeout": 5}, check=check_mode)
    assert "which is not managed here (manage: false)" in result["msg"]
    assert "Let whoever manages this bucket make it" in result["msg"]


def test_a_bucket_of_others_that_does_not_answer_is_pending(versitygw: Site) -> None:
    store = {**versitygw.bucket.store, "endpoint": "127.0.0.1:1", "manage": False}
    result = run_module("bucket", {"store": store, "probe": True, "timeout": 5})
    assert set(states(result, "all").values()) == {"pending"}
    assert "nothing answers there" in json.dumps(result["probe"])


def test_a_type_without_a_client_is_pending() -> None:
    store = {"type": "COS", "endpoint": "https://b.example", "secret_id": "canary-id", "secret_key": "canary-key"}
    result = run_module("bucket", {"store": {**store, "manage": False}, "probe": True})
    assert set(states(result, "all").values()) == {"pending"}
    assert "there is no client for type COS" in json.dumps(result["probe"])
