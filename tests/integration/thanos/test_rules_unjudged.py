# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and scrape jobs that nothing judges before pods do: that is told, once for a run, and not without any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import Cluster

pytestmark = pytest.mark.api
TOLD = "promtool is not on the PATH"
RULES = {"a.yaml": {"groups": [{"name": "g", "rules": [{"record": "x", "expr": "sum("}]}]}}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("instances", "times"),
    [
        ({"ruler": {"rules": RULES}, "second": {"tier": "ruler", "rules": RULES}}, 1),
        ({"ruler": {"test_alert": True, "alertmanagers": ["http://am:9093"]}}, 0),
        ({"query": {}}, 0),
        ({"sidecar": {"scrape_configs": [{"job_name": "x"}]}, "ruler": {"rules": RULES}}, 1),
        ({"sidecar": {"scrape_configs": [{"job_name": "x"}]}}, 1),
        ({"sidecar": {}}, 0),
    ],
)
def test_missing_promtool_is_told_where_there_are_rules_or_jobs(
    cluster: Cluster,
    instances: dict[str, Any],
    times: int,
    check: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not cluster.secret().failed
    result = cluster.stack(instances, check=check)
    assert not result.failed, result["msg"]
    assert result.warnings.count(TOLD) == times


def test_promtool_that_is_killed_is_a_warning_and_not_the_end(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "promtool"
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert not cluster.secret().failed
    result = cluster.stack({"ruler": {"rules": RULES}})
    assert not result.failed, result["msg"]
    assert "instances.ruler.rules: promtool was ended by signal 9, so that nothing judged the" in result.warnings
