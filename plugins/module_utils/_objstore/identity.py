# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bucket an ``objstore.yml`` names, however it is written, so that two users of one bucket are recognised."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# The key that names the bucket, and the one that says where it is, where they are not ``bucket`` and ``endpoint``.
BUCKET = {"AZURE": "container", "SWIFT": "container_name", "FILESYSTEM": "directory"}
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
    kind = str(document["type"]).upper()
    bucket = str(config.get(BUCKET.get(kind, "bucket")) or "")
    if not bucket:
        return None
    bucket = bucket.rstrip("/") if kind == "FILESYSTEM" else bucket
    return Identity(kind, _place(kind, config), bucket, str(document.get("prefix") or "").strip("/"))


def _place(kind: str, config: dict[str, Any]) -> str:
    """Where the bucket is, without what makes no difference: a scheme, a default port, upper case."""
    text = str(config.get(PLACE.get(kind, "endpoint")) or "").lower()
    place = re.sub(r"\Ahttps?://", "", text).rstrip("/")
    return re.sub(r":80\Z" if config.get("insecure") else r":443\Z", "", place)
