# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bucket an ``objstore.yml`` names, however it is written, so that two users of one bucket are recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .bucket_keys import BUCKET

# The key that says where the bucket is, where it is not ``endpoint``.
PLACE = {
    "AZURE": "storage_account",
    "COS": "region",
    "FILESYSTEM": "",
    "GCS": "",
    "OCI": "compartment_ocid",
    "SWIFT": "auth_url",
}


class Identity(NamedTuple):
    """What two configurations of one store have in common."""

    type: str
    endpoint: str
    bucket: str
    prefix: str


def identity(text: str) -> Identity | None:
    """The identity of an ``objstore.yml``; None when it cannot be parsed or names no bucket.

    Unknown keys do not matter here: it may be a file that somebody else wrote.
    """
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict) or not document.get("type"):
        return None
    return identity_of({**config, "type": document["type"], "prefix": document.get("prefix")})


def identity_of(config: Mapping[str, Any]) -> Identity | None:
    """The identity of a store whose keys are flat, beside its ``type`` and ``prefix``; None when it names no bucket."""
    kind = str(config.get("type") or "").upper()
    bucket = str(config.get(BUCKET.get(kind, "bucket")) or "")
    if not bucket:
        return None
    bucket = bucket.rstrip("/") if kind == "FILESYSTEM" else bucket
    return Identity(kind, _place(kind, config), bucket, str(config.get("prefix") or "").strip("/"))


def _place(kind: str, config: Mapping[str, Any]) -> str:
    """Where the bucket is, without what makes no difference: a scheme, a default port, upper case, who asks."""
    text = str(config.get(PLACE.get(kind, "endpoint")) or "").lower()
    place = re.sub(r"\A(https?://)?([^/@]*@)?", "", text).rstrip("/")
    return re.sub(r":80\Z" if config.get("insecure") else r":443\Z", "", place)


def described(store: Identity) -> str:
    """For people: which bucket it is, where, and which part of it."""
    place = f" at {store.endpoint}" if store.endpoint else ""
    return f"{store.type} bucket {store.bucket}{place}" + (f", prefix {store.prefix}" if store.prefix else "")
