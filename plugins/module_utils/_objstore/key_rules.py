# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold between the keys of one ``objstore.yml``: each provider's own checks, before Thanos makes them.

Every function takes the typed keys that are set (nothing empty) and returns findings without any value of a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .._findings import Finding, beneath, mistake
from .._options.rows import Placeholder
from . import swift_login

Values = Mapping[str, Any]
_HOST = re.compile(r"\A(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(:[0-9]{1,5})?\Z")
_LEAST_PART = 5 * 1024 * 1024


def pair(values: Values, left: str, right: str) -> list[Finding]:
    """A finding when only one of the two is set."""
    if (left in values) == (right in values):
        return []
    missing = right if left in values else left
    return [mistake("option-incomplete", missing, f"is missing: {left} and {right} go together", joint=" ")]


def excludes(values: Values, key: str, others: tuple[str, ...]) -> list[Finding]:
    """A finding for each of ``others`` that is set beside ``key``."""
    return [
        mistake("option-conflict", key, f"and {other} exclude each other", "leave one out", joint=" ")
        for other in others
        if key in values and other in values
    ]


def host(name: str, value: str, hint: str = "") -> list[Finding]:
    """A finding when ``value`` is not ``host`` or ``host:port``; it says what to write instead."""
    bare = re.sub(r"\A[a-z][a-z0-9+.-]*://", "", value, flags=re.IGNORECASE)
    bare = bare.rpartition("@")[2].partition("/")[0].partition("?")[0]
    if _HOST.match(value):
        return []
    if bare == value or not _HOST.match(bare):
        what = "this is not a host name or address with an optional port, such as s3.example.org:9000"
        return [mistake("option-form", name, what)]
    extra = " with insecure: true" if hint and value.lower().startswith("http://") else ""
    what = "Thanos wants a host name and port without scheme and path"
    return [mistake("option-form", name, what, f"write '{bare}'{extra}")]


def url(name: str, value: str) -> list[Finding]:
    """A finding when ``value`` has no http or https scheme."""
    if re.match(r"https?://[^/\s]+", value):
        return []
    return [mistake("option-form", name, "must be a URL that begins with https:// or http://", joint=" ")]


def _needs(name: str, what: str, id: str = "option-incomplete") -> Finding:
    return mistake(id, name, what, joint=" ")


def _s3(values: Values) -> list[Finding]:
    found = host("endpoint", values["endpoint"], "insecure") if "endpoint" in values else []
    found += pair(values, "access_key", "secret_key")
    if values.get("aws_sdk_auth"):
        found += excludes(values, "aws_sdk_auth", ("access_key",))
    if "session_token" in values and "access_key" not in values:
        found.append(_needs("session_token", "needs access_key and secret_key"))
    if 0 < values.get("part_size", 0) < _LEAST_PART:
        what = f"{values['part_size']} bytes is too small"
        found.append(mistake("option-range", "part_size", what, f"S3 takes parts of {_LEAST_PART} bytes"))
    return found + _sse(values.get("sse_config", {}))


def _sse(sse: Values) -> list[Finding]:
    kind = sse.get("type")
    needed = {"SSE-KMS": ("kms_key_id",), "SSE-C": ("encryption_key",)}.get(kind or "", ())
    allowed = {"SSE-KMS": ("kms_key_id", "kms_encryption_context"), "SSE-C": ("encryption_key",)}.get(kind or "", ())
    found = [_needs(f"sse_config.{key}", f"is required with type {kind}") for key in needed if key not in sse]
    if sse and kind is None:
        what = "is missing; it is SSE-S3, SSE-KMS or SSE-C"
        found.append(_needs("sse_config.type", what, "option-required"))
    elif kind is not None:
        found += [
            _needs(f"sse_config.{k}", f"has no effect with type {kind}", "option-without-effect")
            for k in sse
            if k != "type" and k not in allowed
        ]
    if "encryption_key" in sse and not str(sse["encryption_key"]).startswith("/"):
        what = "is the absolute path of a file in the pods, not the key itself"
        found.append(_needs("sse_config.encryption_key", what, "option-form"))
    return found


def _gcs(values: Values) -> list[Finding]:
    found = []
    if "service_account" in values and not isinstance(values["service_account"], Placeholder):
        try:
            document = json.loads(values["service_account"])
        except ValueError:
            document = None
        if not isinstance(document, dict) or "type" not in document:
            what = "must be the text of a Google credentials file: a JSON object with 'type'"
            found.append(_needs("service_account", what, "option-form"))
    if values.get("use_grpc") and "http_config" in values:
        what = "(and ca) have no effect with use_grpc: true"
        found.append(mistake("option-conflict", "http_config", what, "leave one out", joint=" "))
    return found


def _azure(values: Values) -> list[Finding]:
    found = excludes(
        values, "user_assigned_id", ("storage_account_key", "storage_connection_string", "client_id")
    ) + excludes(values, "storage_account_key", ("storage_connection_string",))
    principal = ("az_tenant_id", "client_id", "client_secret")
    missing = [key for key in principal if key not in values]
    if 0 < len(missing) < len(principal):
        found.append(_needs(", ".join(missing), f"missing: {', '.join(principal)} go together"))
    account = values.get("storage_account")
    if account is not None and not re.match(r"\A[a-z0-9]{3,24}\Z", account):
        found.append(_needs("storage_account", "must be 3 to 24 lower-case letters and digits", "option-form"))
    if "endpoint" in values:
        found += host("endpoint", values["endpoint"])
    return found


def _swift(values: Values) -> list[Finding]:
    found = url("auth_url", values["auth_url"]) if "auth_url" in values else []
    found += excludes(values, "password", ("application_credential_secret",))
    users = ("username", "user_id")
    if "application_credential_secret" in values:
        if not values.keys() & {"application_credential_id", "application_credential_name"}:
            what = "needs application_credential_id or application_credential_name"
            found.append(_needs("application_credential_secret", what))
        if "application_credential_name" in values and not values.keys() & {*users, "application_credential_id"}:
            what = "needs username or user_id: it is unique within a user only"
            found.append(_needs("application_credential_name", what))
    elif "password" not in values:
        what = "no credential: give password, or application_credential_secret with its id or name"
        found.append(mistake("credential-invalid", "password", what))
    elif not values.keys() & set(users):
        found.append(_needs("password", "needs username or user_id"))
    if values.get("auth_version", 0) not in (0, 1, 2, 3):
        found.append(_needs("auth_version", "must be 1, 2, 3 or 0 (found out by Thanos)", "option-choice"))
    return found + swift_login.problems(values)


def _cos(values: Values) -> list[Finding]:
    if "endpoint" in values:
        return url("endpoint", values["endpoint"])
    what = "is required (or endpoint, the bucket's URL)"
    return [_needs(k, what, "option-required") for k in ("bucket", "region", "app_id") if k not in values]


def _with_scheme(values: Values) -> list[Finding]:
    """A scheme is allowed here. Without one the clients of OSS and BOS speak plain HTTP."""
    if "endpoint" not in values or _HOST.match(re.sub(r"\Ahttps?://", "", values["endpoint"])):
        return []
    what = "write https:// (or http://), a host name and an optional port, and nothing behind them"
    return [mistake("option-form", "endpoint", what)]


def _oci(values: Values) -> list[Finding]:
    needed = {
        "raw": ("tenancy_ocid", "user_ocid", "region", "fingerprint", "privatekey"),
        "oke-workload-identity": ("region",),
    }.get(values.get("provider", ""), ())
    what = f"is required with provider: {values.get('provider')}"
    return [_needs(key, what) for key in needed if key not in values]


CHECKS: dict[str, Callable[[Values], list[Finding]]] = {
    "S3": _s3,
    "GCS": _gcs,
    "AZURE": _azure,
    "SWIFT": _swift,
    "COS": _cos,
    "ALIYUNOSS": _with_scheme,
    "BOS": _with_scheme,
    "OBS": _with_scheme,
    "OCI": _oci,
}


def check(provider: str, values: Values) -> list[Finding]:
    """Every broken rule of ``provider``; ``values`` are its typed keys, without those that are empty."""
    tls = values.get("http_config", {}).get("tls_config", {})
    found = beneath("http_config.tls_config.", pair(tls, "cert_file", "key_file"))
    return found + (CHECKS[provider](values) if provider in CHECKS else [])
