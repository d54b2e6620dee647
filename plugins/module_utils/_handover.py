# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task in check mode found out, for the task that does the work after it, so that nothing is asked twice."""

from __future__ import annotations

from typing import Any


class Kept:
    """Answers that tasks of one run hand to each other. This one keeps nothing: a module's process ends with its task.

    Only a task in check mode puts answers here, and only one that may write takes them, once. So whoever runs a task
    a second time, or the check, asks again.
    """

    def put(self, _question: Any, _answer: Any, /) -> None:
        """Keep an answer, in what JSON knows and without any secret. Its question is all that it depends on.""" ""

    def take(self, _question: Any, /) -> Any:
        """The answer to the same question of the same host, or None: then ask."""
        return None


NOTHING = Kept()
