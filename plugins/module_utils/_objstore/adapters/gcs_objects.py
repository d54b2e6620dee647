# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a bucket of Google Cloud Storage."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ..._errors import Failure

# Operation, permission, what to do.
_Call = Callable[[str, str, Callable[[], Any]], Any]
_GET, _LIST, _CREATE, _DELETE = (f"storage.objects.{verb}" for verb in ("get", "list", "create", "delete"))


class GcsObjects:
    """See ``Objects``. ``patience``: the timeout and retry of every request."""

    def __init__(self, bucket: Any, call: _Call, patience: Mapping[str, Any]) -> None:
        self._bucket = bucket
        self._call = call
        self._patience = patience
        self._written: dict[str, int | None] = {}

    def everything(self) -> Iterator[list[str]]:
        return ([str(blob.name) for blob in page] for page in self._pages("listing the bucket", versions=True))

    def empty(self) -> None:
        for page in self._pages("listing the bucket", versions=True):
            for blob in page:
                self._drop(blob.name, blob.generation)

    def names(self, beneath: str, most: int) -> list[str]:
        pages = self._pages("listing objects", prefix=beneath, max_results=most)
        return [str(blob.name) for page in pages for blob in page]

    def holds(self, key: str) -> bool:
        return self._live(key) is not None

    def put(self, key: str) -> None:
        blob = self._bucket.blob(key)
        self._call("writing an object", _CREATE, partial(blob.upload_from_string, b"", **self._patience))
        self._written[key] = blob.generation

    def remove(self, key: str, every_version: bool) -> None:
        # One version at most, as no key is written twice; finding it this way needs no right to list.
        self._drop(key, self._generation(key) if every_version else None)

    def _generation(self, key: str) -> int | None:
        """The version to remove: the one that was written here, else the live one.

        None when that may not be read, or is not there; a removal without a version means the live one.
        """
        if key in self._written:
            return self._written[key]
        with contextlib.suppress(Failure):
            return getattr(self._live(key), "generation", None)
        return None

    def _live(self, key: str) -> Any:
        return self._call("reading an object", _GET, partial(self._bucket.get_blob, key, **self._patience))

    def _pages(self, operation: str, **which: Any) -> Iterator[list[Any]]:
        pages = (list(page) for page in self._bucket.list_blobs(**which, **self._patience).pages)
        while (page := self._call(operation, _LIST, lambda: next(pages, None))) is not None:
            yield page

    def _drop(self, key: str, generation: int | None) -> None:
        """Remove this version for good. With None the live one is removed, which a bucket with versions keeps."""
        drop = partial(self._bucket.delete_blob, key, generation=generation, **self._patience)
        self._unless_missing("removing an object", _DELETE, drop)

    def _unless_missing(self, operation: str, permission: str, act: Callable[[], Any]) -> bool:
        """Do it; False when the object does not exist."""
        from google.api_core.exceptions import NotFound

        def attempt() -> bool:
            try:
                act()
            except NotFound:
                return False
            return True

        return bool(self._call(operation, permission, attempt))
