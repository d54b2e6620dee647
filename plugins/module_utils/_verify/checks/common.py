# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several checks say in the same words."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, Workload
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PENDING, Line


def waiting(check: str, workloads: Iterable[Workload], answers: Answers) -> list[Line]:
    """A pending line for each instance that has fewer ready pods than it should; ``pods`` says what is wrong with them."""
    return [
        Line(PENDING, check, f"waits for its pods: {ready} of {workload.replicas} are ready", workload.instance, soon=True)
        for workload in workloads
        if (ready := len(answers.ready(workload))) < workload.replicas
    ]


def silent(check: str, pod: Pod, error: str) -> Line:
    """A ready pod did not give the answer that it should."""
    return Line(
        FAIL, check, f"did not answer: {error}", pod.name, "an answer", error, f"kubectl -n {pod.namespace} logs {pod.name}"
    )


def first_querier(expected: Expectations, answers: Answers) -> Pod | None:
    """A querier that can be asked; None without one."""
    return next((pod for q in expected.queriers for pod in answers.ready(q.workload)), None)
