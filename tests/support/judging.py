# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts of verify on answers that a test makes up."""

from __future__ import annotations

from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod, Reply
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks import CHECKS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, expectations

NOW = 1_800_000_000.0
HOUR = 3600.0


def pod(name: str, instance: str, image: str = "", ready: bool = True) -> Pod:
    return Pod(
        name, f"thanos-{instance}", "monitoring", "10.0.0.9", "10.99.0.11", ready, "", {f"thanos-{instance}": image}
    )


def expect(**instances: dict[str, Any]) -> Expectations:
    stack = parse({"cluster": "eu", "instances": instances})
    return expectations(stack)


def judge(check: str, expected: Expectations, pods: list[Pod], bodies: dict[str, Any]) -> list[Finding]:
    """The lines of a check when each question whose path and query contain a key gets that body."""
    answers = Answers(tuple(pods))
    for _round in range(8):
        lines = CHECKS[check](expected, answers)
        for question in answers.wanted:
            text = f"{question.where}{question.path}{dict(question.query)}"
            body = next(body for key, body in bodies.items() if key in text)
            answers.replies[question] = body if isinstance(body, Reply) else Reply(body, now=NOW)
        if not answers.wanted:
            return lines
        answers.wanted.clear()
    raise AssertionError(f"{check} never stops asking")
