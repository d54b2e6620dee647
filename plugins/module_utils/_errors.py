# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every part of the collection raises, and how it helps with a name that does not exist."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ._findings import Finding


class Failure(Exception):
    """The task cannot go on. ``str(e)`` is a sentence for the user and never holds a secret value.

    ``result``: what the failed task returns beside the sentence.
    """

    def __init__(self, sentence: str, result: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.result: dict[str, Any] = dict(result or {})


class InvalidInput(Failure):
    """What the user typed is wrong. Holds every mistake of the task, so that one run shows them all."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        self.problems = tuple(map(str, findings))
        noun = "1 mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        sentence = f"{noun}, so this task changed nothing:" + "".join(f"\n- {p}" for p in self.problems)
        told = [finding.as_dict() for finding in findings]
        super().__init__(sentence, {"problems": list(self.problems), "findings": told})


class MissingLibrary(Failure):
    """A Python library is not there, or too old; nothing was done. Another interpreter may have it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence} The task runs with {sys.executable}.")


def mistaken(what: str, error: BaseException) -> str:
    """The sentence about an exception that nobody expected."""
    return f"{what} has a mistake: {type(error).__name__}: {error}"


def nearest(name: str, known: Collection[str], prefix: str = "") -> str:
    """`` Did you mean 'replicas'?`` if a known name is close, else an empty text.

    ``prefix`` is what all names begin with: it would make any two of them alike and is left out of the comparison.
    """
    short = [candidate.removeprefix(prefix) for candidate in known]
    close = difflib.get_close_matches(name.removeprefix(prefix), short, n=1, cutoff=0.6)
    return f" Did you mean '{prefix}{close[0]}'?" if close else ""
