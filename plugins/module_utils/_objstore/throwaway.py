# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that are written to find out whether it works, and removed again.

Thanos looks at folders that are named like a block and at nothing else, so it does not see them.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable

from .._errors import Failure
from .bucket_model import Objects

_MARK = ".o11y.thanos-probe-"
_NAME = re.compile(rf"(?:\A|/){re.escape(_MARK)}(\d+)-[0-9a-f]{{12}}\Z")
# Seconds. Younger ones may be in use by somebody who shares the bucket.
_ABANDONED = 3600
_MOST = 1000


def folder(prefix: str) -> str:
    """What the keys of a store with this prefix begin with."""
    return f"{prefix}/" if prefix else ""


def name(prefix: str) -> str:
    """A key that nobody else has. It is beneath the store's prefix, as rights may not reach beyond that."""
    return f"{folder(prefix)}{_MARK}{int(time.time())}-{uuid.uuid4().hex[:12]}"


def abandoned(keys: Iterable[str], now: float) -> list[str]:
    """Those that an interrupted run left behind; ``now`` in seconds since 1970."""
    made = ((key, _NAME.search(key)) for key in keys)
    return [key for key, match in made if match and int(match[1]) < now - _ABANDONED]


def sweep(objects: Objects, prefix: str) -> None:
    """Remove what interrupted runs left behind. Raises Failure."""
    for key in abandoned(objects.names(f"{folder(prefix)}{_MARK}", _MOST), time.time()):
        objects.remove(key, every_version=True)


def why_not_writable(objects: Objects, prefix: str) -> str:
    """Write and remove an object: why it failed, or an empty text.

    Removing is tried first, so that nothing is written that could not be removed again.
    """
    key = name(prefix)
    try:
        objects.remove(key, every_version=True)
        objects.put(key)
        objects.remove(key, every_version=True)
    except Failure as e:
        return str(e)
    return ""
