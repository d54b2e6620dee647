# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a fleet: what a run knows of each cluster, as plain data and as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._findings import FAIL, PASS, PENDING
from .._verify.report import plural

# A certificate is renewed weeks before its end. One that is so near to it was not, whatever the reason is.
LEAF_DAYS = 7
# A CA is replaced in two phases, by people: they want to know early.
CA_DAYS = 180
_STATES = (PASS, PENDING, FAIL)


@dataclass(frozen=True)
class Told:
    """What a run knows of one host of the inventory.

    ``failure`` is the message of the task that failed, ``report`` what verify returned (empty where it was not asked),
    ``certificates`` what pki returned (name, subject, issuer, not_after, days), ``addresses``
    pages (page, url).
    """

    host: str
    role: str = ""
    played: bool = True
    failure: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    certificates: Sequence[Mapping[str, Any]] = ()
    addresses: Sequence[Mapping[str, str]] = ()


def line(check: str, status: str, message: str, **details: str) -> dict[str, str]:
    """A line in the form of those that verify returns."""
    rest = {key: details.get(key, "") for key in ("subject", "expected", "found", "next_step", "option")}
    return {"id": f"report-{check}", "check": check, "status": status, "message": message, **rest}


def fleet(hosts: Iterable[Told]) -> dict[str, Any]:
    """The report: a summary and every cluster, those that fail first, each with its lines, which fail first too."""
    clusters = sorted((_cluster(told) for told in hosts), key=lambda one: (_rank(one["status"]), one["host"]))
    counts = {status: sum(one["status"] == status for one in clusters) for status in (*_STATES, "unknown")}
    return {"summary": {"clusters": len(clusters), **counts}, "clusters": clusters}


def table(report: Mapping[str, Any]) -> list[str]:
    """The report as lines of text: one for each cluster, and below it what fails."""
    summary, clusters = report["summary"], report["clusters"]
    counts = " · ".join(f"{status} {summary[status]}" for status in (*_STATES, "unknown") if summary[status])
    rows = [f"{plural(summary['clusters'], 'cluster')}   {counts}"]
    width = max((len(one["host"]) for one in clusters), default=0)
    for one in clusters:
        about = one["title"] or one["note"]
        tail = " · ".join(f"{status} {one['counts'][status]}" for status in _STATES) if one["lines"] else ""
        rows.append(f"  {one['status']:<8} {one['host']:<{width}}   " + "   ".join(filter(None, (about, tail))))
        rows.extend(
            " " * (width + 14) + f"{found['check']}: {_subject(found)}{first_line(found['message'])}"
            for found in one["lines"]
            if found["status"] == FAIL
        )
    return rows


def first_line(text: str) -> str:
    """What fits into a row."""
    return next(iter(text.strip().splitlines()), "")


def _subject(found: Mapping[str, str]) -> str:
    return f"{found['subject']}: " if found["subject"] else ""


def _rank(status: str) -> int:
    return (FAIL, "unknown", PENDING, PASS).index(status)


def _cluster(told: Told) -> dict[str, Any]:
    """One cluster. Its status is that of its worst line, or unknown where the run did not ask."""
    lines = [dict(found) for found in told.report.get("lines", ())]
    lines += [_certificate(one) for one in told.certificates]
    if told.failure and not told.report:
        # Without a report nothing else tells; with one, the failure is the same lines once more.
        lines.append(
            line("run", FAIL, told.failure, expected="the run goes through", next_step="correct it, run again")
        )
    lines.sort(key=lambda found: _rank(found["status"]))
    asked = bool(told.report or told.failure)
    worst = lines[0]["status"] if lines else PASS
    status = worst if asked or worst == FAIL else "unknown"
    note = "" if asked else "not asked" if told.played else "not part of this run"
    return {
        "host": told.host,
        "role": told.role,
        "status": status,
        "note": note,
        "title": str(told.report.get("summary", {}).get("title", "")),
        "counts": {state: sum(found["status"] == state for found in lines) for state in _STATES},
        "lines": lines,
        "certificates": [dict(one) for one in told.certificates],
        "addresses": [dict(one) for one in told.addresses],
    }


def _certificate(one: Mapping[str, Any]) -> dict[str, str]:
    """How long a certificate is still good for."""
    days, is_ca = int(one["days"]), one["issuer"] == one["subject"]
    subject, until = str(one["name"]), f"until {one['not_after']}"
    if days < 0:
        return line(
            "certificate",
            FAIL,
            f"expired {plural(-days, 'day')} ago",
            subject=subject,
            expected="a certificate that is valid",
            found=until,
            next_step="run deploy, which renews it; replace a given one at its source",
        )
    if days <= LEAF_DAYS and not is_ca:
        return line(
            "certificate",
            FAIL,
            f"ends in {plural(days, 'day')} and was not renewed",
            subject=subject,
            expected=f"more than {LEAF_DAYS} days",
            found=until,
            next_step="run deploy, which renews it; replace a given one at its source",
        )
    if days <= CA_DAYS and is_ca:
        message = f"this CA ends in {plural(days, 'day')}: plan its rotation"
        return line("certificate", PENDING, message, subject=subject, found=until)
    return line("certificate", PASS, f"{plural(days, 'day')} left", subject=subject, found=until)
