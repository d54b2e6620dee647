# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What S3 answers, as sentences for the person who typed the options. Never with a value of a credential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..._errors import Failure
from ..model import Transient, Unsupported

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
# boto3's exceptions by name, since the class must not be imported here.
_CONNECTION = {
    "NoCredentialsError": "no credential: give access_key and secret_key, or set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY",
    "PartialCredentialsError": "half a credential: access_key and secret_key go together",
    "EndpointConnectionError": "nothing answers there; check endpoint and network",
    "ConnectTimeoutError": "no connection within the time; check endpoint, proxy and firewall",
    "ReadTimeoutError": "the server took the request and did not answer in time",
    "ProxyConnectionError": "the proxy of the environment (HTTPS_PROXY, HTTP_PROXY) does not answer; set NO_PROXY for "
    "this endpoint if none is needed",
    "ConnectionClosedError": "the server closed the connection; does it speak TLS, and does insecure say so",
    "ResponseParserError": "the answer is not S3's; is endpoint an S3 server",
    "ProfileNotFound": "AWS_PROFILE names a profile that does not exist",
}
_TLS = "TLS failed ({}); for a private certificate authority set ca, for plain HTTP insecure: true"


def code_of(error: Any) -> str:
    """The error code that S3 sent with a ClientError, or the status where there was no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: Any) -> int:
    """The HTTP status of a ClientError; 0 when it is unknown."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def explain(error: Any, where: str, operation: str, permission: str) -> Failure:
    """``error`` of boto3 as a Failure. ``permission`` is the IAM action that ``operation`` (words) needs."""
    name = type(error).__name__
    if not hasattr(error, "response"):
        return Failure(f"{where}: {operation} failed: {_connection(name, error)}.")
    code, status = code_of(error), status_of(error)
    if code in _ACCESS:
        return Failure(f"{where}: {operation} failed: {_ACCESS[code]} ({code}).")
    if code in TRANSIENT or status == 503:
        return Transient(f"{where}: {operation} failed, the server is busy ({code or status}).")
    if code in UNSUPPORTED or status in (501, 405):
        return Unsupported(f"this server does not have it ({code or status})")
    if code in FORBIDDEN or status == 403:
        return Failure(
            f"{where}: {operation} is forbidden; the credential lacks {permission}, or the bucket belongs to "
            f"another account ({code or status})."
        )
    return Failure(f"{where}: {operation} failed: the server answers {code or 'without a code'} (HTTP {status}).")


def _connection(name: str, error: Any) -> str:
    if name == "SSLError":
        return _TLS.format(_tls_reason(str(error)))
    return _CONNECTION.get(name, f"{name} in the S3 client")


def _tls_reason(text: str) -> str:
    for sign, reason in (
        ("self-signed", "the certificate is signed by an authority that is not trusted"),
        ("unable to get local issuer", "the certificate is signed by an authority that is not trusted"),
        ("ostname mismatch", "the certificate is for another name"),
        ("IP address mismatch", "the certificate is for another address"),
        ("has expired", "the certificate has expired"),
        ("WRONG_VERSION_NUMBER", "the server does not speak TLS"),
    ):
        if sign in text:
            return reason
    return "the certificate was not accepted"


def guarded(where: str, operation: str, permission: str, call: Callable[[], T]) -> T:
    """The result of ``call``; what boto3 raises becomes a Failure without its text."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        return call()
    except (BotoCoreError, ClientError, HTTPClientError, Boto3Error) as e:
        raise explain(e, where, operation, permission) from None
