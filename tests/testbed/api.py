# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few requests that the testbed itself sends to an API server, with the standard library only."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.testbed.errors import TestbedError
from tests.testbed.pki import Certificate


@dataclass(frozen=True)
class Answer:
    """Status and JSON body (None when it is not JSON) of one request."""

    status: int
    body: Any


class Api:
    """Requests to one API server in the name of a client certificate."""

    def __init__(self, url: str, ca_file: Path, client: Certificate) -> None:
        parts = urllib.parse.urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._ca_file = ca_file
        self._client = client

    def request(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Answer:
        """Send one request; raises OSError when no answer comes."""
        context = ssl.create_default_context(cafile=str(self._ca_file))
        context.load_cert_chain(self._client.certificate, self._client.key)
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=10, context=context)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, body=data, headers={"Content-Type": content_type})
            response = connection.getresponse()
            text = response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"broken answer of {self._host}:{self._port}: {error}") from error
        finally:
            connection.close()
        try:
            return Answer(response.status, json.loads(text))
        except ValueError:
            return Answer(response.status, None)

    def succeeds(self, path: str) -> bool:
        """Whether a GET of ``path`` is answered with 200; no answer counts as no."""
        try:
            return self.request("GET", path).status == 200
        except OSError:
            return False

    def must(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """The body of the answer; raises TestbedError when it is an error."""
        answer = self.request(method, path, body, content_type)
        if answer.status >= 400:
            message = answer.body.get("message") if isinstance(answer.body, dict) else answer.body
            raise TestbedError(f"{method} {path} was answered with {answer.status}: {message}")
        return answer.body
