# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which step of a connection failed, told from what Thanos 0.42.4 says of it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._verify.connections import cause_of, error_in_log

BEGIN = "getting metadata: rpc error: code = DeadlineExceeded desc = latest balancer error: "
DESC = f"{BEGIN}connection error: desc = "
HANDSHAKE = f'{DESC}"transport: authentication handshake failed: '
X509 = f"{HANDSHAKE}tls: failed to verify certificate: x509: "
ROWS = [
    (f"{BEGIN}name resolver error: produced zero addresses", "DNS", "the name does not resolve"),
    (
        f'{DESC}"transport: Error while dialing: dial tcp 10.0.0.1:10901: connect: connection refused"',
        "TCP",
        "no connection comes about (connection refused)",
    ),
    (f'{DESC}"transport: Error while dialing: dial tcp 10.0.0.1:10901: i/o timeout"', "TCP", "(i/o timeout)"),
    (f'{HANDSHAKE}context deadline exceeded"', "TLS", "nobody answers on it (context deadline exceeded)"),
    (f'{HANDSHAKE}tls: first record does not look like a TLS handshake"', "TLS", "the other side speaks no TLS"),
    (
        f'{X509}certificate is valid for a.b, not c.d"',
        "name in the certificate",
        "certificate is valid for a.b, not c.d",
    ),
    (
        f"{X509}cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs\"",
        "name in the certificate",
        "cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs",
    ),
    (f'{X509}certificate signed by unknown authority"', "trust", "certificate signed by unknown authority"),
    (
        f'{X509}certificate has expired or is not yet valid: current time 2026-11-28T23:27:42Z is after 2026-11-27"',
        "trust",
        "certificate has expired or is not yet valid: current time 2026-11-28T23:27:42Z",
    ),
    (
        f'{DESC}"error reading server preface: remote error: tls: unknown certificate authority"',
        "client certificate",
        "the other side refuses it (unknown certificate authority)",
    ),
    (
        f'{DESC}"error reading server preface: remote error: tls: certificate required"',
        "client certificate",
        "required",
    ),
    (f'{HANDSHAKE}remote error: tls: protocol version not supported"', "TLS", "no version of TLS in common"),
    (
        f"{BEGIN}write tcp 10.0.0.9:1->10.0.0.1:10901: write: broken pipe",
        "client certificate",
        "ends the connection aft",
    ),
    (
        "reading client CA: open /etc/thanos/tls/client/eu.crt: no such file or directory",
        "files",
        "reading client CA: op",
    ),
    (
        f'{DESC}"error reading server preface: http2: failed reading the frame payload: http2: frame too large, note '
        'that the frame header looked like an HTTP/1.1 header"',
        "gRPC",
        "is no gRPC of Thanos",
    ),
    (
        "code = DeadlineExceeded desc = context deadline exceeded while waiting for connections to become ready",
        "TCP",
        "no connection comes about in time",
    ),
    ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", "gRPC", "no answer does"),
]


@pytest.mark.parametrize(("error", "step", "words"), ROWS)
def test_error_is_told_by_the_step_that_failed(error: str, step: str, words: str) -> None:
    cause = cause_of(error, tls=True)
    assert cause
    assert (cause.step, words in cause.what, bool(cause.advice)) == (step, True, True), cause


def test_plain_text_to_a_server_with_tls() -> None:
    cause = cause_of(f'{DESC}"error reading server preface: EOF"', tls=False)
    assert cause
    assert (cause.step, cause.sure) == ("gRPC", False)


def test_error_that_nobody_knows_is_left_as_it_is() -> None:
    assert cause_of("something new", tls=True) is None


def logged(error: str, address: str = "eu.example:10901") -> str:
    """A line of a querier's log."""
    return f'ts=2026 level=warn msg="update of endpoint failed" err={json.dumps(error)} address={address}'


def test_newest_error_of_the_endpoint_is_taken_and_a_sure_one_before_others() -> None:
    refused = ROWS[9][0]
    lines = [
        logged(ROWS[0][0]),
        logged(refused),
        logged(ROWS[12][0]),
        logged("other", "us.example:10901"),
        "level=info",
    ]
    assert error_in_log("\n".join(lines), "eu.example:10901", tls=True) == refused
    assert error_in_log("\n".join(lines), "eu.example:1090", tls=True) == ""


def test_log_may_be_in_json_and_about_a_group() -> None:
    fields = {"msg": "update of endpoint failed", "err": "x", "address": "thanos:///dns+eu.example:10901"}
    assert error_in_log(json.dumps(fields) + "\n{cut", "dns+eu.example:10901", tls=True) == "x"


def test_endpoint_that_could_not_be_set_up() -> None:
    line = (
        'level=error msg="skipping endpoint due to TLS configuration error" addr=eu:1 err="reading client CA: open x"'
    )
    assert error_in_log(line, "eu:1", tls=True) == "reading client CA: open x"
