# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that the tasks of one run hand to each other: every task is a process of its own, so they lie in files."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Collection
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._handover import Kept
from ansible_collections.o11y.thanos.plugins.module_utils._masking import masked

# Seconds. After that somebody else may have changed what was asked about.
LONGEST = 60.0


class RunKept(Kept):
    """The answers of one host, in a file of ``folder``, which is the run's own: it is removed when the run ends.

    Nothing lasts that was asked before a write of ours, whichever host it was for: hosts share buckets and clusters.
    ``began`` is when the task began, and so before anything that it asks.
    """

    def __init__(self, folder: str, host: str) -> None:
        self._host = host
        self._file = os.path.join(folder, f"o11y-thanos-kept-{_digest(host)}.json")
        self._written = os.path.join(folder, "o11y-thanos-written.json")
        # Of the machine, so that all processes agree about it.
        self._began = time.monotonic()
        self._hidden: Collection[str] = ()

    def hide(self, secrets: Collection[str]) -> None:
        """What is never kept: an answer that quotes one of these is asked for again."""
        self._hidden = secrets

    def put(self, question: Any, answer: Any, /) -> None:
        plain = json.loads(json.dumps(answer))
        if masked(plain, self._hidden) == plain:
            new = {"at": self._began, "answer": plain}
            with contextlib.suppress(OSError):
                _save(self._file, {**_read(self._file), self._key(question): new})

    def take(self, question: Any, /) -> Any:
        entries = _read(self._file)
        entry = entries.pop(self._key(question), None)
        if entry is None:
            return None
        try:
            _save(self._file, entries)
            at, answer = float(entry["at"]), entry["answer"]
            last = float(_read(self._written).get("at", 0))
        except (KeyError, OSError, TypeError, ValueError):
            return None
        return answer if last < at and 0 <= time.monotonic() - at <= LONGEST else None

    def forget(self) -> None:
        """Something was written: all that was asked until now is void, for every host."""
        _save(self._written, {"at": time.monotonic()})

    def _key(self, question: Any) -> str:
        """Options hold secrets, and credentials may come from the environment: so it is a digest of all of them."""
        return _digest([self._host, question, dict(os.environ)])


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _read(path: str) -> dict[str, Any]:
    """What a file holds; nothing where it is missing or broken."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _save(path: str, entries: dict[str, Any]) -> None:
    """Replace a file, which only its owner may read, at once."""
    number, made = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(entries, file)
        os.replace(made, path)
    finally:
        # Left behind only where it did not become the file.
        with contextlib.suppress(OSError):
            os.unlink(made)
