# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Google answers, as sentences for the person who typed the options. Never with a value of a credential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..._errors import Failure
from ..bucket_model import Transient
from .reasons import Peer, cause, failure, not_its

T = TypeVar("T")

PEER = Peer(
    "Google Cloud Storage",
    "STORAGE_EMULATOR_HOST (if it is set)",
    "for a private certificate authority set ca",
)
_TOKENS = Peer("Google's identity service", "token_uri in service_account", PEER.tls)
_ANY = Peer("Google", f"{PEER.address} and {_TOKENS.address}", PEER.tls)
_SENTENCES = {
    400: "the server does not take what it was asked for; check location, encryption and tags",
    401: "the server refuses the credential; give another service_account",
    404: "there is no such project, or the credential may not see it; check project",
    409: "a bucket of this name belongs to another project, or the bucket is not empty",
    412: "somebody else changed the bucket at the same time; run again",
}
_BUSY = (429, 500, 502, 503, 504)
# What the identity service says of a service account, by a part of its text.
_GRANTS = (
    ("short-lived token", "the clock of this host differs too much from Google's; set the clock"),
    ("Invalid JWT Signature", "the key in service_account was deleted or is not its account's; make a new one"),
    ("account not found", "the account of service_account was deleted or disabled; take another one"),
    ("invalid_grant", "the credential was withdrawn or has expired; make a new one"),
    ("Anonymous credentials", "the server wants a credential; give service_account, or unset STORAGE_EMULATOR_HOST"),
)


def guarded(where: str, permission: str, act: Callable[[], T]) -> T:
    """The result of ``act``; what the SDK raises becomes a Failure without its text, which may quote a token.

    ``where``: bucket and operation. ``permission``: what of IAM it needs.
    """
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError

    try:
        return act()
    except Failure:
        raise
    except Exception as error:
        # Every exception, as the SDK lets others through for an answer that is not Google's: a stack trace would show
        # the request.
        e: Any = error.cause if isinstance(error, RetryError) and error.cause else error
        if isinstance(e, GoogleAPICallError):
            raise _explain(where, permission, e) from None
        if isinstance(e, GoogleAuthError):
            raise failure(where, e, PEER, _identity(e)) from None
        if isinstance(e, (AttributeError, KeyError, TypeError)):
            # The SDK does not tell whether the storage or the service that gives tokens answered so.
            raise Failure(f"{where} failed: {not_its(_ANY)}.") from None
        raise failure(where, e, PEER) from None


def _identity(error: Any) -> str:
    text = str(error)
    known = next((clause for sign, clause in _GRANTS if sign in text), "") or cause(error, _TOKENS)
    if known:
        return f"no usable credential: {known}"
    return (
        f"no usable credential ({type(error).__name__}); give service_account as Google made it, or set "
        "GOOGLE_APPLICATION_CREDENTIALS"
    )


def explained(error: Any) -> bool:
    """Whether an error answer is Google's, which explains every one in JSON."""
    return "json" in content_type(error)


def content_type(error: Any) -> str:
    """The media type of an error answer; empty where it has none."""
    return str((error.response.headers if error.response is not None else {}).get("Content-Type") or "")


def _explain(where: str, permission: str, error: Any) -> Failure:
    status = int(error.code or 0)
    if status in _BUSY or any(entry.get("reason") == "rateLimitExceeded" for entry in error.errors):
        return Transient(f"{where} failed, the server is busy (HTTP {status}); run again later.")
    if not explained(error):
        return Failure(f"{where} failed: {not_its(PEER, status)}.")
    if status == 403:
        return Failure(f"{where} is forbidden; the credential lacks {permission}, or the bucket is another project's.")
    if status in _SENTENCES:
        return Failure(f"{where} failed: {_SENTENCES[status]} (HTTP {status}).")
    return Failure(f"{where} failed: the server answers HTTP {status}.")
