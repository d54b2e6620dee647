# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks of plain processes do not take each other's addresses."""

from __future__ import annotations

from pathlib import Path

from tests.support.loopback import Stack


def test_two_stacks_of_one_process_have_networks_of_their_own(tmp_path: Path) -> None:
    stacks = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        stacks.append(Stack(tmp_path / name, {}))
    assert stacks[0].alertmanager != stacks[1].alertmanager
    assert stacks[0].store_address != stacks[1].store_address
