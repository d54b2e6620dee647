# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of a process and of all that it started, sampled while they run."""

from __future__ import annotations

import re
import threading
from pathlib import Path

_INTERVAL = 0.2
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_RSS = re.compile(r"^Rss:\s+(\d+) kB", re.MULTILINE)


class Watch:
    """Samples from its making until :meth:`end`.

    Pages that forked processes share are counted once (PSS: each counts its share), as they occupy memory once.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0.0
        self._parent: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> tuple[float, tuple[float, ...]]:
        """MiB of all processes at their highest; MiB of the first process, one number each interval."""
        self._over.set()
        self._thread.join()
        return self._peak, tuple(self._parent)

    def _run(self) -> None:
        while not self._over.wait(_INTERVAL):
            texts = {pid: _rollup(pid) for pid in family(self._pid)}
            self._peak = max(self._peak, sum(_mib(_PSS, text) for text in texts.values()))
            if texts.get(self._pid):
                self._parent.append(_mib(_RSS, texts[self._pid]))


def family(pid: int) -> set[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The command stands in brackets and may hold anything; the parent is the second field after it.
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, open_ends = {pid}, [pid]
    while open_ends:
        more = children.get(open_ends.pop(), [])
        found.update(more)
        open_ends += more
    return found


def _rollup(pid: int) -> str:
    try:
        return Path("/proc", str(pid), "smaps_rollup").read_text()
    except OSError:
        return ""


def _mib(pattern: re.Pattern[str], text: str) -> float:
    match = pattern.search(text)
    return int(match[1]) / 1024 if match else 0.0
