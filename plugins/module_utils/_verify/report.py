# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify says: lines with a verdict and its evidence, as JSON and as a table for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._findings import FAIL, PASS, PENDING, Finding, source

_ID = "verify-"
_INSTANCE = "instances."


def passed(message: str, subject: str = "", found: str = "") -> Finding:
    """All is well with ``subject`` (a pod, an instance or an address; empty: everything); ``found`` is evidence."""
    return Finding("", PASS, subject, message, found=found)


def pending(message: str, subject: str = "", *, soon: bool = False) -> Finding:
    """It cannot be said yet, for the reason in ``message``."""
    return Finding("", PENDING, subject, message, soon=soon)


def failed(
    message: str,
    subject: str,
    expected: str,
    found: str,
    next_step: str = "",
    options: Sequence[str] = (),
    *,
    lasting: bool = False,
) -> Finding:
    """Something is wrong with ``subject``; without a ``next_step``, its logs are the place to look.

    ``options`` are the paths of those that bear on it; the runner knows some for every check. ``lasting``: to ask
    again is in vain.
    """
    bear = tuple(options)
    return Finding("", FAIL, subject, message, next_step, expected, found, options=bear, lasting=lasting)


def of_check(finding: Finding, check: str) -> Finding:
    """The same as what ``check`` found."""
    return replace(finding, id=f"{_ID}{check}")


def check_of(finding: Finding) -> str:
    """The check that found it."""
    return finding.id.removeprefix(_ID)


def option_text(options: Sequence[str]) -> str:
    """``sidecar, ruler: objstore`` of option paths; other words, and what was typed, as they are."""
    names: dict[str, list[str]] = {}
    rest = []
    for path in options:
        if path.startswith((_INSTANCE, "common.")):
            instance, _dot, name = path.removeprefix(_INSTANCE).partition(".")
            names.setdefault(instance, []).append(name)
        else:
            rest.append(path)
    instances: dict[str, list[str]] = {}
    for instance, of_it in names.items():
        instances.setdefault(", ".join(of_it), []).append(instance)
    grouped = [f"{', '.join(those)}: {of_them}" for of_them, those in instances.items()]
    return "; ".join([*grouped, *([", ".join(rest)] if rest else [])])


def _typed(finding: Finding, sources: Mapping[str, str]) -> Finding:
    return replace(finding, options=tuple(dict.fromkeys(source(path, sources) for path in finding.options)))


def _details(finding: Finding) -> list[str]:
    """What the table shows below the message of a failure."""
    option = option_text(finding.options)
    rows = {"expected": finding.expected, "found": finding.found, "next": finding.advice, "option": option}
    return [f"{label}: {text}" for label, text in rows.items() if text and finding.severity == FAIL]


def _line(finding: Finding) -> dict[str, str]:
    return {
        "id": finding.id,
        "status": finding.severity,
        "message": finding.what,
        "subject": finding.where,
        "expected": finding.expected,
        "found": finding.found,
        "next_step": finding.advice,
        "option": option_text(finding.options),
        "check": check_of(finding),
    }


@dataclass(frozen=True)
class Report:
    """All lines of one run over the stack named in ``title``."""

    title: str
    lines: tuple[Finding, ...]

    def typed(self, sources: Mapping[str, str]) -> Report:
        """The same with what the user typed in the place of option paths; see ``source``."""
        return replace(self, lines=tuple(_typed(line, sources) for line in self.lines))

    def count(self, status: str) -> int:
        """How many lines have this status."""
        return sum(line.severity == status for line in self.lines)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        counts = {status: self.count(status) for status in (PASS, PENDING, FAIL)}
        return {"summary": {"title": self.title, **counts}, "lines": [_line(line) for line in self.lines]}

    def table(self, addresses: Sequence[tuple[str, str]] = ()) -> list[str]:
        """The report as lines of text; ``addresses`` is (page, URL), printed below."""
        counts = " · ".join(f"{status} {self.count(status)}" for status in (PASS, PENDING, FAIL))
        rows = [f"{self.title}   {counts}"]
        width = max((len(check_of(line)) for line in self.lines), default=0)
        for line in self.lines:
            subject = f"{line.where}: " if line.where and line.severity != PASS else ""
            rows.append(f"  {line.severity:<8} {check_of(line):<{width}}   {subject}{line.what}")
            rows.extend(" " * (width + 16) + detail for detail in _details(line))
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
