# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at a real Keystone: modules and real Thanos agree on which of them work; a refusal is one sentence."""

from __future__ import annotations

import datetime
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import accesses
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import render
from tests.integration.objstore.sites import Options, keystone_store
from tests.integration.objstore.test_thanos import VERSION, ls, ls_of, thanos
from tests.support.modules import Result, run_module
from tests.testbed.stores import keystone
from tests.testbed.stores.keystone_api import PROJECT
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.slow
__all__ = ["thanos"]
NUMBERS = itertools.count(1)
NOBODY = "0" * 32


@dataclass(frozen=True)
class Cloud:
    """A project whose owner has made a container, and everything about him that a login may name."""

    server: Store
    store: Options = field(repr=False)
    user_id: str
    project_id: str

    def application(self, secret: str = "", **more: Any) -> Options:
        """The store with a new application credential in the place of user and project."""
        owner = keystone.log_in(self.server.place)
        name, right = owner.application_credential(f"application-{next(NUMBERS)}", **more)
        where = {key: self.store[key] for key in ("type", "auth_url", "container_name")}
        return {**where, "application_credential_id": name, "application_credential_secret": secret or right}

    def changed(self, **changes: Any) -> Options:
        """The store of the owner with changes; None takes a key away."""
        return {key: value for key, value in {**self.store, **changes}.items() if value is not None}


@pytest.fixture(scope="module")
def cloud(servers: Callable[[str], Store]) -> Cloud:
    server = servers("swift-keystone")
    owner = keystone.log_in(server.place)
    store = keystone_store(server.place)
    assert bucket(store)["action"] == "created"
    return Cloud(server, store, owner.user_id, owner.project_id)


def bucket(store: Options, **more: Any) -> Result:
    return run_module("bucket", {"store": store, "timeout": 20, **more})


def by_name(cloud: Cloud) -> Options:
    owner = keystone.log_in(cloud.server.place)
    name = f"named-{next(NUMBERS)}"
    secret = owner.application_credential(name)[1]
    changes = {"application_credential_name": name, "application_credential_secret": secret}
    return cloud.changed(password=None, project_name=None, project_domain_name=None, **changes)


LOGINS: dict[str, Callable[[Cloud], Options]] = {
    "names": lambda cloud: cloud.store,
    "ids": lambda cloud: cloud.changed(
        username=None,
        user_domain_name=None,
        user_id=cloud.user_id,
        project_name=None,
        project_domain_name=None,
        project_id=cloud.project_id,
    ),
    "user's id beside a domain": lambda cloud: cloud.changed(username=None, user_id=cloud.user_id),
    "domains by id": lambda cloud: cloud.changed(
        user_domain_name=None, user_domain_id="default", project_domain_name=None, project_domain_id="default"
    ),
    "domain as Thanos calls it": lambda cloud: cloud.changed(user_domain_name=None, domain_name="Default"),
    "one domain for both": lambda cloud: cloud.changed(project_domain_name=None),
    "region": lambda cloud: cloud.changed(region_name="us-east-1"),
    "slash": lambda cloud: cloud.changed(auth_url=f"{cloud.store['auth_url']}/"),
    "application credential": lambda cloud: cloud.application(),
    "application credential with one role": lambda cloud: cloud.application(roles=[{"name": "swiftoperator"}]),
    "application credential by name": by_name,
}


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_works_for_the_modules_and_for_thanos(cloud: Cloud, login: str, thanos: Path, tmp_path: Path) -> None:
    store = LOGINS[login](cloud)
    assert bucket(store).values.get("action") == "unchanged"
    assert run_module("bucket_info", {"store": store, "timeout": 20})["exists"]
    code, output = ls(thanos, tmp_path, store)
    assert code == 0, output


def test_thanos_takes_the_user_out_of_its_environment(cloud: Cloud, thanos: Path, tmp_path: Path) -> None:
    keys = {"username": "user", "password": "password"}
    pods = {"credentials_mode": "env", "credentials_from": {"name": "openstack", "keys": keys}}
    for name, text in render(accesses(pods, cloud.store)["all"].keys, VERSION).files.items():
        assert cloud.store["password"] not in text
        (tmp_path / name).write_text(text)
    variables = {f"OBJSTORE_{key.upper()}": cloud.store[key] for key in keys}
    code, output = ls_of(thanos, tmp_path, **variables)
    assert code == 0, output


def expired(cloud: Cloud) -> Options:
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
    store = cloud.application(expires_at=ends.strftime("%Y-%m-%dT%H:%M:%S.%f"))
    time.sleep(max(0.0, (ends - datetime.datetime.now(datetime.timezone.utc)).total_seconds() + 1))
    return store


def reader(cloud: Cloud) -> Options:
    user = cloud.server.add_user(f"reader-{next(NUMBERS)}")
    return cloud.changed(username=user["access_key"], password=user["secret_key"])


REFUSED = "the server refuses the credential: check the user, its domain and password, and the project"
REFUSALS: dict[str, tuple[Callable[[Cloud], Options], str]] = {
    "password": (lambda cloud: cloud.changed(password="wrong-CANARY"), REFUSED),
    "user": (lambda cloud: cloud.changed(username="nobody"), REFUSED),
    "domain of the user": (lambda cloud: cloud.changed(user_domain_name="Nowhere"), REFUSED),
    "project": (lambda cloud: cloud.changed(project_name="nothing"), REFUSED),
    "domain of the project": (lambda cloud: cloud.changed(project_domain_name="Nowhere"), REFUSED),
    "project of others": (lambda cloud: cloud.changed(project_name="service"), REFUSED),
    "no project": (
        lambda cloud: cloud.changed(project_name=None, project_domain_name=None),
        "names no object store for this user; set project_name or project_id",
    ),
    "region": (lambda cloud: cloud.changed(region_name="nowhere"), "no object store in this region; check region_name"),
    "path": (
        lambda cloud: cloud.changed(auth_url=cloud.store["auth_url"].replace("/v3", "/identity/v3")),
        "the server knows no login there; check the path of auth_url",
    ),
    "version": (
        lambda cloud: cloud.changed(auth_url=cloud.store["auth_url"].replace("/v3", "/v2.0")),
        "the server knows no login there; check the path of auth_url",
    ),
    "role": (reader, "is forbidden; the user needs a role that may do this in the project"),
    "expired application credential": (expired, "the application credential, and whether it has expired"),
    "unknown application credential": (
        lambda cloud: {**cloud.application(), "application_credential_id": NOBODY},
        "there is no such application credential; check application_credential_id",
    ),
    "secret of an application credential": (
        lambda cloud: cloud.application(secret="wrong-CANARY"),
        "the secret of the application credential",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_one_sentence_and_thanos_is_refused_too(
    cloud: Cloud, case: str, thanos: Path, tmp_path: Path
) -> None:
    make, sentence = REFUSALS[case]
    store = make(cloud)
    failed = bucket(store)
    assert sentence in failed["msg"]
    assert "\n" not in failed["msg"]
    secrets = [store[key] for key in ("password", "application_credential_secret") if key in store]
    assert not any(secret in failed["msg"] for secret in secrets)
    assert "Traceback" not in failed.text
    assert ls(thanos, tmp_path, store)[0] == 1


MISTAKES: dict[str, tuple[Callable[[Cloud], Options], str]] = {
    "no domain": (
        lambda cloud: cloud.changed(user_domain_name=None),
        "username needs user_domain_name or user_domain_id",
    ),
    "no version": (
        lambda cloud: cloud.changed(auth_url=cloud.server.place.url),
        "Thanos finds no version in it; end it with /v3",
    ),
    "not its path": (
        lambda cloud: cloud.changed(auth_url=cloud.server.place.url, auth_version=3),
        "auth_url must end with /v3",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_what_cannot_work_is_said_before_anything_is_sent(cloud: Cloud, case: str) -> None:
    make, sentence = MISTAKES[case]
    assert sentence in bucket(make(cloud))["msg"]


def test_absent_check_present_check_present(cloud: Cloud) -> None:
    store = cloud.changed(container_name=f"lifecycle-{next(NUMBERS)}", tags={"team": "metrics"})
    assert run_module("bucket", {"store": store, "timeout": 20}, check=True)["action"] == "created"
    assert not run_module("bucket_info", {"store": store, "timeout": 20})["exists"]
    assert bucket(store)["action"] == "created"
    for check in (True, False):
        assert not run_module("bucket", {"store": store, "timeout": 20}, check=check)["changed"]
    assert bucket(store, state="absent")["action"] == "deleted"
    assert not bucket(store, state="absent")["changed"]


def test_users_are_let_in_by_ids_and_by_names(cloud: Cloud) -> None:
    store = cloud.changed(container_name=f"access-{next(NUMBERS)}")
    bucket(store)
    users = {role: cloud.server.add_user(f"{role}-{next(NUMBERS)}") for role in ("compactor", "reader")}
    logins = {role: {"username": user["access_key"], "password": user["secret_key"]} for role, user in users.items()}
    asked = {**store, "pods": logins["compactor"], "access": {"reader": logins["reader"]}}
    refused = bucket(asked, probe=True)["msg"]
    for action in ("list", "read"):
        assert f"- the credential of the reader cannot {action}: " in refused
    assert "X-Container-Read" in refused
    ids = keystone.log_in(cloud.server.place, users["compactor"]["access_key"], users["compactor"]["secret_key"])
    named = {"compactor": [f"{ids.project_id}:{ids.user_id}"], "reader": [f"{PROJECT}:{users['reader']['access_key']}"]}
    assert run_module("bucket_access", {"store": store, **named})["changed"]
    assert not run_module("bucket_access", {"store": store, **named})["changed"]
    assert {finding["state"] for finding in bucket(asked, probe=True)["probe"]} == {"pass"}
    more = {**asked, "access": {"writer": logins["reader"]}}
    assert "the credential of the writer cannot write: " in bucket(more, probe=True)["msg"]
