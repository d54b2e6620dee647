# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a container of Azure."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from ..blocks import block_of
from ..model import Contents

# Operation, permission, what to do.
_Call = Callable[[str, str, Callable[[], Any]], Any]
_READ, _WRITE, _DELETE = "blobs/read", "blobs/write", "blobs/delete"


class AzureObjects:
    """See ``Objects``."""

    def __init__(self, client: Any, call: _Call) -> None:
        self._client = client
        self._call = call

    def contents(self, all_of_it: bool) -> Contents:
        names = self._listed("", None if all_of_it else 1)
        blocks = {block for block in map(block_of, names) if block}
        return Contents(len(names), tuple(sorted(blocks)))

    def empty(self) -> None:
        for name in self._listed("", None):
            self.remove(name, every_version=True)

    def names(self, beneath: str, most: int) -> list[str]:
        return self._listed(beneath, most)

    def holds(self, key: str) -> bool:
        read = self._client.get_blob_client(key).get_blob_properties
        return self._unless_missing("reading an object", _READ, read)

    def put(self, key: str) -> None:
        self._call("writing an object", _WRITE, partial(self._client.upload_blob, key, b""))

    def remove(self, key: str, every_version: bool) -> None:
        snapshots = {"delete_snapshots": "include"} if every_version else {}
        delete = partial(self._client.delete_blob, key, **snapshots)
        self._unless_missing("removing an object", _DELETE, delete)

    def _listed(self, beneath: str, most: int | None) -> list[str]:
        listing = partial(self._client.list_blob_names, name_starts_with=beneath or None, results_per_page=most)
        found = self._call("listing objects", _READ, lambda: list(itertools.islice(listing(), most)))
        return [str(name) for name in found]

    def _unless_missing(self, operation: str, permission: str, act: Callable[[], Any]) -> bool:
        """Whether there was a blob to do it with."""
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
