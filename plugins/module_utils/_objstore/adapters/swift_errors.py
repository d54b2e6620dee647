# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Swift and Keystone answer, as sentences for the person who typed the options. Never with a credential."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..._errors import Failure
from ..bucket_model import Transient
from .reasons import Peer, failure, not_its

T = TypeVar("T")

PEER = Peer(
    "Swift", "auth_url", "for a private certificate authority set ca, for plain HTTP write auth_url with http://"
)
_NO_LOGIN = "the server knows no login there; check the path of auth_url, such as /auth/v1.0 or /v3"
_SENTENCES = {
    # Keystone answers all of these alike, so that nobody can find out which users and projects exist.
    401: "the server refuses the credential: check the user, its domain and password, and the project and the user's "
    "role in it (or the secret of the application credential, and whether it has expired)",
    409: "the container is not empty",
    412: _NO_LOGIN,
    507: "the server has no space left",
}
_NO_APPLICATION = "there is no such application credential; check application_credential_id"
# Keystone's client by the name of the exception, since the class must not be imported here.
_CATALOG = {
    "EmptyCatalog": "the identity service names no object store for this user; set project_name or project_id, and its "
    "domain",
    "EndpointNotFound": "the identity service names no object store in this region; check region_name",
}
# Headers by which an answer is recognised: Swift sends both, Keystone the second.
_OWN_HEADERS = ("x-trans-id", "x-openstack-request-id")


def guarded(where: str, right: str, act: Callable[[], T]) -> T:
    """The result of ``act``; what the clients raise becomes a Failure without its text, which may quote a token.

    ``where``: container and operation. ``right``: what a user who is refused lacks.
    """
    from keystoneauth1.exceptions import HttpError
    from swiftclient.exceptions import ClientException

    try:
        return act()
    except Failure:
        raise
    except ClientException as e:
        raise _explain(where, right, int(e.http_status or 0), e.http_response_headers) from None
    except HttpError as e:
        headers = getattr(e.response, "headers", None)
        unknown = _NO_APPLICATION if "Application Credential" in str(e) else _NO_LOGIN
        raise _explain(where, right, int(e.http_status or 0), headers, {404: unknown}) from None
    except Exception as e:
        # Every exception, also what the clients did not expect: a stack trace would show the request.
        raise failure(where, e, PEER, _CATALOG.get(type(e).__name__, "")) from None


def is_own(headers: Mapping[str, Any] | None) -> bool:
    """Whether an answer with these headers is that of Swift or Keystone."""
    return any(name.lower() in _OWN_HEADERS for name in headers or ())


def _explain(
    where: str, right: str, status: int, headers: Mapping[str, Any] | None, login: Mapping[int, str] | None = None
) -> Failure:
    if status == 403:
        return Failure(f"{where} is forbidden; {right}.")
    if status in (429, 498, 503):
        return Transient(f"{where} failed, the server is busy (HTTP {status}); run again later.")
    if status in _SENTENCES:
        return Failure(f"{where} failed: {_SENTENCES[status]} (HTTP {status}).")
    if status >= 400 and is_own(headers):
        clause = (login or {}).get(status, "the server answers with an error")
        return Failure(f"{where} failed: {clause} (HTTP {status}).")
    # Status 200 leads here too: what answers at auth_url is no Swift when it gives no token.
    return Failure(f"{where} failed: {not_its(PEER, status)}.")
