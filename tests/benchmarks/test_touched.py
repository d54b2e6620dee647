# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many files a tier, an option and a flag stand in: what a change of one touches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.benchmarks import earlier
from tests.benchmarks.plays import EARLIER, NO_HISTORY
from tests.benchmarks.table import Table
from tests.tasks.tree import ROOT

TIERS = ("sidecar", "store", "query", "compact", "ruler")
# Each belongs to one tier, and its flag is spelt like no other's.
OPTIONS = {
    "ignore_deletion_marks_delay": "ignore-deletion-marks-delay",
    "series_max_concurrency": "series-max-concurrency",
    "lazy_index_header": "enable-index-header-lazy-reader",
    "retention_resolution_raw": "retention.resolution-raw",
}
MOST = 3


def code(tree: Path) -> Iterator[Path]:
    """The collection's Python, without the folders that are a tier's or an object store's own."""
    for path in sorted((tree / "plugins").rglob("*.py")):
        if not {"tiers", "_objstore"} & set(path.relative_to(tree).parts) and path.parent.name != "modules":
            yield path


def everything(tree: Path) -> Iterator[Path]:
    """What a person writes: code, documentation, roles and tests, without golden files and changelogs."""
    for folder in ("plugins", "roles", "docs", "tests"):
        for path in sorted((tree / folder).rglob("*")):
            if path.suffix in (".py", ".yml", ".md") and not {"golden", "benchmarks"} & set(path.parts):
                yield path


def holding(pattern: str, files: Iterable[Path]) -> list[Path]:
    """The files in which a pattern occurs."""
    wanted = re.compile(pattern)
    return [path for path in files if wanted.search(path.read_text(encoding="utf-8"))]


def quoted(tier: str, tree: Path) -> list[Path]:
    """The files of code that name a tier."""
    return holding(rf"""(['"]){tier}\1""", code(tree))


def test_files_that_a_change_touches() -> None:
    before = earlier.tree()
    table = Table("touched", "Files that name it", ("", "now", EARLIER))
    trees = [ROOT, *([before] if before else [])]
    counts = {}
    for tier in TIERS:
        counts[f"tier {tier}, quoted, outside tiers/ and _objstore/"] = [len(quoted(tier, tree)) for tree in trees]
    for option, flag in OPTIONS.items():
        counts[f"option {option}"] = [len(holding(rf"\b{option}\b", everything(tree))) for tree in trees]
        counts[f"flag --{flag}"] = [len(holding(re.escape(flag), everything(tree))) for tree in trees]
    for name, numbers in counts.items():
        table.add(name, *numbers, *([] if before else [None]))
    if not before:
        table.notes.append(NO_HISTORY)
    table.publish()
