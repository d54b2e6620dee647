# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bucket an ``objstore.yml`` names, so that two workloads on one bucket can be recognised."""

from __future__ import annotations

# The keys that name the bucket and the place where it is, by provider.
_BUCKET = {"AZURE": "container", "SWIFT": "container_name", "FILESYSTEM": "directory"}
_PLACE = {"AZURE": "storage_account", "SWIFT": "auth_url", "COS": "region", "OCI": "compartment_ocid", "GCS": ""}


def identity(text: str) -> tuple[str, str, str, str] | None:
    """(type, endpoint, bucket, prefix) of an ``objstore.yml``, or None when it cannot be parsed or names no bucket."""
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("config"), dict):
        return None
    kind = str(document.get("type", "")).upper()
    config = document["config"]
    bucket = str(config.get(_BUCKET.get(kind, "bucket"), ""))
    place = str(config.get(_PLACE.get(kind, "endpoint"), "")).lower()
    return (kind, place, bucket, str(document.get("prefix", "")).strip("/")) if kind and bucket else None
