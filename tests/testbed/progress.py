# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command prints while it works: a line per step, on standard error, with the time it took."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Lines with the seconds since the start. Steps of several threads may overlap."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._started = time.monotonic()
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print one line."""
        if not self._quiet:
            with self._lock:
                print(f"{time.monotonic() - self._started:6.1f} s  {text}", file=sys.stderr, flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Print ``what`` with the time that the block took, once it has ended well."""
        started = time.monotonic()
        yield
        self.say(f"{what} ({time.monotonic() - started:.1f} s)")
