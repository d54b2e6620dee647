# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to Swift from a ``store``, authenticated as Thanos would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import MissingLibrary
from .. import swift_login
from .tls import trusted

# Keys of objstore.yml, which are parameters of keystoneauth1 too.
_USER = ("username", "user_id")
_PASSWORD = ("password", "project_id", "project_name")
_APPLICATION = ("application_credential_id", "application_credential_name", "application_credential_secret")
# A server that does not answer is asked once more, half a second later.
_PATIENCE: dict[str, Any] = {"retries": 1, "starting_backoff": 0.5}


def connect(store: Mapping[str, Any], timeout: float, directory: str) -> Any:
    """A swiftclient Connection; nothing is sent yet. ``directory`` takes the file of a private authority."""
    try:
        from keystoneauth1 import session
        from keystoneauth1.identity import v3
        from swiftclient.client import Connection
    except ImportError:
        raise MissingLibrary(
            "containers of type SWIFT need the Python packages python-swiftclient and keystoneauth1 where the task "
            "runs: pip install python-swiftclient keystoneauth1 (the collection's meta/requirements-swift.txt)."
        ) from None
    verify = trusted(store, directory)
    skip = verify is False
    if swift_login.version_of(store) in (0, 1):
        return Connection(
            authurl=store["auth_url"],
            user=store.get("username"),
            key=store.get("password"),
            auth_version="1",
            **_PATIENCE,
            timeout=timeout,
            insecure=skip,
            cacert=verify if isinstance(verify, str) else None,
        )
    kind = v3.ApplicationCredential if store.get("application_credential_secret") else v3.Password
    auth = kind(store["auth_url"], **_login(store))
    keystone = session.Session(auth=auth, verify=verify, timeout=timeout)
    region = {"region_name": store["region_name"]} if store.get("region_name") else {}
    return Connection(session=keystone, **_PATIENCE, timeout=timeout, insecure=skip, os_options=region)


def _login(store: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of keystoneauth1, with the domains that Thanos would take."""
    application = bool(store.get("application_credential_secret"))
    keys = (*_USER, *(_APPLICATION if application else _PASSWORD))
    keystone = {key: store[key] for key in keys if store.get(key)}
    user = _domain(swift_login.with_domain(store), "domain")
    keystone |= {f"user_{key}": value for key, value in user.items()}
    if "project_name" in keystone:
        project = _domain(store, "project_domain") or user or {"domain_name": "Default"}
        keystone |= {f"project_{key}": value for key, value in project.items()}
    return keystone


def _domain(store: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """``domain_name`` or ``domain_id``, whichever is set; the name where both are."""
    found = {f"domain_{form}": store.get(f"{prefix}_{form}") for form in ("name", "id")}
    return dict([(key, value) for key, value in found.items() if value][:1])
