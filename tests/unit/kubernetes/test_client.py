# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves the SDK, whatever its release: the matrix has the oldest one that is allowed, too."""

from __future__ import annotations

from typing import Any

import pytest
from urllib3 import HTTPResponse

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import APPLY
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect


def test_object_for_server_side_apply_leaves_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    client = connect({"host": "https://api.example:6443", "api_key": "x"})
    sent: list[tuple[str, str]] = []

    def request(_method: str, _url: str, *, body: bytes, headers: dict[str, str], **_more: Any) -> HTTPResponse:
        sent.append((body.decode(), headers["Content-Type"]))
        return HTTPResponse(b"{}", status=200)

    monkeypatch.setattr(client._api.client.rest_client.pool_manager, "request", request)
    client.request(
        "PATCH", "/api/v1/namespaces/monitoring/configmaps/x", body={"data": {"a": "\U0001f680"}}, content_type=APPLY
    )
    ((body, content_type),) = sent
    assert body == '{"data": {"a": "\U0001f680"}}'
    assert content_type.startswith(APPLY)
