# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about rights shows the Role that the tests deploy with."""

from __future__ import annotations

from tests.integration.role import text
from tests.tasks.tree import ROOT


def test_page_shows_the_generated_role() -> None:
    assert text() in (ROOT / "docs/rights.md").read_text(encoding="utf-8")
