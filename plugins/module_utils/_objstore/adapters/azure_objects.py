# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a container of Azure."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

# Operation, permission, what to do.
_Call = Callable[[str, str, Callable[[], Any]], Any]
_READ, _WRITE, _DELETE = "blobs/read", "blobs/write", "blobs/delete"


class AzureObjects:
    """See ``Objects``."""

    def __init__(self, client: Any, call: _Call) -> None:
        self._client = client
        self._call = call

    def everything(self) -> Iterator[list[str]]:
        pages = (list(page) for page in self._client.list_blob_names().by_page())
        while (page := self._call("listing objects", _READ, lambda: next(pages, None))) is not None:
            yield [str(name) for name in page]

    def empty(self) -> None:
        for page in self.everything():
            for name in page:
                self.remove(name, every_version=True)

    def names(self, beneath: str, most: int) -> list[str]:
        listing = partial(self._client.list_blob_names, name_starts_with=beneath or None, results_per_page=most)
        found = self._call("listing objects", _READ, lambda: list(itertools.islice(listing(), most)))
        return [str(name) for name in found]

    def holds(self, key: str) -> bool:
        read = self._client.get_blob_client(key).get_blob_properties
        return self._unless_missing("reading an object", _READ, read)

    def put(self, key: str) -> None:
        self._call("writing an object", _WRITE, partial(self._client.upload_blob, key, b""))

    def remove(self, key: str, every_version: bool) -> None:
        snapshots = {"delete_snapshots": "include"} if every_version else {}
        delete = partial(self._client.delete_blob, key, **snapshots)
        self._unless_missing("removing an object", _DELETE, delete)

    def _unless_missing(self, operation: str, permission: str, act: Callable[[], Any]) -> bool:
        """Do it; False when the blob does not exist."""
        from azure.core.exceptions import ResourceNotFoundError

        def attempt() -> bool:
            try:
                act()
            except ResourceNotFoundError as e:
                if getattr(e, "error_code", "") == "BlobNotFound":
                    return False
                raise
            return True

        return bool(self._call(operation, permission, attempt))
