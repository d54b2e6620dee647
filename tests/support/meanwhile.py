# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask something all the time while a test does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

_FEWEST = 20


@contextmanager
def asked_meanwhile(ask: Callable[[], Collection[str] | None], pause: float) -> Iterator[list[str]]:
    """Call ``ask`` again and again in the background, ``pause`` seconds apart, until the block ends.

    :param ask: What is wrong with an answer, nothing where it is right; None for a question that is not counted.
    :returns: All that was wrong, in its order. The block fails where so few questions were asked that it says nothing.
    """
    wrong: list[str] = []
    counted, done = 0, threading.Event()

    def work() -> None:
        nonlocal counted
        while not done.wait(pause):
            found = ask()
            if found is not None:
                counted += 1
                wrong.extend(found)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield wrong
    finally:
        done.set()
        thread.join()
    assert counted > _FEWEST
