# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a fleet as one HTML page: no script, nothing loaded from elsewhere, readable without colour. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from .._findings import FAIL, PASS, PENDING
from .._verify.report import plural
from .document import document

# A sign beside the word: colour alone tells nothing to those who do not see it, or print the page.
_SIGNS = {PASS: "✓", PENDING: "…", FAIL: "✗", "unknown": "?"}

_STYLE = """
:root { --line: #8885; --soft: #8882; --bad: #b3261e; --good: #1b6e3c; --wait: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7bd88f; --wait: #ffcc66; } }
h2 { margin: 0; }
section { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: .75rem 1rem; }
section.fail { border-width: 2px; border-color: var(--bad); }
.counts span { display: inline-block; margin-right: 1rem; }
.status { font-weight: 700; white-space: nowrap; }
.fail .word, .status.fail { color: var(--bad); } .pass .word, .status.pass { color: var(--good); }
.pending .word, .status.pending { color: var(--wait); }
ul { list-style: none; margin: .5rem 0 0; padding: 0; }
li { border-top: 1px solid var(--soft); padding: .3rem 0; }
li { display: grid; gap: 0 .75rem; grid-template-columns: 6rem 8rem 1fr; }
dl { display: grid; gap: 0 .75rem; grid-template-columns: max-content 1fr; grid-column: 3; margin: .25rem 0; }
dt { opacity: .75; } dd { margin: 0; white-space: pre-wrap; }
.message { white-space: pre-wrap; }
.topology { overflow-x: auto; } svg { height: auto; max-width: 100%; }
summary { cursor: pointer; margin-top: .5rem; }
@media (max-width: 40rem) { li { grid-template-columns: 5.5rem 1fr; } .message, dl { grid-column: 1 / -1; } }
"""


def page(report: Mapping[str, Any], drawing: str = "", made: str = "") -> str:
    """The page. ``drawing`` is an SVG of the topology, ``made`` says when and by which run; both may be empty."""
    summary = report["summary"]
    counts = "".join(
        f"<span>{_status(state)} {summary[state]}</span>"
        for state in (FAIL, "unknown", PENDING, PASS)
        if summary[state]
    )
    title = f"Thanos: {plural(summary['clusters'], 'cluster')}, {summary[FAIL]} with failures"
    sections = "\n".join(_section(one) for one in report["clusters"])
    drawn = f'<section class="topology"><h2>Who reads whom</h2>\n{drawing}\n</section>\n' if drawing else ""
    about = f"<p>{escape(made)}</p>" if made else ""
    return document(title, _STYLE, f'<p class="counts">{counts}</p>\n{about}\n{sections}\n{drawn}')


def _status(state: str) -> str:
    return f'<span class="status {state}">{_SIGNS[state]} {state}</span>'


def _section(one: Mapping[str, Any]) -> str:
    """One cluster: what fails and what is pending in sight, what passes behind a summary."""
    about = " · ".join(filter(None, (one["role"], one["title"] or one["note"])))
    seen = [found for found in one["lines"] if found["status"] != PASS]
    well = [found for found in one["lines"] if found["status"] == PASS]
    shown = f"<ul>{''.join(map(_line, seen))}</ul>" if seen else ""
    folded = (
        f"<details><summary>{plural(len(well), 'check')} passed</summary><ul>{''.join(map(_line, well))}</ul></details>"
        if well
        else ""
    )
    links = "".join(
        f'<p>{escape(link["page"])}: <a href="{escape(link["url"])}">{escape(link["url"])}</a></p>'
        for link in one["addresses"]
        if link["url"].startswith(("http://", "https://"))
    )
    name = escape(one["host"])
    return (
        f'<section class="{one["status"]}" aria-label="{name}"><h2>{_status(one["status"])} {name}</h2>'
        f"<p>{escape(about)}</p>{shown}{folded}{links}</section>"
    )


def _line(found: Mapping[str, str]) -> str:
    state = found["status"]
    subject = f"{found['subject']}: " if found["subject"] else ""
    rows = {"expected": "expected", "found": "found", "next_step": "next", "option": "option"}
    details = "".join(
        f"<dt>{label}</dt><dd>{escape(found[key])}</dd>" for key, label in rows.items() if found[key] and state == FAIL
    )
    about = f'<span class="word">{_SIGNS[state]} {state}</span><span>{escape(found["check"])}</span>'
    message = f'<span class="message">{escape(subject + found["message"])}</span>'
    return f'<li class="{state}">{about}{message}{f"<dl>{details}</dl>" if details else ""}</li>'
