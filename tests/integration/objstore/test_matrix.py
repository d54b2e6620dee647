# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about what each object store does says what the servers do now."""

from __future__ import annotations

import pytest

from tests.integration.objstore.matrix import PAGE, measure, page


@pytest.mark.slow
def test_page_is_what_the_servers_answer() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(measure()), "write it: python -m tests.integration.objstore.matrix"
