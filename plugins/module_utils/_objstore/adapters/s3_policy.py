# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements of a bucket's policy: which are ours, and the forms in which servers give them back. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

SID = "O11yThanos"
TLS_SID = f"{SID}TlsOnly"


def tls_statement(bucket: str) -> dict[str, Any]:
    """The statement that refuses every request without TLS."""
    arn = f"arn:aws:s3:::{bucket}"
    return {
        "Sid": TLS_SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def statements(policy: str) -> list[dict[str, Any]]:
    """The statements of a bucket policy, which may be one or a list of them."""
    found = json.loads(policy).get("Statement") or []
    return [found] if isinstance(found, dict) else list(found)


def is_grant(statement: Mapping[str, Any]) -> bool:
    """Whether a statement of a policy lets a component of Thanos in."""
    sid = str(statement.get("Sid") or "")
    return sid.startswith(SID) and sid != TLS_SID


def canonical(statement: Mapping[str, Any]) -> str:
    """One text for the forms in which servers give the same statement back."""
    principal = statement.get("Principal", "*")
    names = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    plain = {
        "Effect": statement.get("Effect"),
        "Principal": {"AWS": sorted([names] if isinstance(names, str) else names)},
        "Action": _many(statement.get("Action")),
        "Resource": _many(statement.get("Resource")),
    }
    return json.dumps({"Sid": statement.get("Sid"), **plain})


def _many(value: Any) -> list[str]:
    return sorted([value] if isinstance(value, str) else value or [])
