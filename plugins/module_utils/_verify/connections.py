# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a querier does not reach an endpoint: which step failed, told from its own error. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

# What Thanos logs of an endpoint that it could not ask, every five seconds, and of one that it cannot even set up.
_FAILED = ("update of endpoint failed", "skipping endpoint due to TLS configuration error")
_PAIR = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
# Of the host names in a certificate of a big site a report needs no list.
_LONGEST = 400


@dataclass(frozen=True)
class Cause:
    """The ``step`` that failed, ``what`` went wrong there, and what to do. Not ``sure``: another cause looks alike."""

    step: str
    what: str
    advice: str
    sure: bool = True


# A pattern in the querier's error → the cause; a group is filled into the texts. Whatever is first counts.
_TABLE: tuple[tuple[re.Pattern[str], Cause], ...] = tuple(
    (re.compile(pattern), cause)
    for pattern, cause in (
        (
            r"produced zero addresses|no such host|server misbehaving|name resolver error",
            Cause(
                "DNS",
                "the name does not resolve in the querier's pods",
                "look it up there (kubectl exec … nslookup), and correct the name or the cluster's DNS",
            ),
        ),
        (
            r"dial tcp .*(connection refused|no route to host|network is unreachable|i/o timeout|timed out)",
            Cause(
                "TCP",
                "no connection comes about ({0})",
                "see that the address is that of the published querier, and that firewalls and network policies let "
                "the pods of this cluster through to it",
            ),
        ),
        (
            r"authentication handshake failed: (context deadline exceeded|EOF|.*connection reset)",
            Cause(
                "TLS",
                "a connection comes about, and nobody answers on it ({0})",
                "a load balancer without a ready pod behind it or a firewall does this; look at the other side's "
                "Service and pods",
            ),
        ),
        (
            r"(first record does not look like a TLS handshake)",
            Cause(
                "TLS",
                "the other side speaks no TLS",
                "give its querier grpc_tls, or see that the address leads to its gRPC port",
            ),
        ),
        (
            r"x509: (certificate is valid for .*, not [^\s\"]+|cannot validate certificate for [^\"]*"
            r"|certificate is not valid for any names[^\"]*)",
            Cause(
                "name in the certificate",
                "{0}",
                "set the endpoint's server_name to a name in the certificate, or have one made for this name",
            ),
        ),
        (
            r"x509: (certificate has expired or is not yet valid[^\"]*)",
            Cause("trust", "{0}", "renew the other side's certificate, and compare the clocks"),
        ),
        (
            r"x509: ([^\"]*)",
            Cause(
                "trust",
                "{0}",
                "the CA that signed the other side's certificate is not in the endpoint's tls.ca: give that one; where "
                "it was replaced, the querier reads it anew only when it restarts",
            ),
        ),
        (
            r"remote error: tls: (protocol version not supported)|tls: (server selected unsupported protocol version)",
            Cause("TLS", "the two sides have no version of TLS in common", "compare min_version of both sides"),
        ),
        (
            r"remote error: tls: ([a-z ]+)",
            Cause(
                "client certificate",
                "the other side refuses it ({0})",
                "see that the client CA there (ca.crt of its grpc_tls) signed this querier's certificate, and that it "
                "has not expired",
            ),
        ),
        (
            r"(reading (?:client CA|system certificate pool)[^\"]*|client credentials[^\"]*"
            r"|open [^\"]*: no such file[^\"]*)",
            Cause(
                "files",
                "the querier cannot read its own: {0}",
                "see that the Secret of client_tls has the key; a new one reaches the pods after a minute or two",
            ),
        ),
        (
            r"looked like an HTTP/1.1 header|(code = Unimplemented)",
            Cause("gRPC", "what answers there is no gRPC of Thanos", "name the gRPC port, by default 10901"),
        ),
    )
)
# Without TLS on our side, or with it and without a word from the other: it ends the connection.
_ENDED = re.compile(r"server preface: .*EOF|broken pipe|connection reset by peer|EOF")
_PLAIN = Cause(
    "gRPC",
    "the other side ends the connection, as one does that speaks TLS",
    "set the endpoint's tls, or see what listens there",
    sure=False,
)
_SHUT = Cause(
    "client certificate",
    "the other side ends the connection after the handshake, as one does that refuses the client certificate, or its "
    "absence",
    "see that client_tls is set, and that the client CA there (ca.crt of its grpc_tls) signed its certificate",
    sure=False,
)
_DROPPED = Cause(
    "TCP",
    "no connection comes about in time, and nobody refuses one",
    "a firewall or a security group that drops packets does this, and so does an address that nobody has; let the pods "
    "of this cluster through",
    sure=False,
)
_MUTE = Cause("gRPC", "a connection comes about, and no answer does", "read the other side's log", sure=False)


def cause_of(error: str, tls: bool) -> Cause | None:
    """Which step failed, as far as a querier's error tells; ``tls`` is whether it speaks TLS to the endpoint."""
    for pattern, cause in _TABLE:
        found = pattern.search(error)
        if found:
            detail = next((group for group in found.groups() if group), "")
            shown = detail if len(detail) <= _LONGEST else f"{detail[:_LONGEST]}…"
            return Cause(cause.step, cause.what.format(shown), cause.advice)
    if _ENDED.search(error):
        return _SHUT if tls else _PLAIN
    if "waiting for connections to become ready" in error:
        return _DROPPED
    return _MUTE if "DeadlineExceeded" in error or "deadline exceeded" in error else None


def error_in_log(text: str, address: str, tls: bool) -> str:
    """The newest error about an endpoint in a querier's log; one whose cause is sure before others. Empty without."""
    errors = [error for line in reversed(text.splitlines()) if (error := _error(line, address))]
    telling = (error for error in errors if (cause := cause_of(error, tls)) and cause.sure)
    return next(telling, errors[0] if errors else "")


def _error(line: str, address: str) -> str:
    if address not in line or not any(message in line for message in _FAILED):
        return ""
    fields = fields_of(line)
    names = {address, f"thanos:///{address}"}
    return fields.get("err", "") if names & {fields.get("address"), fields.get("addr")} else ""


def fields_of(line: str) -> Mapping[str, str]:
    """The fields of a line in either of Thanos' formats."""
    if line.startswith("{"):
        try:
            return {str(name): str(value) for name, value in json.loads(line).items()}
        except ValueError:
            return {}
    return {name: re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for name, quoted, plain in _PAIR.findall(line)}
