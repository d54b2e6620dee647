# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides in docs/ as a reader takes them: files to copy, commands to run, and messages to look up."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tasks.tree import ROOT

COMMON = ROOT / "docs" / "object-store.md"
GUIDES = {path.stem: path for path in sorted((ROOT / "docs" / "object-stores").glob("*.md"))}
# A block whose first line says what the file is called.
_FILE = re.compile(r"^```(?:yaml|sh)\n# (?P<name>\S+\.(?:yml|sh))\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^```shell\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^\| message \| what to do \|\n\|---\|---\|\n(?P<rows>(\|.*\n)+)", re.MULTILINE)
_MESSAGE = re.compile(r"^\| `(?P<message>[^`]+)` \|", re.MULTILINE)


def files(page: Path) -> dict[str, str]:
    """Name → text of every file that the page shows."""
    return {match["name"]: match["text"] for match in _FILE.finditer(page.read_text(encoding="utf-8"))}


def section(page: Path, heading: str) -> str:
    """What stands below a heading of the page, up to the next one of its level."""
    return page.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def commands(text: str) -> list[str]:
    """The commands that a text shows, in their order."""
    return [line for block in _SHELL.findall(text) for line in block.splitlines()]


def messages(page: Path) -> list[str]:
    """The messages, or parts of them, that the page explains."""
    tables = _TABLE.finditer(page.read_text(encoding="utf-8"))
    return [match["message"] for table in tables for match in _MESSAGE.finditer(table["rows"])]
