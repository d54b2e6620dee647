# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alerts that the page about receive shows, as promtool evaluates them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.guides import section
from tests.tasks.tree import ROOT
from tests.testbed.build import build
from tests.testbed.progress import Progress

PAGE = ROOT / "docs" / "receive.md"
JOB = 'job="thanos-receive",cluster="eu"'


def up(ring: str, *values: str) -> list[tuple[str, str]]:
    """The series ``up`` of a ring's ingestors."""
    return [(f'up{{{JOB},pod="thanos-receive-{ring}-{i}"}}', each) for i, each in enumerate(values)]


def routers(counter: str, ring: str = "default") -> list[tuple[str, str]]:
    """What two routers of one ring of three tell; ``counter`` are the writes that the first one refused."""
    pods = ("thanos-receive-router-5d9c7b-abcde", "thanos-receive-router-5d9c7b-x2345")
    sizes = [(f'thanos_receive_hashring_nodes{{{JOB},name="{ring}",pod="{pod}"}}', "3x60") for pod in pods]
    alive = [(f'up{{{JOB},pod="{pod}"}}', "1x60") for pod in pods]
    refused = f'http_requests_total{{{JOB},handler="receive",code="503",pod="{pods[0]}"}}'
    return [*sizes, *alive, (refused, counter)]


HEALTHY = [*up("default", "1x60", "1x60", "1x60"), *routers("0x60")]
BOUND = f'prometheus_tsdb_out_of_bound_samples_total{{{JOB},tenant="shop",pod="thanos-receive-default-0"}}'
CASES: dict[str, tuple[list[tuple[str, str]], dict[str, dict[str, str]]]] = {
    "all is well": (HEALTHY, {}),
    "one ingestor of three is away": (
        [*up("default", "1x60", "1x60", "0x60"), *routers("0x60")],
        {"ReceiveIngestorAway": {"cluster": "eu", "name": "default", "severity": "critical"}},
    ),
    "its pod is gone, and a standby runs": (
        [*up("default", "1x60", "1x60"), *up("spare", "1x60", "1x60", "1x60"), *routers("0x60")],
        {"ReceiveIngestorAway": {"cluster": "eu", "name": "default", "severity": "critical"}},
    ),
    "a name with a dash": (
        [*up("team-a", "1x60", "0x60", "1x60"), *routers("0x60", "team-a")],
        {"ReceiveIngestorAway": {"cluster": "eu", "name": "team-a", "severity": "critical"}},
    ),
    "writes are refused": (
        [*up("default", "1x60", "1x60", "1x60"), *routers("0+6x60")],
        {"ReceiveWritesRefused": {"cluster": "eu", "severity": "critical"}},
    ),
    "samples come too late": (
        [*HEALTHY, (BOUND, "0+1x60")],
        {"ReceiveSamplesOutOfBound": {"cluster": "eu", "tenant": "shop", "severity": "warning"}},
    ),
}


@pytest.fixture(scope="module")
def promtool() -> Path:
    """The program, which needs no server."""
    return build(("promtool",), Progress(quiet=True))["promtool"]


@pytest.mark.parametrize(("series", "fires"), CASES.values(), ids=CASES)
def test_alert_fires_when_it_is_to_and_not_before(
    promtool: Path, tmp_path: Path, series: list[tuple[str, str]], fires: dict[str, dict[str, str]]
) -> None:
    (block,) = (text.split("\n```", 1)[0] for text in section(PAGE, "Alerts").split("```yaml\n")[1:])
    rules: dict[str, Any] = yaml.safe_load(block)["thanos_ruler"]["rules"]["receive.yml"]
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    summaries = {rule["alert"]: rule["annotations"] for group in rules["groups"] for rule in group["rules"]}
    asked = [
        {
            "alertname": name,
            "eval_time": "30m",
            "exp_alerts": [{"exp_labels": fires[name], "exp_annotations": said}] if name in fires else [],
        }
        for name, said in summaries.items()
    ]
    inputs = [{"series": name, "values": values} for name, values in series]
    test = {"interval": "1m", "input_series": inputs, "alert_rule_test": asked}
    (tmp_path / "test.json").write_text(json.dumps({"rule_files": ["rules.json"], "tests": [test]}))
    done = subprocess.run(
        [promtool, "test", "rules", "test.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
