# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short files, short functions, and no import that costs where it is not needed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.tasks.source import PLUGINS, functions, imports, nodes
from tests.tasks.tree import ROOT

FILE_LINES = 400
FUNCTION_LINES = 60
FILES = sorted(PLUGINS.rglob("*.py"))
ALONE = re.compile(r"\b_\b")
HEAVY = {"kubernetes", "boto3", "botocore", "urllib3", "requests"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


def test_functions_are_short() -> None:
    long = [str(found) for path in FILES for found in functions(path) if found.lines > FUNCTION_LINES]
    assert long == []


def test_clients_of_servers_are_imported_where_they_are_used() -> None:
    early = {
        f"{relative(path)} imports {name}"
        for path in FILES
        for name in imports(path, everywhere=False)
        if name.split(".")[0] in HEAVY
    }
    assert early == set()


def test_plugins_run_without_the_tests() -> None:
    assert {relative(path) for path in FILES for name in imports(path) if name.split(".")[0] == "tests"} == set()


def test_no_name_is_an_underscore_alone() -> None:
    """ansible-test refuses it in plugins and tests alike; here it is found in a second instead of a minute."""
    # Few files have one at all, be it in a text, and only these are worth the time that it takes to parse them.
    suspects = [path for path in (*FILES, *(ROOT / "tests").rglob("*.py")) if ALONE.search(path.read_text())]
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in suspects
        for node in nodes(path)
        if isinstance(node, ast.Name) and node.id == "_"
    ]
    assert found == []
