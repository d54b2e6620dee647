# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a block of Thanos is recognised in a bucket, and what else is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .bucket_model import Contents

_BLOCK = re.compile(r"(?:\A|/)([0-7][0-9A-HJKMNP-TV-Z]{25})/meta\.json\Z")
_SHOWN = 3


def block_of(key: str) -> str:
    """The ULID of the block whose ``meta.json`` this object is, else an empty text."""
    match = _BLOCK.search(key)
    return match[1] if match else ""


def tally(pages: Iterable[Iterable[str]], beneath: str, all_of_it: bool) -> Contents:
    """Count keys. Unless ``all_of_it``, counting ends with the first page that has any.

    ``beneath``: what the keys of the store begin with, see ``throwaway.folder``.
    """
    count = 0
    blocks: set[str] = set()
    # As keys of a dictionary: each once, in order.
    outside: dict[str, None] = {}
    for page in pages:
        for key in page:
            count += 1
            blocks.add(block_of(key))
            if len(outside) < _SHOWN and not key.startswith(beneath):
                outside[key] = None
        if count and not all_of_it:
            break
    return Contents(count, tuple(sorted(blocks - {""})), tuple(outside))
