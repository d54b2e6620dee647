# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every part of the collection raises: a sentence for the person who runs the task."""

from __future__ import annotations

from collections.abc import Sequence


class Failure(Exception):
    """The task cannot go on. ``str(e)`` is a sentence for the user and never holds a secret value."""


class InvalidInput(Failure):
    """What the user typed is wrong. Holds every mistake of the task, so that one run shows them all."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        noun = "1 mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        super().__init__(f"{noun}, nothing was changed:" + "".join(f"\n- {p}" for p in self.problems))
