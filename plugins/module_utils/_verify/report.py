# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify says: lines with a verdict and its evidence, as JSON and as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

PASS, PENDING, FAIL = "pass", "pending", "fail"


@dataclass(frozen=True)
class Line:
    """One verdict about ``subject`` (a pod, an instance or an address; empty: everything that the check looks at).

    ``check``, ``next_step`` and ``option`` may be empty: the runner fills them in. ``soon`` says of a pending line that
    waiting a little is likely to settle it.
    """

    status: str
    message: str
    subject: str = ""
    expected: str = ""
    found: str = ""
    next_step: str = ""
    option: str = ""
    check: str = ""
    soon: bool = False

    def details(self) -> list[str]:
        """What the table shows below the message of a failure."""
        rows = {"expected": self.expected, "found": self.found, "next": self.next_step, "option": self.option}
        return [f"{label}: {text}" for label, text in rows.items() if text and self.status == FAIL]


def passed(message: str, subject: str = "", found: str = "") -> Line:
    """All is well; ``found`` is further evidence."""
    return Line(PASS, message, subject, found=found)


def pending(message: str, subject: str = "", *, soon: bool = False) -> Line:
    """It cannot be said yet, for the reason in ``message``."""
    return Line(PENDING, message, subject, soon=soon)


def failed(message: str, subject: str, expected: str, found: str, next_step: str = "", option: str = "") -> Line:
    """Something is wrong with ``subject``; without a ``next_step``, its logs are the place to look."""
    return Line(FAIL, message, subject, expected, found, next_step, option)


@dataclass(frozen=True)
class Report:
    """All lines of one run over the stack named in ``title``."""

    title: str
    lines: tuple[Line, ...]

    def count(self, status: str) -> int:
        """How many lines have this status."""
        return sum(line.status == status for line in self.lines)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        lines = [{name: value for name, value in asdict(line).items() if name != "soon"} for line in self.lines]
        counts = {status: self.count(status) for status in (PASS, PENDING, FAIL)}
        return {"summary": {"title": self.title, **counts}, "lines": lines}

    def table(self, addresses: Sequence[tuple[str, str]] = ()) -> list[str]:
        """The report as lines of text; ``addresses`` is (page, URL), printed below."""
        counts = " · ".join(f"{status} {self.count(status)}" for status in (PASS, PENDING, FAIL))
        rows = [f"{self.title}   {counts}"]
        width = max((len(line.check) for line in self.lines), default=0)
        for line in self.lines:
            subject = f"{line.subject}: " if line.subject and line.status != PASS else ""
            rows.append(f"  {line.status:<8} {line.check:<{width}}   {subject}{line.message}")
            rows.extend(" " * (width + 16) + detail for detail in line.details())
        longest = max(map(len, dict(addresses)), default=0)
        return rows + [f"{page:<{longest}}   {url}" for page, url in addresses]


def plural(count: int, noun: str, many: str = "") -> str:
    """``1 store``, ``2 stores``."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def duration(seconds: float) -> str:
    """A length of time as people say it: ``0.4 s``, ``41 s``, ``12 min``, ``5 h``, ``3 d``."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"
