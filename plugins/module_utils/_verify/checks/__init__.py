# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks by name, in the order of the report.

A check is two pure functions. ``questions`` says what it wants to know, given what is known so far: it is called again
after each round of answers, until it asks nothing new. ``judge`` turns the answers into lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Question
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks import (
    alerts,
    compactor,
    endpoints,
    history,
    pods,
    queries,
    rules,
    upload,
)
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import Line


@dataclass(frozen=True)
class Check:
    """One check of the report."""

    questions: Callable[[Expectations, Answers], list[Question]]
    judge: Callable[[Expectations, Answers], list[Line]]


CHECKS: dict[str, Check] = {
    "pods": Check(pods.questions, pods.judge),
    "endpoints": Check(endpoints.questions, endpoints.judge),
    "fresh": Check(queries.fresh_questions, queries.fresh),
    "dedup": Check(queries.dedup_questions, queries.dedup),
    "clean": Check(queries.clean_questions, queries.clean),
    "history": Check(history.questions, history.judge),
    "compactor": Check(compactor.questions, compactor.judge),
    "rules": Check(rules.questions, rules.judge),
    "alerts": Check(alerts.questions, alerts.judge),
    "upload": Check(upload.questions, upload.judge),
}
