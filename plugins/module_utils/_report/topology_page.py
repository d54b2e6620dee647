# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topology as one HTML page: what is wrong, the picture, tables. No script, nothing loaded. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._verify.report import plural
from .document import document
from .topology_svg import escaped, svg
from .topology_table import HOSTS, LINKS, rows_of_hosts, rows_of_links

_STYLE = """
.wide { overflow-x: auto; overflow-wrap: normal; }
table { border-collapse: collapse; } th, td { border: 1px solid #8888; padding: .25rem .5rem; text-align: left; }
"""


def page(topology: Mapping[str, Any]) -> str:
    """The page; ``topology`` as the filter of that name gives it."""
    refusals, warnings = topology["refusals"], topology["warnings"]
    title = f"Thanos: {plural(len(topology['hosts']), 'cluster')}, {plural(len(topology['links']), 'link')}"
    body = f"""
{_list("Refused", refusals)}{_list("Warnings", warnings)}<h2>Who reads whom</h2>
<div class="wide">
{svg(topology)}</div>
<h2>Clusters</h2>
{_table(HOSTS, rows_of_hosts(topology))}<h2>Links</h2>
{_table(LINKS, rows_of_links(topology)) if topology["links"] else "<p>None.</p>"}
"""
    return document(title, _STYLE, body)


def _list(title: str, sentences: Sequence[str]) -> str:
    entries = "".join(f"<li>{escaped(sentence)}</li>\n" for sentence in sentences)
    return f"<h2>{title}</h2>\n<ul>\n{entries}</ul>\n" if sentences else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    names = "".join(f'<th scope="col">{escaped(name.capitalize())}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{escaped(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return f'<div class="wide">\n<table>\n<thead><tr>{names}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n'
