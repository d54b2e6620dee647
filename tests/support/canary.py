# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets in an output, in every form in which a program may have printed them.

Written apart from the code that hides them, so that both would have to make the same mistake.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Mapping

# What is shorter is found by accident too.
SHORTEST = 12
# What stands between the pieces of a text that was broken into lines, in YAML, in JSON and in a diff.
_BREAKS = re.compile(r"\\+[nrt]|\\|\s")
_DIFF = re.compile(r"^[+-]", re.MULTILINE)


def leaks(output: str, secrets: Mapping[str, str]) -> list[str]:
    """Which secrets (name → value) are in ``output``, and in which form; empty when none is."""
    views = (output, _joined(output), _joined(_DIFF.sub("", output)))
    found = []
    for name, secret in secrets.items():
        for form, text in forms(secret).items():
            wanted = (text, _joined(text), _joined(text))
            if any(needle in view for needle, view in zip(wanted, views, strict=True)):
                found.append(f"{name}: {form}")
    return found


def forms(secret: str) -> dict[str, str]:
    """What to look for: name of the form → text. A secret of several lines is looked for line by line as well."""
    found: dict[str, str] = {}
    lines = [line for line in secret.splitlines() if len(line) >= SHORTEST and not line.startswith("-----")]
    for number, part in enumerate([secret, *(lines if len(lines) > 1 else [])]):
        assert len(part) >= SHORTEST, "too short to be told from other text"
        where = f"line {number}" if number else "all"
        escaped = json.dumps(part)[1:-1]
        found |= {
            f"{where}, as it is": part,
            f"{where}, in JSON": escaped,
            f"{where}, in JSON in JSON": json.dumps(escaped)[1:-1],
            f"{where}, in Python": repr(part)[1:-1],
            f"{where}, in a URL": urllib.parse.quote(part, safe=""),
        }
        for before in range(3):
            text = _inside_base64(part.encode(), before)
            found[f"{where}, in base64 after {before} bytes"] = text
            found[f"{where}, in base64 for URLs after {before} bytes"] = text.replace("+", "-").replace("/", "_")
    return found


def _inside_base64(secret: bytes, before: int) -> str:
    """The characters that it has wherever it stands ``before`` bytes (modulo 3) into what was encoded."""
    text = base64.b64encode(b"\0" * before + secret).decode()
    return text[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]


def _joined(text: str) -> str:
    return _BREAKS.sub("", text)
