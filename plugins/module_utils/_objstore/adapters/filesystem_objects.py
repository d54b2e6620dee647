# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a directory, by relative path."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..blocks import block_of
from ..model import Contents


class Files:
    """See ``Objects``. ``guarded`` takes a participle and what to do, and makes a sentence of an OSError."""

    def __init__(self, root: Path, guarded: Callable[[str, Callable[[], Any]], Any]) -> None:
        self._root = root
        self._guarded = guarded

    def contents(self, _all_of_it: bool) -> Contents:
        files = list(self._files())
        blocks = {block for block in map(block_of, files) if block}
        return Contents(len(files), tuple(sorted(blocks)))

    def empty(self) -> None:
        self._guarded("emptied", self._remove_entries)

    def names(self, beneath: str, most: int) -> list[str]:
        folder, slash, start = beneath.rpartition("/")

        def listed() -> list[str]:
            everything = set(os.listdir(self._root))
            if folder and folder.split("/")[0] not in everything:
                return []
            found = sorted(name for name in os.listdir(self._root / folder) if name.startswith(start))
            return [f"{folder}{slash}{name}" for name in found[:most]]

        return list(self._guarded("listed", listed))

    def holds(self, key: str) -> bool:
        def read() -> bool:
            try:
                (self._root / key).read_bytes()
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
        del every_version  # there is one
        path = self._root / key
        self._guarded("deleted from", lambda: path.unlink(missing_ok=True))
        # Like Thanos, without leaving folders that are empty now.
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

    def _files(self) -> Iterator[str]:
        for folder, _folders, names in os.walk(self._root):
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self._root)
