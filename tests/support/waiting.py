# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for what comes true by itself: the one loop that tests and their helpers ask in."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    asked: Callable[[], T | None],
    seconds: float = 60,
    every: float = 0.2,
    missing: Callable[[], object] = lambda: "it does not come true",
) -> T:
    """What ``asked`` returns, as soon as that is something: neither false nor None nor empty.

    :param asked: Asked every ``every`` seconds, at least once. A server that gives no answer (OSError) is asked again.
    :param seconds: For how long.
    :param missing: What to say when it is over, such as the last lines of a log.
    :raises TimeoutError: It was nothing all the time.
    """
    end = time.monotonic() + seconds
    while True:
        problem = None
        try:
            if found := asked():
                return found
        except OSError as error:
            problem = error
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s: {missing()}") from problem
        time.sleep(every)


def answers(url: str) -> bool:
    """Whether there is an answer, which is no error."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
