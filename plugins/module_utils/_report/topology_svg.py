# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topology as a picture: hubs above what they read. One SVG, nothing loaded, readable without colour. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

# Sizes in pixels; a letter is as wide as it is on average in usual fonts.
BOX, HIGH, GAP, BETWEEN, MARGIN = 260, 84, 26, 96, 20
LETTER = 6.3
COLUMNS = 4
_STYLE = (
    "text{font:12px sans-serif;fill:#1b1b1b}.name{font-weight:bold;font-size:14px}"
    ".box{fill:#fff;stroke:#444;stroke-width:1.5}.hub,.both{stroke-width:3}.unknown{stroke-dasharray:5 4}"
    ".link{stroke:#444;stroke-width:1.5}.plain{stroke-dasharray:6 4}"
    ".label{font-size:11px;text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:4px}"
)


class Corner(NamedTuple):
    """Where a host's box begins."""

    x: float
    y: float


def svg(topology: Mapping[str, Any]) -> str:
    """The picture; ``topology`` as the filter of that name gives it."""
    rows = _rows(topology["hosts"])
    columns = max(map(len, rows), default=1)
    width = columns * (BOX + GAP) - GAP + 2 * MARGIN
    places, y = {}, float(MARGIN)
    for row in rows:
        left = (width - len(row) * (BOX + GAP) + GAP) / 2
        places.update({host: Corner(left + column * (BOX + GAP), y) for column, host in enumerate(row)})
        y += HIGH + BETWEEN
    height = max(y - BETWEEN + MARGIN, HIGH)
    drawn = [
        *_links(topology["links"], places),
        *(_box(host, topology["hosts"][host], places[host]) for host in places),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" role="img" aria-labelledby="topology-title topology-text">',
            '<title id="topology-title">Who reads whom</title>',
            f'<desc id="topology-text">{escaped(_in_words(topology["links"]))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
            *drawn,
            "</svg>\n",
        ]
    )


def _rows(hosts: Mapping[str, Any]) -> list[list[str]]:
    """The hosts of each row: the highest level first, those that have nothing to do with others last."""
    levels: dict[int, list[str]] = {}
    for host, told in sorted(hosts.items()):
        levels.setdefault(-1 if told["role"] == "alone" else told["level"], []).append(host)
    return [
        names[start : start + COLUMNS]
        for _level, names in sorted(levels.items(), reverse=True)
        for start in range(0, len(names), COLUMNS)
    ]


def _links(links: Sequence[Mapping[str, Any]], places: Mapping[str, Corner]) -> Iterator[str]:
    """Lines, then their labels, so that no line crosses a word."""
    labels = []
    for link in links:
        hub, edge = places[link["hub"]], places[link["edge"]]
        down = edge.y >= hub.y
        x1, y1 = hub.x + BOX / 2, hub.y + (HIGH if down else 0)
        x2, y2 = edge.x + BOX / 2, edge.y + (0 if down else HIGH)
        kind = "link" if link["tls"] else "link plain"
        yield f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'
        # Near the edge, where lines of one hub are far from each other.
        x, y = x1 + (x2 - x1) * 0.7, y1 + (y2 - y1) * 0.7 - 4
        for words in (link["address"] or "address not known yet", "mutual TLS" if link["tls"] else "plain text"):
            labels.append(f'<text class="label" x="{x:g}" y="{y:g}">{_cut(words, (BOX + GAP) * 0.7)}</text>')
            y += 14
    yield from labels


def _box(host: str, told: Mapping[str, Any], place: Corner) -> str:
    known = told["known"]
    lines = [
        f"{told['role']}, cluster {told['cluster']}" if known else f"{told['role']}, not known",
        ", ".join(told["tiers"]),
        f"Thanos {told['version']}, {told['stack']} in {told['namespace']}" if known else "",
    ]
    texts = "".join(
        f'<text x="{place.x + 10:g}" y="{place.y + 38 + 17 * row:g}">{_cut(line, BOX - 20)}</text>'
        for row, line in enumerate(lines)
        if line
    )
    kind = f"box {told['role']}" if known else "box unknown"
    return (
        f'<g><title>{escaped(host)}</title><rect class="{kind}" x="{place.x:g}" y="{place.y:g}" width="{BOX}" '
        f'height="{HIGH}" rx="6"/><text class="name" x="{place.x + 10:g}" y="{place.y + 20:g}">'
        f"{_cut(host, (BOX - 20) * 0.75)}</text>{texts}</g>"
    )


def _in_words(links: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{link['hub']} reads {link['edge']}" for link in links) or "Nobody reads another cluster."


def _cut(text: str, width: float) -> str:
    """As much of the text as there is room for, escaped."""
    most = int(width / LETTER)
    return escaped(text if len(text) <= most else f"{text[: most - 1]}…")


def escaped(text: str) -> str:
    """``text`` in a document of XML or HTML, in which no control character may be."""
    return escape("".join(letter if letter.isprintable() else "\ufffd" for letter in text))
