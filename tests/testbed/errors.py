# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the testbed."""

from __future__ import annotations


def tells_full_disk(output: str) -> bool:
    """Whether a program's output says that it found no room on a disk."""
    return "no space left on device" in output.lower()


class TestbedError(Exception):
    """The testbed cannot go on. ``str(e)`` is a sentence for the person who ran the command."""

    __test__ = False
