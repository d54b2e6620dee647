# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemons of a store that needs several: children of one process, that end with it however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from types import TracebackType

from tests.testbed.process import WITH_PARENT

# Seconds; what they hold is thrown away, and whoever ends us does not wait long.
_GRACE = 0.5


class Children:
    """As a context manager: whoever is started in the block ends with it. Only for a process's main thread."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Children:
        signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._running:
            child.terminate()
        deadline = time.monotonic() + _GRACE
        for child in self._running:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def start(self, *argv: str) -> None:
        """Start one more."""
        self._running.append(subprocess.Popen([*WITH_PARENT, *argv]))

    def wait(self) -> int:
        """Block until one of them ends, which is a failure. Returns the exit code of the whole."""
        while all(child.poll() is None for child in self._running):
            time.sleep(0.2)
        return 1
