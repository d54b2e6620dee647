# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long verify asks again."""

from __future__ import annotations

import time

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._verify import rounds
from tests.support.judging import expect
from tests.unit.kubernetes.recorded import Recorded

NAMESPACE = "/api/v1/namespaces/monitoring"


def test_a_querier_that_somebody_scaled_to_nothing_is_told_in_the_first_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"slept for {seconds} s"))
    answers = {
        f"GET {NAMESPACE}/pods": (200, {"items": []}),
        "GET /version": (200, {"gitVersion": "v1.36.0"}),
        "GET /apis/apps/v1/namespaces/monitoring/deployments/thanos-query": (200, {"spec": {"replicas": 0}}),
    }
    report = rounds.verify(Recorded(answers=answers), expect(query={}), ["pods", "endpoints"], 600)
    assert "scaled it to 0 replicas" in next(line.what for line in report.lines if line.severity == "fail")
