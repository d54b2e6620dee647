# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wishes for a bucket that can never hold: mistakes that are no matter of a name or a type. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._findings import Finding, beneath, mistake
from .._options.convert import convert, entries
from .._options.rows import Option, is_set
from .._options.switches import is_false
from .credentials import levels
from .feature_options import FEATURES, OPTIONS
from .keys import STORE
from .tag_rules import mistakes_in_tags

_SOFT_DELETE = range(7, 91)


def mistakes_in_wishes(store: Any, where: str = "store.") -> list[Finding]:
    """What is wrong with the bucket's options in a raw ``store`` of any form, beside their names and types."""
    if not isinstance(store, Mapping):
        return []
    unmanaged = entries(store.get("unmanaged") or [])
    found = [
        mistake("option-conflict", "unmanaged", f"{name} is set as well", "leave one out")
        for name in FEATURES
        if name in unmanaged and store.get(name) not in (None, "")
    ]
    found += _plain_http(store)
    google = store.get("type") == "GCS"
    found += _lifecycle(store.get("lifecycle")) + _encryption(store.get("encryption"), google)
    found += _soft_delete(store.get("soft_delete_days"), google)
    # The tags of a bucket that is left alone may be those of a whole group of hosts: nobody writes them.
    found += [] if is_false(store.get("manage")) else mistakes_in_tags(store)
    if not google:
        found += [_only(key, "GCS") for key in ("location", "project") if store.get(key)]
    if store.get("api_version") and store.get("type") != "AZURE":
        found.append(_only("api_version", "AZURE"))
    return beneath(where, found)


def _plain_http(store: Mapping[str, Any]) -> list[Finding]:
    """A bucket that refuses plain HTTP, and somebody who shall speak to it in nothing else: its owner is locked out."""
    if not _true(store.get("tls_only")):
        return []
    plain = [
        f"{at}insecure"
        for at, level in levels(store).items()
        if isinstance(level, Mapping) and _true(level.get("insecure"))
    ]
    what = "is true, and so is {}: the bucket would refuse all of these requests, also the one that takes this back"
    advice = "leave tls_only out, or use TLS"
    return [mistake("option-conflict", "tls_only", what.format(key), advice, joint=" ") for key in plain]


def _true(value: Any) -> bool:
    """Whether a raw value means true; what is no such value is told elsewhere."""
    return bool(convert({"it": Option("bool")}, {"it": value}, "", [], STORE).get("it"))


def _only(key: str, kind: str) -> Finding:
    return mistake("option-without-effect", key, f"is for type {kind} only", joint=" ")


def _number(value: Any) -> int | None:
    """None where it is not set or no number, which is told elsewhere."""
    number: int | None = convert({"it": Option("count")}, {"it": value}, "", [], STORE).get("it")
    return number


def _lifecycle(lifecycle: Any) -> list[Finding]:
    rules = lifecycle if isinstance(lifecycle, Mapping) else {}
    return [
        mistake("option-range", f"lifecycle.{key}", "0 is not a number of days, 1 or more")
        for key in OPTIONS["lifecycle"].options or ()
        if _number(rules.get(key)) == 0
    ]


def _encryption(encryption: Any, google: bool) -> list[Finding]:
    if not isinstance(encryption, Mapping):
        return []
    found = []
    kind, key = encryption.get("type"), encryption.get("kms_key_id")
    if not is_set(kind):
        found.append(mistake("option-required", "encryption.type", "must be SSE-S3 or SSE-KMS", joint=" "))
    elif kind == "SSE-S3" and key:
        what = "has no effect with type SSE-S3"
        found.append(mistake("option-without-effect", "encryption.kms_key_id", what, joint=" "))
    elif google and kind == "SSE-KMS" and not key:
        what = "is required for GCS with type SSE-KMS: there is no default key"
        found.append(mistake("option-incomplete", "encryption.kms_key_id", what, joint=" "))
    if google and is_set(encryption.get("bucket_key")):
        what = "has no effect for GCS"
        found.append(mistake("option-without-effect", "encryption.bucket_key", what, "leave it out", joint=" "))
    return found


def _soft_delete(value: Any, google: bool) -> list[Finding]:
    days = _number(value)
    if not google or not days or days in _SOFT_DELETE:
        return []
    what = f"Google takes {_SOFT_DELETE[0]} to {_SOFT_DELETE[-1]} days, or 0 for off; not {days}"
    return [mistake("option-range", "soft_delete_days", what)]
