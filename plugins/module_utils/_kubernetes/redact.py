# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing secret is shown: Secrets by fingerprints of their values, quoted text with known values masked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from .manifest import Manifest

MASK = "********"
# Shorter values are parts of ordinary words.
_SHORTEST = 4
_SENSITIVE_LINE = re.compile(
    r"(?im)^\s*[\"']?[\w.-]*(?:secret|passw|token|key|credential)[\w.-]*[\"']?\s*[:=]\s*(.+?)\s*$"
)


class Redactor:
    """What one run must not show. ``values`` may be files: what stands behind a key that sounds secret counts too."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._salt = secrets.token_bytes(16)
        self._values: set[str] = set()
        self._longest_first: list[str] = []
        self.learn(values)

    def learn(self, values: Iterable[str]) -> None:
        """Mask these values from now on, in every form in which text may carry them."""
        for value in values:
            parts = [value.strip(), *(match.strip("\"'") for match in _SENSITIVE_LINE.findall(value))]
            parts += [line for line in value.splitlines() if len(line) >= 32] if "PRIVATE KEY" in value else []
            for part in parts:
                if len(part) >= _SHORTEST:
                    self._values.update(_forms(part))
        # A value that is part of another one would leave the rest of that to be read.
        self._longest_first = sorted(self._values, key=len, reverse=True)

    def learn_secrets(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        """Mask every value of the Secrets among these manifests."""
        for manifest in manifests:
            if manifest["kind"] == "Secret":
                self.learn(_decoded(value) for value in (manifest.get("data") or {}).values())

    def text(self, text: str) -> str:
        """The text with everything known masked."""
        # No pattern of all values: of a few keys it takes longer to make than all else that a run computes.
        for value in self._longest_first:
            text = text.replace(value, MASK)
        return text

    def fingerprint(self, value: str) -> str:
        """Tells equal values of one run from different ones, and nothing else."""
        return hmac.new(self._salt, value.encode(), hashlib.sha256).hexdigest()[:12]

    def object(self, item: Manifest) -> Manifest:
        """A Secret with a fingerprint in place of each value; other objects as they are."""
        if item["kind"] != "Secret":
            return item
        hidden = {key: f"<redacted {self.fingerprint(value)}>" for key, value in (item.get("data") or {}).items()}
        return {**item, **({"data": hidden} if hidden else {})}


def _forms(value: str) -> set[str]:
    """A value as it is, in JSON, and in base64 wherever it may stand in what was encoded."""
    raw = value.encode()
    forms = {value, json.dumps(value)[1:-1]}
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode()
        # Characters that also depend on the bytes beside the value are cut off.
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        forms.add(text[first:last])
        forms.add(text[first:last].replace("+", "-").replace("/", "_"))
    forms.add(base64.b64encode(raw).decode())
    return {form for form in forms if len(form) >= _SHORTEST}


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode("utf-8", "replace")
    except ValueError:
        return value
