# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of clients that write in protobuf, as such that write in JSON, which a recording can compare and fill.

Helm writes its releases so, which are Secrets, and takes JSON as an answer. Each message is a table of what is in it;
what no table has (who manages which field, when it was made) the server knows itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_PROTOBUF, _JSON = "application/vnd.kubernetes.protobuf", "application/json"
_MAGIC = b"k8s\0"
_VARINT, _BYTES = 0, 2
# Field number → name and what makes a value of its bytes.
_Message = Mapping[int, tuple[str, Callable[[bytes], Any]]]


def in_json(headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    """The headers and the body of the same request in JSON. Raises ValueError for a body of which no table tells."""
    plain = {name: _JSON if _PROTOBUF in value else value for name, value in headers.items()}
    return plain, json.dumps(_secret(body)).encode() if body.startswith(_MAGIC) else body


def _secret(body: bytes) -> dict[str, Any]:
    envelope = dict(_fields(body.removeprefix(_MAGIC)))
    kind = _message(envelope[1], {1: ("apiVersion", _text), 2: ("kind", _text)})
    if kind["kind"] != "Secret":
        raise ValueError(f"{kind} in protobuf")
    return kind | _message(envelope[2], _SECRET)


def _message(body: bytes, table: _Message) -> dict[str, Any]:
    """What the table tells of; a field that is there several times is a mapping, an entry each time."""
    found: dict[str, Any] = {}
    for number, content in _fields(body):
        if number in table:
            name, read = table[number]
            value = read(content)
            found[name] = {**found[name], **value} if isinstance(found.get(name), dict) else value
    return found


def _fields(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of the fields that have bytes; numbers, of which no table tells, are passed over."""
    at = 0
    while at < len(body):
        tag, at = _varint(body, at)
        size, at = _varint(body, at)
        if tag & 7 == _BYTES:
            yield tag >> 3, body[at : at + size]
            at += size
        elif tag & 7 != _VARINT:
            raise ValueError(f"a field of type {tag & 7} in protobuf")


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and where it ends."""
    value = shift = 0
    while True:
        value |= (body[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if body[at - 1] < 0x80:
            return value, at


def _text(content: bytes) -> str:
    return content.decode()


def _entry(content: bytes) -> dict[str, str]:
    parts = _message(content, {1: ("key", _text), 2: ("value", _text)})
    return {parts["key"]: parts.get("value", "")}


def _data(content: bytes) -> dict[str, str]:
    parts = dict(_fields(content))
    return {_text(parts[1]): base64.b64encode(parts.get(2, b"")).decode()}


def _metadata(content: bytes) -> dict[str, Any]:
    # A field without a value is there as well, which in JSON is left out.
    return {name: value for name, value in _message(content, _METADATA).items() if value}


_METADATA: _Message = {
    1: ("name", _text),
    3: ("namespace", _text),
    5: ("uid", _text),
    6: ("resourceVersion", _text),
    11: ("labels", _entry),
    12: ("annotations", _entry),
}
_SECRET: _Message = {1: ("metadata", _metadata), 2: ("data", _data), 3: ("type", _text)}
