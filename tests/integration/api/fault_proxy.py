# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP proxy in front of a real API server that fails where a test wants it to."""

from __future__ import annotations

import http
import http.client
import json
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from tests.testbed.control_plane import ControlPlane

# What happens to a request: None (forwarded), a status with headers, "cut" (dropped unseen), "lost" (the server acts,
# and the answer is dropped).
Fault = tuple[int, dict[str, str]] | str | None


@dataclass(frozen=True)
class Request:
    """One request, with its number from 1."""

    number: int
    method: str
    path: str


Rule = Callable[[Request], Fault]


class FaultProxy:
    """Listens in plain HTTP and forwards to the API server as its admin; counts requests and connections."""

    def __init__(self, plane: ControlPlane, rule: Rule) -> None:
        self.rule = rule
        self.requests: list[Request] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._target = urllib.parse.urlsplit(plane.url)
        self._context = ssl.create_default_context(cafile=str(plane.ca_file))
        self._context.load_cert_chain(plane.admin.certificate, plane.admin.key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _noted(self, method: str, path: str) -> Request:
        with self._lock:
            self.requests.append(Request(len(self.requests) + 1, method, path))
            return self.requests[-1]

    def _forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        host, port = self._target.hostname or "", self._target.port
        connection = http.client.HTTPSConnection(host, port, timeout=30, context=self._context)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                proxy.connections += 1
                super().setup()

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def serve(self) -> None:
                method = self.command
                fault = proxy.rule(proxy._noted(method, self.path))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if isinstance(fault, tuple):
                    status = {
                        "kind": "Status",
                        "code": fault[0],
                        "reason": http.HTTPStatus(fault[0]).phrase.replace(" ", ""),
                        "message": "injected by the test",
                    }
                    self.answer(fault[0], {**fault[1], "Content-Type": "application/json"}, json.dumps(status).encode())
                    return
                if fault != "cut":
                    passed = {n: self.headers[n] for n in ("Accept", "Content-Type") if n in self.headers}
                    try:
                        code, form, text = proxy._forward(method, self.path, body, passed)
                    except OSError:
                        fault = "lost"
                if fault is None:
                    self.answer(code, {"Content-Type": form}, text)
                else:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)

            do_GET = do_POST = do_PATCH = do_DELETE = serve

        return Handler
