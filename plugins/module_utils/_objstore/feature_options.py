# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bucket can be asked to be: the options, and the mistakes one can make with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import nearest
from .values import TYPES, converted

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
    "type": {"type": "str", "choices": ["SSE-S3", "SSE-KMS"], "required": True},
    "kms_key_id": {"type": "str", "no_log": False},
    "bucket_key": {"type": "bool", "default": True, "no_log": False},
}
_LIFECYCLE = {
    "abort_incomplete_multipart_days": {"type": "int"},
    "noncurrent_days": {"type": "int"},
}
OPTIONS: dict[str, Any] = {
    "manage": {"type": "bool", "default": True},
    "api_version": {"type": "str"},
    "location": {"type": "str"},
    "project": {"type": "str"},
    "profile": {"type": "str", "choices": ["thanos", "none"], "default": "thanos"},
    "unmanaged": {"type": "list", "elements": "str", "choices": list(FEATURES), "default": []},
    "unsupported": {"type": "str", "choices": ["fail", "warn", "ignore"]},
    "allow": {"type": "list", "elements": "str", "choices": list(RISKS), "default": []},
    "versioning": {"type": "str", "choices": ["enabled", "disabled"]},
    "encryption": {"type": "dict", "options": _ENCRYPTION},
    "public_access": {"type": "str", "choices": ["blocked"]},
    "ownership": {"type": "str", "choices": ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]},
    "lifecycle": {"type": "dict", "options": _LIFECYCLE},
    "soft_delete_days": {"type": "int"},
    "tags": {"type": "dict"},
    "purge_tags": {"type": "bool", "default": False},
    "tls_only": {"type": "bool"},
}


def mistakes_in_features(store: Mapping[str, Any], where: str) -> list[str]:
    """Names and types of the bucket's options that are wrong in a raw ``store``; the rest is in wishes.py."""
    found: list[str] = []
    _forms(OPTIONS, store, where, found)
    return found


def _forms(rows: Mapping[str, Any], level: Mapping[str, Any], where: str, found: list[str]) -> None:
    for name, row in rows.items():
        value = level.get(name)
        if value in (None, ""):
            continue
        if row["type"] == "dict" and not isinstance(value, Mapping):
            found.append(f"{where}{name}: this is not a mapping.")
        elif "options" in row:
            rows_below, below = row["options"], f"{where}{name}."
            strange = [k for k in value if k not in rows_below]
            found += [f"{below}{k}: there is no such key.{nearest(str(k), rows_below)}" for k in strange]
            _forms(rows_below, value, below, found)
        elif "choices" in row:
            found += _choice(f"{where}{name}", row, value)
        elif row["type"] in TYPES:
            converted(row["type"], value, f"{where}{name}", found)


def _choice(where: str, row: Mapping[str, Any], value: Any) -> list[str]:
    choices = row["choices"]
    values = listed(value) if row["type"] == "list" else [value]
    return [
        f"{where}: {v!r} is not one of {', '.join(choices)}.{nearest(str(v), choices)}"
        for v in values
        if v not in choices
    ]


def listed(value: Any) -> list[Any]:
    """A list as AnsibleModule makes one: a text is split at its commas, any other value becomes the only entry."""
    if isinstance(value, str):
        return value.split(",")
    return value if isinstance(value, list) else [value]
