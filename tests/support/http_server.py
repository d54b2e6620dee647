# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP server on loopback that answers as a test wants it to: politely, with nonsense, or not at all.

A rule that calls ``forward`` makes a proxy of it, which fails where the test wants it to.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeVar

from tests.testbed.pki import Certificate

Own = TypeVar("Own", bound="HttpServer")


@dataclass(frozen=True)
class Request:
    """One request, with its number from 1."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """``length`` is what the header claims, where that is not the truth."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    length: int | None = None


# The connection is closed without an answer; there is no answer until the server ends.
CUT, SILENCE = "cut", "silence"
Rule = Callable[[Request], Answer | str]


# What belongs to one connection, and what is sent anew.
_NOT_FORWARDED = {"connection", "transfer-encoding", "content-length", "keep-alive"}


def forward(url: str, request: Request, context: ssl.SSLContext | None = None) -> Answer:
    """What the server at ``url`` answers; raises OSError when it is away. With a context, in TLS."""
    target = urllib.parse.urlsplit(url)
    host, port = target.hostname or "", target.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=30, context=context)
        if context
        else http.client.HTTPConnection(host, port, timeout=30)
    )
    passed = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
    # A body of nothing gets its length too; some servers insist on it.
    body = request.body if request.body or request.method in ("PUT", "POST", "PATCH") else None
    try:
        connection.request(request.method, request.path, body, passed)
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_FORWARDED}
        text = answer.read()
        length = answer.headers.get("Content-Length")
        return Answer(answer.status, headers, text, int(length) if request.method == "HEAD" and length else None)
    finally:
        connection.close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake that fails is what some tests want; nobody needs to read of it."""


class HttpServer:
    """Serves for the block; keeps what it was asked. With a certificate it speaks TLS."""

    def __init__(self, rule: Rule, certificate: Certificate | None = None) -> None:
        self._rule = rule
        self._tls = certificate is not None
        self.requests: list[Request] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._ends = threading.Event()
        self._server = _Listener(("127.0.0.1", 0), self._handler())
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate, certificate.key)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    def __enter__(self: Own) -> Own:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        """``host:port``."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self._tls else 'http'}://{self.endpoint}"

    def _noted(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Request:
        with self._lock:
            self.requests.append(Request(len(self.requests) + 1, method, path, headers, body))
            return self.requests[-1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = outer._rule(outer._noted(self.command, self.path, dict(self.headers), body))
                if isinstance(answer, str):
                    if answer == SILENCE:
                        outer._ends.wait()
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                length = len(answer.body) if answer.length is None else answer.length
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status not in (204, 304):
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)
                # Whoever waits for the rest shall see that it does not come.
                self.close_connection = self.command != "HEAD" and length > len(answer.body)

            do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = do_CONNECT = serve

        return Handler
