# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What S3 answers, as sentences for the person who typed the options. Never with a value of a credential."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..._errors import Failure
from ..bucket_model import Refused, Transient, Unsupported
from .reasons import Peer, failure, not_its, reason

T = TypeVar("T")

TRANSIENT = {"OperationAborted", "ConflictingOperationInProgress", "SlowDown", "ServiceUnavailable", "InternalError"}
UNSUPPORTED = {
    "NotImplemented",
    "XNotImplemented",
    "MethodNotAllowed",
    "UnsupportedOperation",
    "NotSupported",
    "501",
    "405",
}
FORBIDDEN = {"AccessDenied", "Forbidden", "AllAccessDisabled", "403"}

# What is wrong with the credential, the clock or the address: the same for every operation.
_ACCESS = {
    "InvalidAccessKeyId": "the server does not know this access_key",
    "SignatureDoesNotMatch": "the server refuses the signature: secret_key does not belong to access_key (or region is "
    "not the server's)",
    "InvalidSecretKey": "secret_key is malformed",
    "InvalidToken": "session_token is malformed or not for this server",
    "ExpiredToken": "the temporary credential has expired",
    "TokenRefreshRequired": "the temporary credential has expired",
    "RequestTimeTooSkewed": "the clock of this host differs too much from the server's; set the clock",
    "RequestExpired": "the clock of this host differs too much from the server's; set the clock",
    "AuthorizationHeaderMalformed": "the server is in another region; set region to the server's",
    "IllegalLocationConstraintException": "the endpoint is in another region than the one asked for; set region to the "
    "endpoint's",
    "InvalidLocationConstraint": "the server has no such region; set region to one that it has",
    "PermanentRedirect": "the bucket is in another region; set region and endpoint to where it is",
    "BucketAlreadyExists": "a bucket of this name belongs to another account; choose another name",
    "InvalidBucketName": "the server does not take this bucket name",
    "TooManyBuckets": "the account has as many buckets as it may have",
    "NoSuchBucket": "the bucket does not exist",
    "BucketNotEmpty": "the bucket is not empty (versions and unfinished uploads count)",
}
PEER = Peer("S3", "endpoint", "for a private certificate authority set ca, for plain HTTP insecure: true")
# boto3's own exceptions by name, since the classes must not be imported here.
_CLIENT = {
    "NoCredentialsError": "no credential: give access_key and secret_key, or set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY",
    "PartialCredentialsError": "half a credential: access_key and secret_key go together",
    "ProfileNotFound": "AWS_PROFILE names a profile that does not exist",
    "InvalidRegionError": "region is not the name of a region; write one such as eu-central-1",
    "EndpointResolutionError": "endpoint is not an address; write a host name and, where needed, a port up to 65535",
    # What boto3 raises when it has followed a redirect that names no place again and again.
    "RecursionError": "the server sends the client somewhere else and does not say where; set region and endpoint to "
    "where the bucket is",
}


def code_of(error: Any) -> str:
    """The error code that S3 sent with a ClientError, or the status where there was no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: Any) -> int:
    """The HTTP status of a ClientError; 0 when it is unknown."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def headers_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """The HTTP headers of an answer, or of the one that a ClientError carries; names are in lower case."""
    return dict(answer.get("ResponseMetadata", {}).get("HTTPHeaders") or {})


def explain(error: Any, where: str, operation: str, permission: str) -> Failure:
    """What boto3 raised as a Failure. ``permission`` is the IAM action that ``operation`` (words) needs."""
    if not isinstance(getattr(error, "response", None), Mapping):
        return failure(f"{where}: {operation}", error, PEER, _CLIENT.get(type(error).__name__, ""))
    code, status = code_of(error), status_of(error)
    if code in _ACCESS:
        return Failure(f"{where}: {operation} failed: {_ACCESS[code]} ({code}).")
    if code in TRANSIENT or status == 503:
        return Transient(f"{where}: {operation} failed, the server is busy ({code or status}); run again later.")
    if code in UNSUPPORTED or status in (501, 405):
        return Unsupported(f"this server does not have it ({code or status})")
    if code in FORBIDDEN or status == 403:
        return Failure(
            f"{where}: {operation} is forbidden; the credential lacks {permission}, or the bucket belongs to "
            f"another account ({code or status})."
        )
    if code in ("", str(status)):
        # boto3 tells of an answer with status 200 that it cannot read as of one with 500.
        return Failure(f"{where}: {operation} failed: {not_its(PEER, 0 if status == 500 else status)}.")
    kind = Refused if status == 400 else Failure
    return kind(f"{where}: {operation} failed: the server answers {code} (HTTP {status}).")


def client_reason(error: BaseException) -> str:
    """Why boto3 could not even ask, as a clause."""
    return _CLIENT.get(type(error).__name__) or reason(error, PEER)


def guarded(where: str, operation: str, permission: str, call: Callable[[], T]) -> T:
    """The result of ``call``; whatever boto3 raises becomes a Failure without its text.

    For an answer that is not S3's, boto3 lets exceptions of Python's parsers through. Their text and stack trace may
    quote the request with its credential, so every exception is caught here.
    """
    try:
        return call()
    except Failure:
        raise
    except Exception as e:
        raise explain(e, where, operation, permission) from None
