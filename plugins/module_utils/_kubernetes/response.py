# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer of the API server, and the error that a refusal is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import Failure


@dataclass(frozen=True)
class Response:
    """An answer: ``headers`` with lower-case names, ``body`` the parsed JSON or None, ``text`` as it came."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


class ApiError(Failure):
    """The API server refused a request or gave no answer (status 0)."""

    def __init__(self, sentence: str, status: int = 0, reason: str = "", message: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason
        self.message = message or sentence

    def said(self, sentence: str) -> ApiError:
        """The same in other words; itself where there are none."""
        return ApiError(sentence, self.status, self.reason) if sentence else self


def parsed(status: int, headers: Any, data: bytes | str | None) -> Response:
    """The answer that came as ``data``, which need not be JSON; ``headers`` is what an HTTP library calls so."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data or "")
    try:
        body = json.loads(text) if text else None
    except ValueError:
        body = None
    return Response(status, {str(key).lower(): str(value) for key, value in headers.items()}, body, text)
