# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of what others have: its rows name options and tests that there are."""

from __future__ import annotations

import re

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import rows
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.tasks.tree import ROOT

TEXT = (ROOT / "docs/parity.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if re.match(r"\| [A-Z]\d", line)
]
OPTIONS = {**{name: tier.options for name, tier in TIERS.items()}, "objstores": rows()}
TICKED = re.compile(r"`([^`]+)`")


# What other ways have, so that a row that is taken out is missed.
WANTED = {
    *(f"F{number:02}" for number in range(1, 9)),
    *(f"V{number:02}" for number in range(1, 31)),
    *(f"P{number:02}" for number in (*range(1, 16), *range(24, 30))),
    *("K16", "K17", "M01", "P19"),
}


def test_each_row_is_there_once() -> None:
    names = [row[0] for row in ROWS]
    assert sorted(names) == sorted(WANTED)


def test_what_is_out_of_scope_has_a_reason_and_what_is_not_names_options_alone() -> None:
    for name, _feature, options, _test in ROWS:
        if options.startswith("out of scope"):
            assert len(options.removeprefix("out of scope: ").split()) > 5, name
        else:
            assert TICKED.sub("", options).strip(", ") == "", name


def test_options_of_each_row_exist() -> None:
    for name, _feature, options, _test in ROWS:
        found = [each.partition(".")[::2] for each in TICKED.findall(options)]
        assert found, name
        assert [each for each in found if each[0] not in OPTIONS or each[1] not in ("", *OPTIONS[each[0]])] == [], name


def test_test_of_each_row_exists() -> None:
    source = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for name, _feature, _options, tests in ROWS:
        found = TICKED.findall(tests)
        assert found, name
        assert [test for test in found if f"def {test}(" not in source] == []
