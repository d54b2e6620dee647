# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to Swift from a ``store``, authenticated as Thanos would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import Failure
from .tls import trusted

# Keys of objstore.yml → parameters of keystoneauth1.
_PASSWORD = {
    "username": "username",
    "user_id": "user_id",
    "password": "password",
    "user_domain_name": "user_domain_name",
    "user_domain_id": "user_domain_id",
    "project_id": "project_id",
    "project_name": "project_name",
    "project_domain_id": "project_domain_id",
    "project_domain_name": "project_domain_name",
}
_APPLICATION = {
    "application_credential_id": "application_credential_id",
    "application_credential_name": "application_credential_name",
    "application_credential_secret": "application_credential_secret",
    "username": "username",
    "user_id": "user_id",
    "user_domain_name": "user_domain_name",
    "user_domain_id": "user_domain_id",
}
# Whoever does not answer is asked once more, half a second later.
_PATIENCE: dict[str, Any] = {"retries": 1, "starting_backoff": 0.5}


def connect(store: Mapping[str, Any], timeout: float, directory: str) -> Any:
    """A swiftclient Connection; nothing is sent yet. ``directory`` takes the file of a private authority."""
    try:
        from keystoneauth1 import session
        from keystoneauth1.identity import v3
        from swiftclient.client import Connection
    except ImportError:
        raise Failure(
            "containers of type SWIFT need the Python packages python-swiftclient and keystoneauth1 where the task "
            "runs: pip install python-swiftclient keystoneauth1 (the collection's meta/requirements-swift.txt)."
        ) from None
    verify = trusted(store, directory)
    skip = verify is False
    if version_of(store) == 1:
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
    auth: Any
    if store.get("application_credential_secret"):
        auth = v3.ApplicationCredential(store["auth_url"], **_given(store, _APPLICATION))
    else:
        # What Thanos calls the domain is the user's where that is not named.
        domain = {
            "user_domain_name": store.get("domain_name"),
            "user_domain_id": store.get("domain_id"),
        }
        parameters = {**{k: v for k, v in domain.items() if v}, **_given(store, _PASSWORD)}
        auth = v3.Password(store["auth_url"], **parameters)
    keystone = session.Session(auth=auth, verify=verify, timeout=timeout)
    region = {"region_name": store["region_name"]} if store.get("region_name") else {}
    return Connection(session=keystone, **_PATIENCE, timeout=timeout, insecure=skip, os_options=region)


def version_of(store: Mapping[str, Any]) -> int:
    """The version of the identity service: the option, else what the URL says, as the client of Thanos guesses it."""
    chosen = int(store.get("auth_version") or 0)
    url = str(store["auth_url"])
    return chosen or (3 if "v3" in url else 2 if "v2" in url else 1)


def _given(store: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    return {parameter: store[key] for key, parameter in keys.items() if store.get(key)}
