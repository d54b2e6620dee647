# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP proxy in front of a real API server that fails where a test wants it to."""

from __future__ import annotations

import http
import json
import ssl
from collections.abc import Callable, Mapping

from tests.support.http_server import CUT, Answer, HttpServer, Request, forward
from tests.testbed.control_plane import ControlPlane

# What happens to a request: None (forwarded), a status with headers, "cut" (dropped unseen), "lost" (the server acts,
# and the answer is dropped).
Fault = tuple[int, dict[str, str]] | str | None
Rule = Callable[[Request], Fault]
__all__ = ["Fault", "FaultProxy", "Request", "Rule"]


class FaultProxy(HttpServer):
    """Listens in plain HTTP and forwards to the API server as its admin; counts requests and connections."""

    def __init__(self, plane: ControlPlane, rule: Rule) -> None:
        context = ssl.create_default_context(cafile=str(plane.ca_file))
        context.load_cert_chain(plane.admin.certificate, plane.admin.key)

        def serve(request: Request) -> Answer | str:
            fault = rule(request)
            if isinstance(fault, tuple):
                return _failed(*fault)
            if fault == CUT:
                return CUT
            # The client's token is not one; the proxy's certificate counts.
            mine = {name: request.headers[name] for name in ("Accept", "Content-Type") if name in request.headers}
            asked = Request(request.number, request.method, request.path, mine, request.body)
            try:
                answer = forward(plane.url, asked, context)
            except OSError:
                return CUT
            return answer if fault is None else CUT

        super().__init__(serve)


def _failed(status: int, headers: Mapping[str, str]) -> Answer:
    body = {
        "kind": "Status",
        "code": status,
        "reason": http.HTTPStatus(status).phrase.replace(" ", ""),
        "message": "injected by the test",
    }
    return Answer(status, {**headers, "Content-Type": "application/json"}, json.dumps(body).encode())
