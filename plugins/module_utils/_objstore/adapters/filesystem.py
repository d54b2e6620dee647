# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of the host where the task runs; the pods must have the same volume there. For tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..._errors import Failure
from ..bucket_model import (
    FeatureChange,
    Observed,
    Read,
    State,
    Unsupported,
)
from .filesystem_objects import Files

T = TypeVar("T")

_NOTHING = "a directory has no such setting"


class Filesystem:
    """See ``Adapter``. ``store`` holds typed keys of type FILESYSTEM."""

    profile: Mapping[str, Any] = {}

    def __init__(self, store: Mapping[str, Any], _timeout: float, _directory: str) -> None:
        self._root = Path(store["directory"])
        self.objects = Files(self._root, self._guarded)

    def describe(self) -> str:
        return f"file://{self._root}"

    def observe(self, features: tuple[str, ...]) -> Observed:
        if self._guarded("looked at", lambda: self._root.exists() and not self._root.is_dir()):
            raise Failure(f"{self.describe()} is there already and is not a directory; choose another directory.")
        reads = {feature: Read(State.UNSUPPORTED, detail=_NOTHING) for feature in features}
        return Observed(self._root.is_dir(), features=reads)

    def create(self, _region: str) -> None:
        self._guarded("made", lambda: self._root.mkdir(parents=True))

    def apply(self, _step: FeatureChange) -> None:
        raise Unsupported(_NOTHING)

    def delete(self) -> None:
        self._guarded("removed", self._root.rmdir)

    def _guarded(self, what: str, act: Callable[[], T]) -> T:
        try:
            return act()
        except OSError as e:
            raise Failure(
                f"{self.describe()} could not be {what}: {e.strerror}; check directory, and who the task runs as."
            ) from None
