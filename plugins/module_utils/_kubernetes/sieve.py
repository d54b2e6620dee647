# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects of a long list may be of interest, while the list arrives and without taking it in.

The list of a kind in a whole cluster grows with other people's objects. In protobuf its items are bytes with their
length in front: each is looked through and dropped, so that no more than one of them is in memory. What is kept is
read again by whoever asked, who decides; so an item too many does no harm, and one too few must not happen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Compressed by the server where the list is long. A server, or something before it, may know JSON alone.
ACCEPT = "application/vnd.kubernetes.protobuf,application/json"
_PROTOBUF = "application/vnd.kubernetes.protobuf"
# What protobuf answers of an API server begin with; a message ``runtime.Unknown`` follows, whose field 2 is the list.
_MAGIC = b"k8s\0"
_TEXT = 2  # the wire type of texts and messages, which have their length in front
_FIXED = {1: 8, 5: 4}  # wire type → size
# Fields of a list, of an object and of its metadata.
_LIST, _ITEM, _METADATA, _NAME, _NAMESPACE = 2, 2, 1, 1, 3
_NO_LIST = "an answer that is no list of objects"


class Broken(ValueError):
    """An answer that ends too early, or is none."""


@dataclass(frozen=True)
class Wanted:
    """Objects with ``part`` somewhere in them and ``word`` as the whole of one of their texts, and ``names``.

    ``names`` are (namespace, name) of objects that are wanted whatever they say.
    """

    word: str
    part: str
    names: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def sieve(wanted: Wanted, content_type: str, pieces: Iterator[bytes]) -> list[tuple[str, str]]:
    """(namespace, name) of what is wanted of a list that arrives in ``pieces``. Raises Broken."""
    items = _of_protobuf if content_type.startswith(_PROTOBUF) else _of_json
    try:
        return [name for name, fits in items(wanted, pieces) if fits or name in wanted.names]
    except Broken:
        raise
    except (AttributeError, LookupError, TypeError, ValueError):
        raise Broken(_NO_LIST) from None


def _of_json(wanted: Wanted, pieces: Iterator[bytes]) -> Iterator[tuple[tuple[str, str], bool]]:
    for item in json.loads(b"".join(pieces)).get("items") or ():
        text = json.dumps(item)
        metadata: Mapping[str, Any] = item["metadata"]
        yield (metadata.get("namespace", ""), metadata["name"]), f'"{wanted.word}"' in text and wanted.part in text


def _of_protobuf(wanted: Wanted, pieces: Iterator[bytes]) -> Iterator[tuple[tuple[str, str], bool]]:
    word, part = bytes([len(wanted.word)]) + wanted.word.encode(), wanted.part.encode()
    for item in _items(_Stream(pieces)):
        yield _name(item), word in item and part in item


def _items(stream: _Stream) -> Iterator[bytes]:
    """The items of a list. Raises Broken where it is not whole."""
    if stream.take(len(_MAGIC)) != _MAGIC:
        raise Broken(_NO_LIST)
    number, size = stream.field()
    while number != _LIST:
        stream.take(size)
        number, size = stream.field()
    end = stream.position + size
    while stream.position < end:
        number, size = stream.field()
        content = stream.take(size)
        if number == _ITEM:
            yield content
    stream.drain()


def _name(item: bytes) -> tuple[str, str]:
    metadata = _texts(item, _METADATA)[_METADATA]
    found = _texts(metadata, _NAMESPACE)
    return found.get(_NAMESPACE, b"").decode(), found[_NAME].decode()


def _texts(message: bytes, last: int) -> dict[int, bytes]:
    """Number → content of the texts and messages in a message, up to the field ``last``: fields are in order."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag >> 3 > last:
            break
        if tag & 7 == _TEXT:
            size, at = _varint(message, at)
            found.setdefault(tag >> 3, message[at : at + size])
            at += size
        elif tag & 7 == 0:
            _value, at = _varint(message, at)
        else:
            at += _FIXED[tag & 7]
    return found


def _varint(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """A number and where it ends: seven bits a byte, the lowest first."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


class _Stream:
    """Bytes that arrive in pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = bytearray()
        self._at = 0
        self._before = 0

    @property
    def position(self) -> int:
        """How many bytes were taken."""
        return self._before + self._at

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes. Raises Broken where there are fewer."""
        self._await(size)
        self._at += size
        return bytes(self._buffer[self._at - size : self._at])

    def field(self) -> tuple[int, int]:
        """The number and the size of the next field, which is a text or a message. Raises Broken."""
        tag = self._number()
        if tag & 7 != _TEXT:
            raise Broken(_NO_LIST)
        return tag >> 3, self._number()

    def drain(self) -> None:
        """Let the rest pass."""
        for _piece in self._pieces:
            pass

    def _number(self) -> int:
        size = 1
        while True:
            self._await(size)
            if self._buffer[self._at + size - 1] < 0x80:
                value, self._at = _varint(self._buffer, self._at)
                return value
            size += 1

    def _await(self, size: int) -> None:
        if len(self._buffer) - self._at >= size:
            return
        del self._buffer[: self._at]
        self._before, self._at = self.position, 0
        while len(self._buffer) < size:
            piece = next(self._pieces, None)
            if piece is None:
                raise Broken("an answer that ends too early")
            self._buffer += piece
