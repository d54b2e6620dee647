# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender of remote write 1.0: the request as Prometheus encodes it, and what is answered."""

from __future__ import annotations

import http.client
import ssl
import struct
from collections.abc import Iterable, Mapping

# Labels of a series → its samples as (milliseconds since 1970, value).
Series = tuple[Mapping[str, str], Iterable[tuple[int, float]]]


def write(address: str, series: Iterable[Series], tenant: str = "", tls: ssl.SSLContext | None = None) -> int:
    """The status that a router at ``host:port`` answers with."""
    return send(address, encoded(series), tenant, tls=tls)


def send(address: str, body: bytes, tenant: str = "", patience: float = 30, tls: ssl.SSLContext | None = None) -> int:
    """The status for a body that ``encoded`` made; TimeoutError after ``patience`` seconds without an answer."""
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
        **({"THANOS-TENANT": tenant} if tenant else {}),
    }
    connection = (
        http.client.HTTPSConnection(address, timeout=patience, context=tls)
        if tls
        else http.client.HTTPConnection(address, timeout=patience)
    )
    try:
        connection.request("POST", "/api/v1/receive", body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def encoded(series: Iterable[Series]) -> bytes:
    """The body of a request."""
    return _snappy(_request(series))


def with_exemplar(labels: Mapping[str, str], when: int, value: float, trace: str) -> bytes:
    """The body of a request with one sample that has an exemplar: the id of a trace."""
    exemplar = _field(1, _label("trace_id", trace)) + _double(2, value) + b"\x18" + _varint(when)
    return _snappy(_field(1, _series(labels, [(when, value)]) + _field(3, exemplar)))


def _varint(number: int) -> bytes:
    result = bytearray()
    while number > 0x7F:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*result, number])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _request(series: Iterable[Series]) -> bytes:
    """``prometheus.WriteRequest``."""
    return b"".join(_field(1, _series(labels, samples)) for labels, samples in series)


def _series(labels: Mapping[str, str], samples: Iterable[tuple[int, float]]) -> bytes:
    named = (_label(name, labels[name]) for name in sorted(labels))
    values = (_double(1, value) + b"\x10" + _varint(when) for when, value in samples)
    return b"".join([*(_field(1, label) for label in named), *(_field(2, sample) for sample in values)])


def _label(name: str, value: str) -> bytes:
    return _field(1, name.encode()) + _field(2, value.encode())


def _double(number: int, value: float) -> bytes:
    return _varint(number << 3 | 1) + struct.pack("<d", value)


def _snappy(data: bytes) -> bytes:
    """The block format with literals alone, which every reader takes."""
    parts = [data[i : i + 65536] for i in range(0, len(data), 65536)]
    return _varint(len(data)) + b"".join(b"\xf4" + struct.pack("<H", len(part) - 1) + part for part in parts)
