# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a container of Swift, and in that of the parts of its large objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from ..blocks import block_of
from ..model import Contents

T = TypeVar("T")
_READ, _WRITE = (
    f"the {list_} list of the container (X-Container-{list_.capitalize()}) has to name the user"
    for list_ in ("read", "write")
)


class _Call(Protocol):
    def __call__(self, operation: str, act: Callable[[], Any], right: str = "") -> Any: ...


class SwiftObjects:
    """See ``Objects``. Thanos uses all ``containers`` alike."""

    def __init__(self, connection: Any, containers: Sequence[str], call: _Call) -> None:
        self._connection = connection
        self._containers = containers
        self._call = call

    def contents(self, all_of_it: bool) -> Contents:
        count, blocks = 0, set()
        for container in self._containers:
            for page in self._pages(container):
                count += len(page)
                blocks |= {block for block in map(block_of, page) if block}
                if count and not all_of_it:
                    break
        return Contents(count, tuple(sorted(blocks)))

    def empty(self) -> None:
        for container in self._containers:
            for page in self._pages(container):
                for name in page:
                    self._delete(container, name)

    def names(self, beneath: str, most: int) -> list[str]:
        pages = [self._page(container, prefix=beneath, limit=most) for container in self._containers]
        return [str(entry["name"]) for page in pages for entry in page][:most]

    def holds(self, key: str) -> bool:
        # Each of them is read, whatever the others hold.
        found = [self._read(container, key) for container in self._containers]
        return all(found)

    def put(self, key: str) -> None:
        for container in self._containers:
            write = partial(self._connection.put_object, container, key, b"")
            self._call(f"writing an object to {container}", write, _WRITE)

    def remove(self, key: str, every_version: bool) -> None:
        for container in self._containers:
            self._delete(container, key)
            for entry in self._page(container, prefix=key, query_string="versions") if every_version else ():
                if entry["name"] == key:
                    self._delete(container, key, f"version-id={entry['version_id']}")

    def _delete(self, container: str, key: str, which: str | None = None) -> None:
        delete = partial(self._connection.delete_object, container, key, query_string=which)
        self._unless_missing(f"removing an object from {container}", delete, _WRITE)

    def _read(self, container: str, key: str) -> bool:
        read = partial(self._connection.head_object, container, key)
        return self._unless_missing(f"reading an object of {container}", read, _READ) is not None

    def _page(self, container: str, **which: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call(f"listing {container}", self._listing(container, **which), _READ)[1]
        return found

    def _pages(self, container: str) -> Iterator[list[str]]:
        """None of a container that is missing: a removal that was interrupted leaves the others."""
        marker = ""
        while True:
            listing = self._listing(container, marker=marker)
            answer = self._unless_missing(f"listing {container}", listing, _READ)
            page = [str(entry["name"]) for entry in answer[1]] if answer else []
            if not page:
                return
            marker = page[-1]
            yield page

    def _listing(self, container: str, **which: Any) -> Callable[[], Any]:
        return partial(self._connection.get_container, container, **which)

    def _unless_missing(self, operation: str, act: Callable[[], T], right: str) -> T | None:
        """What ``act`` returns; None when there is nothing to do it with."""
        from swiftclient.exceptions import ClientException

        def attempt() -> T | None:
            try:
                return act()
            except ClientException as e:
                if e.http_status == 404:
                    return None
                raise

        found: T | None = self._call(operation, attempt, right)
        return found
