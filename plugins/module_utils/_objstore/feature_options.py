# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bucket can be asked to be: the options, and the mistakes one can make with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._findings import Finding
from .._options.convert import convert
from .._options.rows import Option
from .keys import STORE

# In the order in which they are applied.
FEATURES = (
    "ownership",
    "public_access",
    "versioning",
    "encryption",
    "lifecycle",
    "object_lock",
    "soft_delete",
    "tags",
    "tls_only",
)
RISKS = ("expiry", "archive", "object_lock")

_ENCRYPTION = {
    "type": Option(choices=("SSE-S3", "SSE-KMS"), required=True),
    "kms_key_id": Option(),
    "bucket_key": Option("bool", True),
}
_LIFECYCLE = {
    "abort_incomplete_multipart_days": Option("count"),
    "noncurrent_days": Option("count"),
}
OPTIONS: dict[str, Option] = {
    "manage": Option("bool", True),
    "api_version": Option(),
    "location": Option(),
    "project": Option(),
    "profile": Option(choices=("thanos", "none"), default="thanos"),
    "unmanaged": Option("list", [], elements="str", choices=FEATURES),
    "unsupported": Option(choices=("fail", "warn", "ignore")),
    "allow": Option("list", [], elements="str", choices=RISKS),
    "versioning": Option(choices=("enabled", "disabled"), switch=("enabled", "disabled")),
    "encryption": Option("dict", strict=True, options=_ENCRYPTION),
    "public_access": Option(choices=("blocked",)),
    "ownership": Option(choices=("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")),
    "lifecycle": Option("dict", strict=True, options=_LIFECYCLE),
    "soft_delete_days": Option("count"),
    "tags": Option("dict", strict=True),
    "purge_tags": Option("bool", False),
    "tls_only": Option("bool"),
}


def mistakes_in_features(store: Mapping[str, Any], where: str) -> list[Finding]:
    """Names and types of the bucket's options that are wrong in a raw ``store``; the rest is in wishes.py."""
    found: list[Finding] = []
    convert(OPTIONS, {name: store[name] for name in OPTIONS if name in store}, where, found, STORE)
    return found
