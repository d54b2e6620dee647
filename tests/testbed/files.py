# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are either whole or not there, and a lock between commands."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def write_file(path: Path, content: str | bytes, mode: int = 0o600) -> bool:
    """Write ``content`` to ``path`` in one step, making its folder; returns whether it was different before."""
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    temporary.replace(path)
    return True


def write_json(path: Path, value: Any, mode: int = 0o600) -> bool:
    """Write ``value`` as JSON (which is YAML too); returns whether the file was different before."""
    return write_file(path, json.dumps(value, indent=2) + "\n", mode)


def read_json(path: Path) -> Any:
    """The value in ``path``; None when it is absent or was cut off by an interruption."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def locked(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock file ``path``; ``on_wait`` is called when another process holds it. Our death frees it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(stream, fcntl.LOCK_EX)
            # Who held it may have removed the file, and then the lock of the new file counts.
            if path.exists() and os.fstat(stream.fileno()).st_ino == path.stat().st_ino:
                yield
                return
