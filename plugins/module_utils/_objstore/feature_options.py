# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bucket can be asked to be: the options, and the mistakes one can make with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._errors import nearest

# Where tags are kept as header names or labels, their case does not survive.
_TAG_NAMES = {
    "SWIFT": (re.compile(r"[a-z0-9-]+"), "Swift keeps lower-case letters, digits and hyphens only"),
    "GCS": (re.compile(r"[a-z][a-z0-9_-]{0,62}"), "a label has lower-case letters, digits, '-' and '_' only"),
    "AZURE": (re.compile(r"[a-z_][a-z0-9_]*"), "metadata has lower-case letters, digits and '_' only"),
}

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
    """What is wrong with the bucket's options in a raw ``store``, beyond what AnsibleModule will say."""
    found: list[str] = []
    for name, row in OPTIONS.items():
        value = store.get(name)
        if value in (None, ""):
            continue
        found += _choice(f"{where}{name}", row, value)
        if row["type"] == "dict" and not isinstance(value, Mapping):
            found.append(f"{where}{name}: this is not a mapping.")
        elif "options" in row:
            found += [
                f"{where}{name}.{k}: there is no such key.{nearest(str(k), row['options'])}"
                for k in value
                if k not in row["options"]
            ]
    unmanaged = _listed(store.get("unmanaged") or [])
    found += [
        f"{where}unmanaged: {name} is set as well; leave one out."
        for name in FEATURES
        if name in unmanaged and store.get(name) not in (None, "")
    ]
    return found + _values(store, where)


def _choice(where: str, row: Mapping[str, Any], value: Any) -> list[str]:
    choices = row.get("choices")
    values = _listed(value) if row["type"] == "list" else [value]
    return [
        f"{where}: {v!r} is not one of {', '.join(choices)}.{nearest(str(v), choices)}"
        for v in values
        if choices and v not in choices
    ]


def _listed(value: Any) -> list[Any]:
    """A list as AnsibleModule will see it, which splits a text at its commas; anything else is the only entry."""
    if isinstance(value, str):
        return value.split(",")
    return value if isinstance(value, list) else [value]


def _values(store: Mapping[str, Any], where: str) -> list[str]:
    found: list[str] = []
    lifecycle, encryption = store.get("lifecycle"), store.get("encryption")
    if isinstance(lifecycle, Mapping):
        for key in _LIFECYCLE:
            value = lifecycle.get(key)
            if value not in (None, "") and (isinstance(value, bool) or not str(value).isdecimal() or int(value) < 1):
                found.append(f"{where}lifecycle.{key}: {value!r} is not a number of days, 1 or more.")
    if isinstance(encryption, Mapping):
        kind = encryption.get("type")
        if kind not in ("SSE-S3", "SSE-KMS"):
            found.append(f"{where}encryption.type must be SSE-S3 or SSE-KMS.")
        elif kind == "SSE-S3" and encryption.get("kms_key_id"):
            found.append(f"{where}encryption.kms_key_id has no effect with type SSE-S3.")
    if not str(store.get("soft_delete_days") or 0).isdecimal():
        found.append(f"{where}soft_delete_days: {store['soft_delete_days']!r} is not a number of days, 0 for off.")
    if store.get("type") != "GCS":
        found += [f"{where}{key} is for type GCS only." for key in ("location", "project") if store.get(key)]
    if store.get("api_version") and store.get("type") != "AZURE":
        found.append(f"{where}api_version is for type AZURE only.")
    tags = store.get("tags")
    if store.get("type") in _TAG_NAMES and isinstance(tags, Mapping):
        form, wording = _TAG_NAMES[store["type"]]
        found += [f"{where}tags.{k}: {wording}." for k in tags if not form.fullmatch(str(k))]
    if isinstance(tags, Mapping):
        found += [
            f"{where}tags.{k}: a tag's value must be a text." for k, v in tags.items() if isinstance(v, (list, Mapping))
        ]
    return found
