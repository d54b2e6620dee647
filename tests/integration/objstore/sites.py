# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every server of the testbed as a component of Thanos meets it: a bucket, its owner, and a user with one role."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.integration.objstore.enforcing_moto import add_user
from tests.support.modules import run_module
from tests.support.store_users import own_user
from tests.testbed.stores import azurite, ceph, keystone, swift
from tests.testbed.stores.base import Place
from tests.testbed.stores.keystone_api import PROJECT
from tests.testbed.stores.store import Store

_NAMES = (f"components-{number}" for number in itertools.count(1))
Options = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """A bucket that exists. ``owner`` is its store as ``bucket`` and ``objstore_secret`` take it.

    ``grant`` gives the store as somebody with this role and no other right has it; as the owner where the server knows
    no users. ``environment`` is what Thanos gets beside its file.
    """

    owner: Options = field(repr=False)
    grant: Callable[[str], Options] = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def _nobody_else(owner: Options, **environment: str) -> Site:
    return Site(owner, lambda _role: owner, environment)


def _let_in_by_bucket(owner: Options, name: str, changes: Options, readers: Sequence[str] = ()) -> Site:
    """``name`` is what ``bucket_access`` calls the user, ``changes`` how the user's store differs.

    ``readers`` are let in too, always.
    """

    def grant(role: str) -> Options:
        people = {"reader": list(readers)}
        people[role] = [name, *people.get(role, ())]
        granted = run_module("bucket_access", {"store": owner, **people})
        assert granted.values.get("changed"), granted.text
        return {**owner, **changes}

    return Site(owner, grant)


def _s3(server: Store, **changes: Any) -> Options:
    place = server.place
    keys = {"access_key": place.access_key, "secret_key": place.secret_key}
    return {"type": "S3", "bucket": next(_NAMES), "endpoint": place.endpoint, "insecure": True, **keys, **changes}


def _s3_users(server: Store, *, writers_own: bool = False) -> Site:
    """``writers_own``: who writes an object owns it, so that the owner of the bucket has to be let in too."""
    owner = _s3(server)
    user = server.add_user(f"user-{owner['bucket']}")
    readers = [server.principal(owner["access_key"])] if writers_own else []
    return _let_in_by_bucket(owner, server.principal(user["access_key"]), dict(user), readers)


def _moto_users(server: Store, _account: str) -> Site:
    """The document that ``bucket_access`` renders, as the policy of a user."""
    owner = _s3(server)

    def grant(role: str) -> Options:
        document = run_module("bucket_access", {"store": owner})["documents"][role]
        return {**owner, **add_user(server, f"{role}-{owner['bucket']}", document)}

    return Site(owner, grant)


def _own_users(server: Store, _account: str) -> Site:
    owner = _s3(server)
    return Site(owner, lambda role: {**owner, **own_user(server, str(owner["bucket"]), role)})


def _swift(server: Store, user: str) -> Options:
    login = {"auth_url": f"{server.place.url}/auth/v1.0", "username": user}
    return {"type": "SWIFT", **login, "password": server.place.secret_key, "container_name": next(_NAMES)}


def _swift_users(server: Store, _account: str) -> Site:
    other = f"{swift.ACCOUNT}:other"
    return _let_in_by_bucket(_swift(server, swift.user_of(server.place)), other, {"username": other})


def _ceph_swift_users(server: Store, _account: str) -> Site:
    root = server.place.access_key
    owner = _swift(server, ceph.swift_user_of(root))
    user = server.add_user(f"user-{owner['container_name']}")
    name = user["access_key"]
    login = {"username": ceph.swift_user_of(name), "password": user["secret_key"]}
    return _let_in_by_bucket(owner, name, login, readers=[root])


def keystone_store(place: Place) -> Options:
    """The store of the owner, as an OpenStack RC file would say it."""
    user = {"username": place.access_key, "password": place.secret_key, "user_domain_name": "Default"}
    project = {"project_name": PROJECT, "project_domain_name": "Default"}
    return {"type": "SWIFT", "auth_url": keystone.auth_url_of(place), **user, **project, "container_name": next(_NAMES)}


def _keystone_application(server: Store, _account: str) -> Site:
    """With an application credential of the owner in the place of user and project."""
    owner = keystone_store(server.place)
    name, secret = keystone.log_in(server.place).application_credential(owner["container_name"])
    where = {key: owner[key] for key in ("type", "auth_url", "container_name")}
    return _nobody_else({**where, "application_credential_id": name, "application_credential_secret": secret})


def _keystone_users(server: Store, _account: str) -> Site:
    """A user of the same project, whom the container's lists name by ids."""
    owner = keystone_store(server.place)
    user = server.add_user(f"user-{owner['container_name']}")
    ids = keystone.log_in(server.place, user["access_key"], user["secret_key"])
    login = {"username": user["access_key"], "password": user["secret_key"]}
    return _let_in_by_bucket(owner, f"{ids.project_id}:{ids.user_id}", login)


def _azurite(server: Store, _account: str) -> Site:
    text = azurite.connection_string(server.place)
    names = {"storage_account": azurite.ACCOUNT, "container": next(_NAMES)}
    return _nobody_else({"type": "AZURE", **names, "storage_connection_string": text})


def _gcs(server: Store, account: str) -> Site:
    owner = {"type": "GCS", "bucket": next(_NAMES), "service_account": account}
    return _nobody_else(owner, STORAGE_EMULATOR_HOST=server.place.url)


# Name → (kind of server, what makes the site from it and the text of a service account).
SITES: dict[str, tuple[str, Callable[[Store, str], Site]]] = {
    "versitygw": ("versitygw", lambda server, _account: _nobody_else(_s3(server))),
    "versitygw-users": ("versitygw", lambda server, _account: _s3_users(server)),
    "minio": ("minio", lambda server, _account: _nobody_else(_s3(server))),
    "minio-users": ("minio", _own_users),
    "seaweedfs": ("seaweedfs", lambda server, _account: _nobody_else(_s3(server))),
    "seaweedfs-users": ("seaweedfs", lambda server, _account: _s3_users(server)),
    "seaweedfs-own-users": ("seaweedfs", _own_users),
    "garage": ("garage", lambda server, _account: _nobody_else(_s3(server))),
    "garage-users": ("garage", _own_users),
    "moto": ("moto", lambda server, _account: _nobody_else(_s3(server))),
    "moto-users": ("enforcing moto", _moto_users),
    "ceph": ("ceph", lambda server, _account: _nobody_else(_s3(server))),
    "ceph-users": ("ceph", lambda server, _account: _s3_users(server, writers_own=True)),
    "ceph-swift-users": ("ceph", _ceph_swift_users),
    "swift": ("swift", lambda server, _account: _nobody_else(_swift(server, swift.user_of(server.place)))),
    "swift-users": ("swift", _swift_users),
    "swift-keystone": ("swift-keystone", lambda server, _account: _nobody_else(keystone_store(server.place))),
    "swift-keystone-application": ("swift-keystone", _keystone_application),
    "swift-keystone-users": ("swift-keystone", _keystone_users),
    "swift-s3": ("swift", lambda server, _account: _nobody_else(_s3(server, access_key=swift.user_of(server.place)))),
    "azurite": ("azurite", _azurite),
    "gcs": ("gcs", _gcs),
}
FAST = ("versitygw", "versitygw-users", "minio", "minio-users", "moto", "moto-users")
