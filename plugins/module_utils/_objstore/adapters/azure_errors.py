# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Azure answers, as sentences for the person who typed the options. Never with a value of a credential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..._errors import Failure
from ..bucket_model import Transient
from .reasons import Peer, cause, failure, not_its

T = TypeVar("T")

PEER = Peer(
    "Azure Blob Storage",
    "storage_account and endpoint (or storage_connection_string)",
    "for a private certificate authority set ca, for plain HTTP write it in storage_connection_string",
)
# The service that gives tokens for az_tenant_id, client_id and client_secret.
_TOKENS = Peer("the identity service", "AZURE_AUTHORITY_HOST", "set REQUESTS_CA_BUNDLE for a private authority")
_PROTOCOL = "the storage account wants another protocol; write https in storage_connection_string"
_ACCESS = {
    "AuthorizationFailure": "the server refuses the credential, or its firewall this host",
    "AuthenticationFailed": "the server refuses the credential: it is another account's or has expired, or the clock "
    "of this host is wrong",
    "InvalidAuthenticationInfo": "the server refuses the credential; its form, time or tenant is wrong",
    "NoAuthenticationInformation": "the server wants a credential; give one",
    "ExpiredToken": "the credential has expired",
    "KeyBasedAuthenticationNotPermitted": "the storage account takes no keys; leave storage_account_key and "
    "storage_connection_string out and use an identity",
    "AuthorizationSourceIPMismatch": "the credential is not for the address of this host",
    "AuthorizationProtocolMismatch": _PROTOCOL,
    "AccountRequiresHttps": _PROTOCOL,
    "AccountIsDisabled": "the storage account is disabled",
    "InvalidResourceName": "the server does not take this container name",
    "ContainerBeingDeleted": "a container of this name is being deleted; try again in a minute",
    "LeaseIdMissing": "somebody holds a lease on the container; it cannot be removed",
    "InvalidHeaderValue": "the server does not know this version of the API; set api_version to one that it knows",
    "FeatureVersionMismatch": "the server does not know this version of the API; set api_version to one that it knows",
    "PublicAccessNotPermitted": "the storage account permits no public access",
}
# What the identity service says of an application, by the code in its text.
_IDENTITY = {
    "AADSTS7000215": "client_secret does not belong to client_id",
    "AADSTS7000222": "client_secret has expired; make a new one",
    "AADSTS700016": "az_tenant_id has no application client_id",
    "AADSTS90002": "there is no tenant az_tenant_id",
    "AADSTS900023": "there is no tenant az_tenant_id",
    "AADSTS700024": "the credential is not valid at this time; check the clock of this host",
}
_NO_CREDENTIAL = (
    "give storage_account_key or storage_connection_string, or az_tenant_id, client_id and client_secret, or run where "
    "there is an identity"
)


def guarded(where: str, permission: str, act: Callable[[], T]) -> T:
    """The result of ``act``; what the SDK raises becomes a Failure without its text, which may quote a token.

    ``where``: container and operation. ``permission``: the data action that it needs.
    """
    from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

    try:
        return act()
    except Failure:
        raise
    except HttpResponseError as e:
        if e.status_code:
            code = getattr(e, "error_code", None) or ""
            raise _explain(where, permission, e.status_code, str(getattr(code, "value", code))) from None
        clause = _identity(e) if isinstance(e, ClientAuthenticationError) else ""
        raise failure(where, e, PEER, clause) from None
    except Exception as e:
        # Every exception, also what the SDK did not expect: a stack trace would show the request.
        raise failure(where, e, PEER) from None


def _identity(error: Any) -> str:
    """Why no credential could be had, so that the storage was not asked at all."""
    name, text = type(error).__name__, str(error)
    if name == "AzureSigningError":
        return "storage_account_key, or AccountKey in storage_connection_string, is malformed: a key is base64"
    known = next((clause for code, clause in _IDENTITY.items() if f"{code}:" in text), "")
    if not known and text.startswith("Authentication failed"):
        known = cause(error, _TOKENS)
    return f"no usable credential: {known}" if known else f"no usable credential ({name}); {_NO_CREDENTIAL}"


def _explain(where: str, permission: str, status: int, code: str) -> Failure:
    if code in _ACCESS:
        return Failure(f"{where} failed: {_ACCESS[code]} ({code}).")
    if status in (429, 500, 503):
        return Transient(f"{where} failed, the server is busy (HTTP {status}); run again later.")
    if not code:
        # Azure names a code with every error.
        return Failure(f"{where} failed: {not_its(PEER, status)}.")
    if status == 401:
        return Failure(f"{where} failed: the server refuses the credential ({code}).")
    if status == 403:
        return Failure(
            f"{where} is forbidden; the identity lacks the (data) action {permission} on the container ({code})."
        )
    return Failure(f"{where} failed: the server answers {code} (HTTP {status}).")
