# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file knows which provider. An adapter, and its SDK, is imported only when a store is of its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._errors import Failure
from ..bucket_model import Adapter

Store = Mapping[str, Any]


def _s3(store: Store, timeout: float, directory: str) -> Adapter:
    from .s3 import S3

    return S3(store, timeout, directory)


def _gcs(store: Store, timeout: float, directory: str) -> Adapter:
    from .gcs import Gcs

    return Gcs(store, timeout, directory)


def _azure(store: Store, timeout: float, directory: str) -> Adapter:
    from .azure import Azure

    return Azure(store, timeout, directory)


def _swift(store: Store, timeout: float, directory: str) -> Adapter:
    from .swift import Swift

    return Swift(store, timeout, directory)


def _filesystem(store: Store, timeout: float, directory: str) -> Adapter:
    from .filesystem import Filesystem

    return Filesystem(store, timeout, directory)


ADAPTERS: dict[str, Callable[[Store, float, str], Adapter]] = {
    "S3": _s3,
    "GCS": _gcs,
    "AZURE": _azure,
    "SWIFT": _swift,
    "FILESYSTEM": _filesystem,
}


def open_store(store: Store, timeout: float, directory: str) -> Adapter:
    """The adapter for ``store`` (typed keys, ``ca`` as PEM text). No request is made yet.

    ``timeout``: seconds for each answer. ``directory``: a folder for temporary files. Raises Failure.
    """
    kind = str(store["type"])
    if kind not in ADAPTERS:
        raise Failure(
            f"buckets of type {kind} cannot be made here (only {', '.join(ADAPTERS)}); make it with the provider's own "
            "tools and set manage: false. Thanos can use it all the same."
        )
    return ADAPTERS[kind](store, timeout, directory)
