# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page has in common: one HTML file, no script, nothing loaded from elsewhere. Pure."""

from __future__ import annotations

from html import escape

_STYLE = """
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; }
""".strip()


def document(title: str, style: str, body: str) -> str:
    """A page with the heading ``title``; ``style`` is CSS beside that of all pages, ``body`` the HTML below it."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{_STYLE}
{style.strip()}
</style>
</head>
<body>
<h1>{escape(title)}</h1>
{body.strip()}
</body>
</html>
"""
