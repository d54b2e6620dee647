# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One name for one thing below module_utils: who searches for a name finds one place."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

from tests.tasks.source import UTILS, nodes

FILES = sorted(UTILS.rglob("*.py"))
# The only file names that several packages have: what a package is, and the bodies of its modules.
IN_SEVERAL = {"__init__.py", "task.py"}


def shared(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Name → places, of the names that are in several."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, place in pairs:
        found[name].append(place)
    return {name: places for name, places in found.items() if len(places) > 1}


def test_no_two_files_have_one_name() -> None:
    assert shared((p.name, str(p.relative_to(UTILS))) for p in FILES if p.name not in IN_SEVERAL) == {}


def test_no_two_classes_have_one_name() -> None:
    classes = (
        (node.name, str(path.relative_to(UTILS)))
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    )
    assert shared(classes) == {}
