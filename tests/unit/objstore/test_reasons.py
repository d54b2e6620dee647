# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a server was not reached: from the texts of errors and what they wrap, of which none is shown."""

from __future__ import annotations

import ssl

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.reasons import (
    Peer,
    failure,
    not_its,
    reason,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import Unreachable

PEER = Peer("S3", "endpoint", "set ca")
CANARY = "CANARY"


class Wrapping(Exception):
    """What an SDK raises: the error that it wraps is an attribute."""

    def __init__(self, attribute: str, wrapped: Exception) -> None:
        super().__init__(CANARY)
        setattr(self, attribute, wrapped)


@pytest.mark.parametrize(
    ("error", "clause"),
    [
        (ssl.SSLError("certificate has expired"), "TLS failed, its certificate has expired; set ca"),
        (ssl.SSLError("certificate is not yet valid"), "not yet valid, or the clock of this host is wrong; set ca"),
        (ssl.SSLError("CERTIFICATE_VERIFY_FAILED"), "TLS failed, its certificate was not accepted; set ca"),
        (ssl.SSLError("UNEXPECTED_EOF"), "TLS failed, the handshake was not completed; set ca"),
        (OSError("No route to host"), "nothing answers there; check endpoint and the network"),
        (TimeoutError(CANARY), "no answer within the time; check endpoint"),
        (
            ValueError(f"Invalid header value b'{CANARY}'"),
            "a credential or another value holds a character that cannot be sent",
        ),
        (OSError(f"Tunnel connection failed: 403 {CANARY}"), "refuses to connect (HTTP 403); set NO_PROXY"),
        (RuntimeError(CANARY), "RuntimeError in its client; check endpoint"),
    ],
)
def test_an_error_is_known_by_its_text_or_type(error: Exception, clause: str) -> None:
    found = reason(error, PEER)
    assert clause in found
    assert CANARY not in found
    assert not found.endswith(".")


@pytest.mark.parametrize("attribute", ["cause", "reason", "inner_exception", "__cause__", "__context__"])
def test_an_error_is_known_by_what_it_wraps(attribute: str) -> None:
    wrapped = Wrapping("reason", ConnectionRefusedError("Connection refused"))
    assert "nothing answers there" in reason(Wrapping(attribute, wrapped), PEER)
    assert "nothing answers there" in reason(RuntimeError(CANARY, wrapped), PEER)


def test_errors_that_wrap_each_other_come_to_an_end() -> None:
    one, other = RuntimeError(CANARY), RuntimeError(CANARY)
    one.__cause__, other.__cause__ = other, one
    assert reason(one, PEER) == "RuntimeError in its client; check endpoint"


def test_a_proxy_counts_more_than_what_became_of_the_connection() -> None:
    error = OSError("ProxyError: Cannot connect to proxy", ConnectionRefusedError("Connection refused"))
    assert "does not answer, or is none; set NO_PROXY" in reason(error, PEER)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError("Connection refused"), True),
        (TimeoutError(CANARY), True),
        (ssl.SSLError("certificate has expired", TimeoutError(CANARY)), False),
        (OSError("ProxyError", ConnectionRefusedError("Connection refused")), False),
        (RuntimeError(CANARY), False),
    ],
)
def test_only_who_is_not_there_may_be_there_for_others(error: Exception, away: bool) -> None:
    """Also whoever gives tokens, of whom an adapter knows a clause already."""
    for clause in ("", "no usable credential: the name does not resolve"):
        assert isinstance(failure("s3://b: reading", error, PEER, clause), Unreachable) is away
    assert str(failure("s3://b: reading", error, PEER, "no token")) == "s3://b: reading failed: no token."


def test_an_answer_of_something_else_has_a_status_where_there_is_one() -> None:
    assert not_its(PEER).startswith("the answer is not that of S3; check endpoint, and whether a proxy")
    assert not_its(PEER, 407).startswith("the answer (HTTP 407) is not that of S3;")
