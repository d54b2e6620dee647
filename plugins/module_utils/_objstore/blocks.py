# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a block of Thanos is recognised in a bucket."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"(?:\A|/)([0-7][0-9A-HJKMNP-TV-Z]{25})/meta\.json\Z")


def block_of(key: str) -> str:
    """The ULID of the block whose ``meta.json`` this object is, else an empty text."""
    match = _BLOCK.search(key)
    return match[1] if match else ""
