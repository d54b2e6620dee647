# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the API server's proxy did not reach a pod: what lies between the two, by the words of the server. Pure."""

from __future__ import annotations

import re

_UNREACHED = "error trying to reach service"
# Whoever answers with it has taken or not taken the connection: (what the server says, what that is a sign of).
_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"connection reset by peer|\bEOF\b|broken pipe"),
        "something closes the API server's connections to this port, as a service mesh in strict mode does: exempt the "
        "port with pod_annotations (docs/rights.md)",
    ),
    (
        re.compile(r"i/o timeout|deadline exceeded|no route to host|network is unreachable"),
        "something between the API server and the pod drops what it sends, as a NetworkPolicy or a firewall does: let "
        "the API server reach this port (docs/rights.md)",
    ),
)


def with_cause(status: int, text: str) -> str:
    """What the proxy answered, with the likely cause where it could not reach the pod."""
    if status not in (502, 503, 504) or _UNREACHED not in text:
        return text
    return next((f"{text}; {cause}" for sign, cause in _SIGNS if sign.search(text)), text)
