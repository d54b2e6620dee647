# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m tests.testbed``, run from the root of the repository, or ``python3 tests/testbed/__main__.py``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.testbed.cli import main


def _interrupted(number: int, _frame: FrameType | None) -> None:
    """End at once, without waiting for threads: every step can be repeated."""
    os.write(2, b"testbed: interrupted; the same command goes on from here, 'down' removes what is there\n")
    os._exit(128 + number)


signal.signal(signal.SIGINT, _interrupted)
signal.signal(signal.SIGTERM, _interrupted)
sys.exit(main(sys.argv[1:]))
