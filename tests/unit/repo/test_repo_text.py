# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every file of the project has, and what none may name."""

from __future__ import annotations

import re

import pytest

from tests.tasks.tree import ROOT, project_files

HEADER = """\
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
SHORT_HEADER = "".join(line + "\n" for line in HEADER.splitlines()[::2])
FILES = project_files()
PYTHON = [path for path in FILES if path.endswith(".py") and (ROOT / path).stat().st_size]

# Paths of one machine, and words of how the project was made. A letter in brackets keeps this file from finding itself.
FOREIGN = re.compile(r"\.\./shared|/w[o]rk/|/r[o]ot/|/tmp/b[r]ief|farm-[a-z]+|s[u]bagent", re.IGNORECASE)
UNFINISHED = re.compile(r"T[O]DO|F[I]XME|X[X]X|N[o]tImplementedError|mark\.s[k]ip|pytest\.s[k]ip\(|x[f]ail")
SILENCED = re.compile(r"#\s*(type:\s*i[g]nore|n[o]qa)(?P<code>(:\s*[A-Z]+\d+|\[[\w, -]+\]))?(?P<reason>.*)")


def lines_of(path: str) -> list[str]:
    """Text of a file of the project, line by line; nothing for one that is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


@pytest.mark.parametrize("path", PYTHON)
def test_python_file_says_its_licence(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8").removeprefix("#!/usr/bin/python\n")
    text = text.removeprefix("# -*- coding: utf-8 -*-\n")
    # What Ansible sends along with a module says it in two lines, of which the second is the machine-readable one.
    short = path.startswith("plugins/module_utils/")
    assert text.startswith(HEADER) or (short and text.startswith(SHORT_HEADER))


def test_nothing_outside_the_project_is_named() -> None:
    found = [f"{path}:{n}" for path in FILES for n, line in enumerate(lines_of(path), 1) if FOREIGN.search(line)]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    found = [f"{path}:{n}" for path in PYTHON for n, line in enumerate(lines_of(path), 1) if UNFINISHED.search(line)]
    assert found == []


def test_whoever_silences_a_tool_says_which_rule_and_why() -> None:
    silenced = [
        (f"{path}:{number}", match)
        for path in PYTHON
        for number, line in enumerate(lines_of(path), 1)
        if (match := SILENCED.search(line))
    ]
    assert [where for where, match in silenced if not (match["code"] and match["reason"].strip(" #-–"))] == []


def test_nothing_is_a_link() -> None:
    """A copy of the tree that knows no links holds a path where a text should be."""
    assert [path for path in FILES if (ROOT / path).is_symlink()] == []
