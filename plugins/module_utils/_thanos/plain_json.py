# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON that YAML and Go read as well: in UTF-8, since they do not join the two halves of an escaped character."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

# What YAML takes for no character of a text, or for the end of a line. An escape of four digits is the same in all.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def plain_json(value: Any, indent: int | None = None) -> str:
    """``value`` as one text, on one line without ``indent``."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def digest(value: Any) -> str:
    """A short digest of any JSON value that holds no secret."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
