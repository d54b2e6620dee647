# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a ConfigMap or Secret may hold: the server counts the bytes of all values, in a Secret without base64."""

from __future__ import annotations

from collections.abc import Iterable

from .manifest import Manifest, ref_of

LARGEST = 1024 * 1024


def too_large(manifests: Iterable[Manifest]) -> list[str]:
    """Sentences about prepared manifests that the server would refuse. No value is quoted."""
    return [text for manifest in manifests if manifest["kind"] in ("ConfigMap", "Secret") for text in _told(manifest)]


def _told(manifest: Manifest) -> list[str]:
    plain, encoded = manifest.get("data") or {}, manifest.get("binaryData") or {}
    if manifest["kind"] == "Secret":
        plain, encoded = {}, plain
    sizes = {key: len(str(value).encode()) for key, value in plain.items()}
    sizes |= {key: len(value) * 3 // 4 - value.count("=") for key, value in encoded.items()}
    total = sum(sizes.values())
    if total <= LARGEST:
        return []
    most = max(sizes, key=lambda key: sizes[key])
    what = f"would hold {total:,} bytes ({most} alone {sizes[most]:,})"
    return [f"{ref_of(manifest)} {what}, and Kubernetes allows {LARGEST:,}"]
