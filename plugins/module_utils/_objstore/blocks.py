# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a block of Thanos is recognised in a bucket."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"(?:\A|/)([0-7][0-9A-HJKMNP-TV-Z]{25})/meta\.json\Z")


def block_of(key: str) -> str:
    """The ULID of the block whose ``meta.json`` this object is, else an empty text."""
    match = _BLOCK.search(key)
    return match[1] if match else ""
