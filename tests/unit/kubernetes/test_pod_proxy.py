# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of the API server's proxy are a sign of; the words are those of the real one."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.pod_proxy import with_cause

REACH = "error trying to reach service: "


@pytest.mark.parametrize(
    ("status", "said", "cause"),
    [
        (503, f"{REACH}read tcp 10.0.0.1:4->10.0.0.2:10902: read: connection reset by peer", "service mesh"),
        (503, f"{REACH}EOF", "service mesh"),
        (502, f"{REACH}unexpected EOF", "service mesh"),
        (503, f"{REACH}dial tcp 10.0.0.2:10902: i/o timeout", "NetworkPolicy"),
        (503, f"{REACH}dial tcp 10.0.0.2:10902: connect: no route to host", "NetworkPolicy"),
        (503, f"{REACH}dial tcp 10.0.0.2:10902: connect: connection refused", ""),
        (503, "no endpoints available for service", ""),
        (503, "store gateway: rpc error: connection reset by peer", ""),
        (200, f"{REACH}EOF", ""),
    ],
)
def test_answer_of_the_proxy_names_what_lies_between(status: int, said: str, cause: str) -> None:
    told = with_cause(status, said)
    assert told.startswith(said)
    assert (told == said) is (not cause)
    assert cause in told
