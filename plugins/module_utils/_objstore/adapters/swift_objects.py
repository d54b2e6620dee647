# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a container of Swift, and in that of the parts of its large objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
_READ, _WRITE = (
    f"the {list_} list of the container (X-Container-{list_.capitalize()}) has to name the user"
    for list_ in ("read", "write")
)

# A parameter of get_container. A server without versions ignores it and lists objects.
_VERSIONS = "versions"
# What the library of Thanos calls the parts of a large object: "segments/", then the name of the object, 32 bytes at
# random and a SHA-1, all in hexadecimal digits with a slash after the third, and the number of the part.
_PART = re.compile(r"segments/([0-9a-f]{3})/((?:[0-9a-f]{2})*[0-9a-f])/[0-9]{16}")
_AFTER_NAME = 32 + 20


class _Call(Protocol):
    def __call__(self, operation: str, act: Callable[[], Any], right: str = "") -> Any: ...


def whole(name: str) -> str:
    """The name of the large object that ``name`` is a part of; ``name`` itself when it is no part of one."""
    part = _PART.fullmatch(name)
    return bytes.fromhex(part[1] + part[2])[:-_AFTER_NAME].decode(errors="replace") if part else name


class SwiftObjects:
    """See ``Objects``. Thanos uses all ``containers`` alike."""

    def __init__(self, connection: Any, containers: Sequence[str], call: _Call) -> None:
        self._connection = connection
        self._containers = containers
        self._call = call

    def everything(self) -> Iterator[list[str]]:
        for container in self._containers:
            for page in self._pages(container):
                yield [whole(str(entry["name"])) for entry in page]

    def empty(self) -> None:
        for container in self._containers:
            for page in self._pages(container):
                for entry in page:
                    self._delete(container, str(entry["name"]), entry.get("version_id"))

    def names(self, beneath: str, most: int) -> list[str]:
        pages = [self._page(container, prefix=beneath, limit=most) for container in self._containers]
        return [str(entry["name"]) for page in pages for entry in page][:most]

    def holds(self, key: str) -> bool:
        # No ``all(generator)``: every container is asked, so that a missing right to any of them is found.
        found = [self._read(container, key) for container in self._containers]
        return all(found)

    def put(self, key: str) -> None:
        for container in self._containers:
            write = partial(self._connection.put_object, container, key, b"")
            self._call(f"writing an object to {container}", write, _WRITE)

    def remove(self, key: str, every_version: bool) -> None:
        for container in self._containers:
            self._delete(container, key)
            for entry in self._page(container, prefix=key, query_string=_VERSIONS) if every_version else ():
                # A server without versions lists objects here, for a while also those that were just removed.
                if entry["name"] == key and "version_id" in entry:
                    self._delete(container, key, entry["version_id"])

    def _delete(self, container: str, key: str, version: str | None = None) -> None:
        which = f"version-id={version}" if version else None
        delete = partial(self._connection.delete_object, container, key, query_string=which)
        self._unless_missing(f"removing an object from {container}", delete, _WRITE)

    def _read(self, container: str, key: str) -> bool:
        read = partial(self._connection.head_object, container, key)
        return self._unless_missing(f"reading an object of {container}", read, _READ) is not None

    def _page(self, container: str, **which: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call(f"listing {container}", self._listing(container, **which), _READ)[1]
        return found

    def _pages(self, container: str) -> Iterator[list[dict[str, Any]]]:
        """Pages of objects, with every version and delete marker where the server has them.

        A container that is missing has no pages: a removal that was interrupted may have left only the other one.
        """
        last: dict[str, Any] = {}
        while True:
            after = {"marker": last.get("name", ""), "version_marker": last.get("version_id")}
            listing = self._listing(container, query_string=_VERSIONS, **after)
            answer = self._unless_missing(f"listing {container}", listing, _READ)
            page = answer[1] if answer else []
            if not page:
                return
            last = page[-1]
            yield page

    def _listing(self, container: str, **which: Any) -> Callable[[], Any]:
        return partial(self._connection.get_container, container, **which)

    def _unless_missing(self, operation: str, act: Callable[[], T], right: str) -> T | None:
        """What ``act`` returns; None when the object or container is missing."""
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
