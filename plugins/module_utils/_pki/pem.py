# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text with PEM blocks, taken apart. No sentence quotes what is in it: it may be a key."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----\s.*?-----END (?P=label)-----", re.DOTALL)
_BOUNDARY = re.compile(r"-----(?:BEGIN|END)\b")
CERTIFICATE = "CERTIFICATE"


class Unreadable(Exception):
    """Why a text is of no use, as a clause that follows "it"."""


def certificate_blocks(text: str) -> list[str]:
    """The certificates of a text, one or more. Raises Unreadable, also where a private key is among them."""
    blocks = _blocks(text)
    if any(label.endswith("PRIVATE KEY") for label, _block in blocks):
        raise Unreadable("holds a private key, which belongs into the cluster that uses it and nowhere else")
    other = next((label for label, _block in blocks if label != CERTIFICATE), "")
    if other:
        raise Unreadable(f"holds a block '{other}' where only certificates can be")
    if not blocks:
        raise Unreadable("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
    return [block for _label, block in blocks]


def key_block(text: str) -> str:
    """The private key of a text. Raises Unreadable where there is none, several, or one that is encrypted."""
    # openssl writes the parameters of a curve before the key.
    keys = [(label, block) for label, block in _blocks(text) if label.endswith("PRIVATE KEY")]
    if len(keys) != 1:
        raise Unreadable(f"holds {len(keys) or 'no'} private key{'s' if keys else ''} in PEM form, and must hold one")
    label, block = keys[0]
    if label.startswith("ENCRYPTED") or "Proc-Type: 4,ENCRYPTED" in block:
        raise Unreadable("holds an encrypted private key, which Thanos cannot read")
    return block


def _blocks(text: str) -> list[tuple[str, str]]:
    found = [(match["label"], match[0]) for match in _BLOCK.finditer(text)]
    if len(_BOUNDARY.findall(text)) != 2 * len(found):
        raise Unreadable("is torn: a PEM block in it has no beginning or no end")
    return found
