# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a directory, by relative path."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class Files:
    """See ``Objects``. ``guarded`` takes a participle and what to do, and turns an OSError into a sentence."""

    def __init__(self, root: Path, guarded: Callable[[str, Callable[[], Any]], Any]) -> None:
        self._root = root
        self._guarded = guarded

    def everything(self) -> Iterator[list[str]]:
        yield self._guarded("listed", lambda: list(self._files()))

    def empty(self) -> None:
        self._guarded("emptied", self._remove_entries)

    def names(self, beneath: str, most: int) -> list[str]:
        found = (file for file in self._files(beneath.rpartition("/")[0]) if file.startswith(beneath))
        return list(self._guarded("listed", lambda: list(itertools.islice(found, most))))

    def holds(self, key: str) -> bool:
        def read() -> bool:
            try:
                with (self._root / key).open("rb") as file:
                    file.read(1)
            except FileNotFoundError:
                return False
            return True

        return bool(self._guarded("read from", read))

    def put(self, key: str) -> None:
        def write() -> None:
            (self._root / key).parent.mkdir(parents=True, exist_ok=True)
            (self._root / key).touch()

        self._guarded("written to", write)

    def remove(self, key: str, every_version: bool) -> None:
        del every_version  # files have no versions
        path = self._root / key
        self._guarded("deleted from", lambda: path.unlink(missing_ok=True))
        # As Thanos does, folders that have become empty are removed as well.
        with contextlib.suppress(OSError):
            while path.parent != self._root:
                path = path.parent
                path.rmdir()

    def _remove_entries(self) -> None:
        for entry in self._root.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _files(self, beneath: str = "") -> Iterator[str]:
        """Every file of a folder, which need not exist. Links to folders count as files and are not followed."""
        os.listdir(self._root)
        if not (self._root / beneath).exists():
            return
        for folder, folders, names in os.walk(self._root / beneath, onerror=_raise):
            links = (name for name in folders if os.path.islink(os.path.join(folder, name)))
            for name in (*names, *links):
                yield os.path.relpath(os.path.join(folder, name), self._root)


def _raise(error: OSError) -> None:
    raise error
