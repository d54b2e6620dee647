# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks of ingestors beside the compactor of their bucket."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS

LATE = {"out_of_order_window": "30m"}
MERGED = {"deduplication_replica_labels": ["receive_replica"]}
OTHER = {"hashrings": [{"name": "default", "objstore": "cold"}]}


def judged(receive: dict[str, Any], compact: dict[str, Any]) -> tuple[list[str], list[str]]:
    problems, warnings = check(parse({"cluster": "eu", "instances": {"receive": receive, "compact": compact}}), FACTS)
    return [str(problem) for problem in problems], warnings


def test_compactor_that_would_halt_at_late_samples_is_refused() -> None:
    ((problem,), _warnings) = judged(LATE, {})
    assert problem.startswith("instances.compact would halt at the blocks of receive default: with out_of_order_window")


@pytest.mark.parametrize(
    ("receive", "compact"),
    [
        ({}, {}),
        ({"out_of_order_window": "0"}, {}),
        (LATE, MERGED),
        (LATE, {"extra_args": ["--compact.enable-vertical-compaction"]}),
        ({**LATE, **OTHER}, {}),
    ],
)
def test_compactor_that_merges_or_has_another_bucket_is_not(receive: dict[str, Any], compact: dict[str, Any]) -> None:
    assert judged(receive, compact)[0] == []


def test_compactor_that_would_leave_gaps_is_warned_of() -> None:
    (_problems, (warning,)) = judged({}, {**MERGED, "deduplication_func": "penalty"})
    assert "compact deduplicates with penalty" in warning
    assert judged(OTHER, {**MERGED, "deduplication_func": "penalty"})[1] == []
