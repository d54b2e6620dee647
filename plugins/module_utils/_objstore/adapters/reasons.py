# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a server was not reached, or was not what was expected: what any SDK raised → a clause for people. Pure.

The text of an error is only searched, never shown: SDKs quote headers and tokens in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..._errors import Failure
from ..bucket_model import Unreachable

PROXY = "the proxy of the environment (HTTPS_PROXY, HTTP_PROXY)"
NO_PROXY = "set NO_PROXY for this address if none is needed"
_REFUSED = re.compile(r"Tunnel connection failed: (\d+)")


_NOT_ITS = (
    "the answer{http} is not that of {name}; check {address}, and whether a proxy or gateway answers in its place"
)


@dataclass(frozen=True)
class Peer:
    """The server of an adapter. ``address``: the options that say where it is. ``tls``: what to set when TLS fails."""

    name: str
    address: str
    tls: str


# Signs in the texts and type names of an error and its causes, in the order in which they decide.
_BEFORE_TLS = (
    (
        ("Invalid header value", "UnicodeEncodeError", "InvalidHeader"),
        "a credential or another value holds a character that cannot be sent, such as a line break or a letter "
        "beyond ASCII",
    ),
    (
        ("ProxyError", "ProxyConnectionError", "ProxySchemeUnknown", "InvalidProxyURL", "LocationParseError"),
        f"{PROXY} does not answer, or is none; {NO_PROXY}",
    ),
)
_TLS = (
    (
        ("self-signed", "self signed", "unable to get local issuer"),
        "its certificate is signed by an authority that is not trusted",
    ),
    (("ostname mismatch", "doesn't match"), "its certificate is for another name"),
    (("IP address mismatch",), "its certificate is for another address"),
    (("certificate has expired",), "its certificate has expired"),
    (("certificate is not yet valid",), "its certificate is not yet valid, or the clock of this host is wrong"),
    (("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"), "the server does not speak TLS"),
    (
        ("NO_CERTIFICATE_OR_CRL_FOUND", "PEM lib", "suitable TLS CA"),
        "the certificates of ca, or of the environment, cannot be read",
    ),
    (("CERTIFICATE_VERIFY_FAILED",), "its certificate was not accepted"),
    (("SSLError", "SSLEOFError"), "the handshake was not completed"),
)
_NO_ANSWER = "no answer within the time; check {address} and the server, or give the task a longer timeout"
# Nobody answered.
_AWAY = (
    (
        ("NameResolutionError", "Failed to resolve", "Name or service not known", "Temporary failure in name"),
        "the name does not resolve; check {address} and DNS",
    ),
    (
        ("Connection refused", "No route to host", "Network is unreachable"),
        "nothing answers there; check {address} and the network",
    ),
    (("ReadTimeout", "Read timed out"), _NO_ANSWER),
    (("ConnectTimeout",), "no connection within the time; check {address}, proxy and firewall"),
    (("TimeoutError", "timed out"), _NO_ANSWER),
)
_AFTER_TLS = (
    *_AWAY,
    (("MissingSchema", "InvalidSchema", "InvalidURL", "out of range"), "{address} is not a URL"),
    (("IncompleteRead", "ResponseStreamingError"), "the answer ended too early; run again"),
    (
        ("RemoteDisconnected", "ConnectionReset", "Connection aborted", "ConnectionClosedError", "BrokenPipe"),
        "the server closed the connection; check {address}, and whether it speaks TLS there or not",
    ),
    (
        (
            "JSONDecodeError",
            "ParseError",
            "ResponseParserError",
            "InvalidResponse",
            "BadStatusLine",
            "LineTooLong",
            "TooManyRedirects",
        ),
        _NOT_ITS,
    ),
)


def not_its(peer: Peer, status: int = 0) -> str:
    """The clause about an answer that this kind of server does not give."""
    http = f" (HTTP {status})" if status else ""
    return _NOT_ITS.format(http=http, name=peer.name, address=peer.address)


def reason(error: BaseException, peer: Peer) -> str:
    """Why ``error`` came about, as a clause without a full stop; the name of its type when the cause is not known."""
    return cause(error, peer) or f"{type(error).__name__} in its client; check {peer.address}"


def cause(error: BaseException, peer: Peer) -> str:
    """Why ``error`` came about, as a clause; empty when that is not known."""
    text = "\n".join(_texts(error, set()))
    refused = _REFUSED.search(text)
    if refused:
        return f"{PROXY} refuses to connect (HTTP {refused[1]}); {NO_PROXY}"
    before, tls, after = (_find(table, text) for table in (_BEFORE_TLS, _TLS, _AFTER_TLS))
    if before or not tls:
        return (before or after).format(http="", name=peer.name, address=peer.address)
    return f"TLS failed, {tls}; {peer.tls}"


def failure(where: str, error: BaseException, peer: Peer, clause: str = "") -> Failure:
    """The Failure for an operation that got no answer of the server; Unreachable when nobody was there to give one.

    ``where``: bucket and operation. ``clause``: why ``error`` came about, where the caller knows it.
    """
    text = "\n".join(_texts(error, set()))
    here = _find(_BEFORE_TLS, text) or _find(_TLS, text) or not _find(_AWAY, text)
    return (Failure if here else Unreachable)(f"{where} failed: {clause or reason(error, peer)}.")


def _find(table: tuple[tuple[tuple[str, ...], str], ...], text: str) -> str:
    return next((clause for signs, clause in table if any(sign in text for sign in signs)), "")


def _texts(error: BaseException, seen: set[int]) -> Iterator[str]:
    """Type names and texts of an error and of everything that it came from."""
    if id(error) in seen:
        return
    seen.add(id(error))
    yield f"{type(error).__name__}: {error}"
    # Names under which SDKs keep the error that they wrap, beside Python's own ``__cause__`` and ``__context__``.
    wrapped = [getattr(error, name, None) for name in ("cause", "reason", "inner_exception")]
    for below in (*error.args, *wrapped, error.__cause__, error.__context__):
        if isinstance(below, BaseException):
            yield from _texts(below, seen)
