# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements of a bucket's policy: which are ours, and the forms in which servers give them back. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from ..amazon import partition_of

SID = "O11yThanos"
TLS_SID = f"{SID}TlsOnly"


def arn_of(store: Mapping[str, Any]) -> str:
    """The ARN of a bucket. Servers that are not Amazon's know its first partition only."""
    partition = partition_of(str(store.get("endpoint") or ""), str(store.get("region") or ""))
    return f"arn:{partition}:s3:::{store['bucket']}"


def mark_of(prefix: Any) -> str:
    """A part of a Sid that tells the statements for this prefix from those for other prefixes; "" without one.

    Other prefixes may be other clusters', whose statements stay. It is a digest, as servers take only letters and
    digits in a Sid.
    """
    plain = str(prefix or "").strip("/")
    return hashlib.sha256(plain.encode()).hexdigest()[:10] if plain else ""


def tls_statement(arn: str) -> dict[str, Any]:
    """The statement that refuses every request to the bucket ``arn`` without TLS."""
    return {
        "Sid": TLS_SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def statements(policy: str) -> list[dict[str, Any]]:
    """The statements of a bucket policy, which may be one or a list of them. Raises ValueError when it is none."""
    try:
        document = json.loads(policy)
        found = document["Statement"] or []
    except (LookupError, RecursionError, TypeError, ValueError):
        found = None
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(statement, dict) for statement in found):
        raise ValueError("this is no policy")
    return found


def is_grant(statement: Mapping[str, Any], mark: str) -> bool:
    """Whether it is one of our statements that let components of Thanos in, for the prefix that has this ``mark``."""
    return bool(re.fullmatch(rf"{SID}[A-Z][a-z]+(List|Objects){mark}", str(statement.get("Sid") or "")))


def canonical(statement: Mapping[str, Any]) -> str:
    """The statement in one form, as servers give the same one back in several."""
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
