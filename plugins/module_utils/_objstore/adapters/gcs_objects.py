# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a bucket of Google Cloud Storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..blocks import block_of
from ..model import Contents

# Operation, permission, what to do.
_Call = Callable[[str, str, Callable[[], Any]], Any]
_GET, _LIST, _CREATE, _DELETE = (f"storage.objects.{verb}" for verb in ("get", "list", "create", "delete"))


class GcsObjects:
    """See ``Objects``. ``patience``: the timeout and retry of every request."""

    def __init__(self, bucket: Any, call: _Call, patience: Mapping[str, Any]) -> None:
        self._bucket = bucket
        self._call = call
        self._patience = patience

    def contents(self, all_of_it: bool) -> Contents:
        count, blocks = 0, set()
        for blob in self._listed("listing the bucket", versions=True):
            count += 1
            blocks.add(block_of(blob.name))
            if not all_of_it:
                break
        return Contents(count, tuple(sorted(blocks - {""})))

    def empty(self) -> None:
        for blob in self._listed("listing the bucket", versions=True):
            self._drop(blob)

    def names(self, beneath: str, most: int) -> list[str]:
        return [str(blob.name) for blob in self._listed("listing objects", prefix=beneath, max_results=most)]

    def holds(self, key: str) -> bool:
        read = partial(self._bucket.get_blob, key, **self._patience)
        return self._call("reading an object", _GET, read) is not None

    def put(self, key: str) -> None:
        write = partial(self._bucket.blob(key).upload_from_string, b"", **self._patience)
        self._call("writing an object", _CREATE, write)

    def remove(self, key: str, every_version: bool) -> None:
        if not every_version:
            self._unless_missing(
                "removing an object", _DELETE, partial(self._bucket.blob(key).delete, **self._patience)
            )
            return
        for blob in self._listed("listing objects", prefix=key, versions=True):
            if blob.name == key:
                self._drop(blob)

    def _listed(self, operation: str, **which: Any) -> list[Any]:
        found: list[Any] = self._call(
            operation, _LIST, lambda: list(self._bucket.list_blobs(**which, **self._patience))
        )
        return found

    def _drop(self, blob: Any) -> None:
        """Remove this version, so that nothing becomes an old version instead of going away."""
        drop = partial(self._bucket.delete_blob, blob.name, generation=blob.generation, **self._patience)
        self._unless_missing("removing objects", _DELETE, drop)

    def _unless_missing(self, operation: str, permission: str, act: Callable[[], Any]) -> bool:
        """Whether there was an object to do it with."""
        from google.api_core.exceptions import NotFound

        def attempt() -> bool:
            try:
                act()
            except NotFound:
                return False
            return True

        return bool(self._call(operation, permission, attempt))
