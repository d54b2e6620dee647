# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of the host where the task runs; the pods must have the same volume there. For tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..._errors import Failure
from ..blocks import block_of
from ..model import (
    Contents,
    Observed,
    Read,
    State,
    Step,
    Unsupported,
)

_NOTHING = "a directory has no such setting"


class Filesystem:
    """See ``Adapter``. ``store`` holds typed keys of type FILESYSTEM."""

    profile: Mapping[str, Any] = {}

    def __init__(self, store: Mapping[str, Any], _timeout: float, _directory: str) -> None:
        self._root = Path(store["directory"])

    def describe(self) -> str:
        return f"file://{self._root}"

    def observe(self, features: tuple[str, ...]) -> Observed:
        if self._root.exists() and not self._root.is_dir():
            raise Failure(f"{self.describe()} is there already and is not a directory.")
        reads = {feature: Read(State.UNSUPPORTED, detail=_NOTHING) for feature in features}
        return Observed(self._root.is_dir(), features=reads)

    def create(self, _region: str) -> None:
        self._guarded("made", lambda: self._root.mkdir(parents=True))

    def apply(self, _step: Step) -> None:
        raise Unsupported(_NOTHING)

    def can_write(self) -> str:
        return "" if os.access(self._root, os.W_OK) else "no write permission"

    def contents(self, _all_of_it: bool) -> Contents:
        files = list(self._files())
        blocks = {block for block in map(block_of, files) if block}
        return Contents(len(files), tuple(sorted(blocks)))

    def empty(self) -> None:
        self._guarded("emptied", self._remove_entries)

    def delete(self) -> None:
        self._guarded("removed", self._root.rmdir)

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

    def _guarded(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError as e:
            raise Failure(f"{self.describe()} could not be {what}: {e.strerror}.") from None
