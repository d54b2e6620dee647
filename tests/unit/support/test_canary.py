# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks for leaks finds them: a canary that sees nothing would let everything pass."""

from __future__ import annotations

import base64
import difflib
import json
import textwrap
import urllib.parse

import pytest
import yaml

from tests.support.canary import leaks

SECRET = 'canary+key/with"odd\\characters==0001'
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG9w0BAQ\nEFAASCBKYwggSiAgEAAoIBAQDC\n-----END PRIVATE KEY-----\n"


def encoded(text: str, before: int) -> str:
    return base64.b64encode(b"x" * before + text.encode() + b"and more").decode()


def in_a_diff(text: str) -> str:
    return "\n".join(difflib.unified_diff([], text.splitlines(), "before", "after"))


@pytest.mark.parametrize("secret", [SECRET, PEM], ids=["one line", "lines"])
@pytest.mark.parametrize(
    "hide",
    [
        lambda text: f"key={text};",
        lambda text: json.dumps({"msg": text}),
        lambda text: json.dumps({"msg": json.dumps({"key": text})}),
        lambda text: repr({"key": text}),
        lambda text: yaml.safe_dump({"a": {"key": text}}, width=30),
        lambda text: "\n".join(textwrap.wrap(text, 7, drop_whitespace=False)),
        lambda text: urllib.parse.quote(text, safe=""),
        lambda text: encoded(text, 0),
        lambda text: encoded(text, 1),
        lambda text: encoded(text, 2),
        lambda text: base64.urlsafe_b64encode(f"a{text}b".encode()).decode(),
        lambda text: base64.encodebytes(f"a{text}b".encode() * 3).decode(),
        lambda text: json.dumps(base64.encodebytes(f"a{text}b".encode() * 3).decode()),
        in_a_diff,
        lambda text: in_a_diff(base64.encodebytes(text.encode() * 3).decode()),
        lambda text: text.splitlines()[len(text.splitlines()) // 2],
    ],
)
def test_secret_is_found(hide: object, secret: str) -> None:
    assert callable(hide)
    assert leaks(f"TASK [x]\n{hide(secret)}\nok", {"key": secret})


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert leaks(json.dumps({"msg": "the key is <redacted>", "pem": "-----BEGIN PRIVATE KEY-----"}), {"key": PEM}) == []
