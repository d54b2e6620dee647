# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wishes for a bucket that can never hold: mistakes that are no matter of a name or a type. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .feature_options import FEATURES, OPTIONS, listed
from .values import converted, is_set

# Where tags are kept as header names or labels, their case does not survive.
_TAG_NAMES = {
    "SWIFT": (re.compile(r"[a-z0-9-]+"), "Swift keeps lower-case letters, digits and hyphens only"),
    "GCS": (re.compile(r"[a-z][a-z0-9_-]{0,62}"), "a label has lower-case letters, digits, '-' and '_' only"),
    "AZURE": (re.compile(r"[a-z_][a-z0-9_]*"), "metadata has lower-case letters, digits and '_' only"),
}

_SOFT_DELETE = range(7, 91)


def mistakes_in_wishes(store: Any, where: str = "store.") -> list[str]:
    """What is wrong with the bucket's options in a raw ``store`` of any form, beside their names and types."""
    if not isinstance(store, Mapping):
        return []
    unmanaged = listed(store.get("unmanaged") or [])
    found = [
        f"unmanaged: {name} is set as well; leave one out."
        for name in FEATURES
        if name in unmanaged and store.get(name) not in (None, "")
    ]
    google = store.get("type") == "GCS"
    found += _lifecycle(store.get("lifecycle")) + _encryption(store.get("encryption"), google)
    found += _soft_delete(store.get("soft_delete_days"), google) + _tags(store.get("tags"), store.get("type"))
    if not google:
        found += [f"{key} is for type GCS only." for key in ("location", "project") if store.get(key)]
    if store.get("api_version") and store.get("type") != "AZURE":
        found.append("api_version is for type AZURE only.")
    return [f"{where}{sentence}" for sentence in found]


def _number(value: Any) -> int | None:
    """None where it is not set or no number, which is told elsewhere."""
    number: int | None = converted("int", value, "", [])
    return number


def _lifecycle(lifecycle: Any) -> list[str]:
    rules = lifecycle if isinstance(lifecycle, Mapping) else {}
    return [
        f"lifecycle.{key}: 0 is not a number of days, 1 or more."
        for key in OPTIONS["lifecycle"]["options"]
        if _number(rules.get(key)) == 0
    ]


def _encryption(encryption: Any, google: bool) -> list[str]:
    if not isinstance(encryption, Mapping):
        return []
    found = []
    kind, key = encryption.get("type"), encryption.get("kms_key_id")
    if not is_set(kind):
        found.append("encryption.type must be SSE-S3 or SSE-KMS.")
    elif kind == "SSE-S3" and key:
        found.append("encryption.kms_key_id has no effect with type SSE-S3.")
    elif google and kind == "SSE-KMS" and not key:
        found.append("encryption.kms_key_id is required for GCS with type SSE-KMS: there is no default key.")
    if google and is_set(encryption.get("bucket_key")):
        found.append("encryption.bucket_key has no effect for GCS; leave it out.")
    return found


def _soft_delete(value: Any, google: bool) -> list[str]:
    days = _number(value)
    if not google or not days or days in _SOFT_DELETE:
        return []
    return [f"soft_delete_days: Google takes {_SOFT_DELETE[0]} to {_SOFT_DELETE[-1]} days, or 0 for off; not {days}."]


def _tags(tags: Any, kind: Any) -> list[str]:
    if not isinstance(tags, Mapping):
        return []
    found = []
    if isinstance(kind, str) and kind in _TAG_NAMES:
        form, wording = _TAG_NAMES[kind]
        found += [f"tags.{k}: {wording}." for k in tags if not form.fullmatch(str(k))]
    return found + [
        f"tags.{k}: a tag's value must be a text."
        for k, v in tags.items()
        if v is None or isinstance(v, (list, Mapping))
    ]
