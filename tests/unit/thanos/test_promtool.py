# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A promtool that gives no judgement is a warning, and what it judged before counts. What it says of jobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import _Module
from ansible_collections.o11y.thanos.plugins.module_utils._body import Command, body
from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes import engine
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import promtool
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.gather import Gathered
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.prometheus import each_job
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.run import deploy
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.versions import DEFAULT_PROMETHEUS, minor
from ansible_collections.o11y.thanos.plugins.plugin_utils import _worker

from .cases import FACTS


def command_of_a_module() -> Command:
    with patch_module_args({}):
        return _Module(body({}, lambda _raw: [], lambda _params, _mode: {}), {}).command


WAYS = {"plugin": lambda: _worker.command, "module": command_of_a_module}
GOOD = "groups: [{name: g, rules: [{record: x, expr: y}]}]"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("#!/bin/sh\nexec sleep 60\n", "did not end within 0.2 seconds"),
        ("#!/bin/sh\nkill -9 $$\n", "was ended by signal 9"),
        ("#!/there/is/no/such/shell\n", "cannot be started: No such file or directory"),
        ("neither a script nor a program", "cannot be started: Exec format error"),
    ],
)
def test_promtool_that_gives_no_judgement_is_a_warning(
    script: str, why: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "promtool").write_text(script)
    (tmp_path / "promtool").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(promtool, "SECONDS", 0.2)
    problems, warnings = promtool.problems_of({"a.yaml": GOOD, "b.yaml": GOOD}, "instances.ruler.rules", WAYS[way]())
    assert problems == []
    assert warnings == [
        f"instances.ruler.rules: promtool {why}, so that nothing judged the expressions and templates of a.yaml and "
        "what follows it: what is wrong with them shows when a ruler refuses to load them"
    ]


@pytest.mark.parametrize("way", WAYS)
def test_what_promtool_says_is_a_mistake(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "promtool").write_text('#!/bin/sh\necho "$4: no \\$HOME" >&2\nexit 1\n')
    (tmp_path / "promtool").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (finding,), warnings = promtool.problems_of({"a.yaml": GOOD}, "instances.ruler.rules", WAYS[way]())
    assert warnings == []
    assert str(finding) == "instances.ruler.rules: a.yaml: promtool: a.yaml: no $HOME."


# Refuses jobs with the key "bad" as promtool does, and says something else of those with the key "odd".
JOBS_JUDGED = """#!/bin/sh
[ "$1" = --version ] && { echo "promtool, version RELEASE (branch: x)"; exit 0; }
shift 3
for file; do
  echo "Checking $file"
  if grep -q '"bad"' "$file"; then
    echo 'time=2026-12-01T00:00:00Z level=WARN msg="of itself"' >&2
    printf '  FAILED: parsing YAML file %s: yaml: unmarshal errors:\\n  line 1: field bad not found\\n\\n' "$file" >&2
    printf 'level=warn msg="of itself: \\377"\\n' >&2
    ended=1
  elif grep -q '"odd"' "$file"; then
    printf '  FAILED: no target\\n\\n' >&2
    ended=1
  fi
done
exit ${ended:-0}
"""
OWN = f"{minor(DEFAULT_PROMETHEUS)}.99"
MINE: dict[str, Any] = {"scrape_configs": [{"job_name": name, name: 1} for name in ("good", "bad", "odd", "bad")]}
MINE["scrape_configs"][3]["job_name"] = "bad too"
SAID = "yaml: unmarshal errors: field bad not found"
BAD = [f"instances.sidecar.scrape_configs[{i}]: promtool: {SAID}." for i in (1, 3)]


def judged(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> tuple[list[str], list[str]]:
    """(mistakes, warnings about jobs) of a run that has this promtool; it ends before it asks the cluster."""
    (folder / "promtool").write_text(script)
    (folder / "promtool").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setattr(engine, "run", lambda *_arguments: engine.Outcome())
    stack = parse({"cluster": "eu", "instances": {"sidecar": {**MINE, **options}}})
    nobody: Any = None
    try:
        outcome = deploy(nobody, stack, engine.Settings(), Gathered(FACTS, ()), command=_worker.command)
    except InvalidInput as error:
        return list(error.problems), []
    return [], [text for text in outcome.warnings if "scrape_configs" in text]


@pytest.mark.parametrize(
    ("options", "release", "mistakes"),
    [
        ({}, OWN, BAD),
        ({"prometheus_version": "3.5.1"}, "3.5.0", BAD),
        ({"prometheus_image": "mirror/prometheus:v3.5.1"}, "3.5.0", BAD),
        ({}, "3.5.0", []),
        ({}, "unknown", []),
        ({"prometheus_image": "mirror/prometheus:latest"}, OWN, []),
        ({"prometheus_extra_args": ["--enable-feature=utf8-names"]}, OWN, []),
    ],
)
def test_job_is_refused_where_promtool_is_of_the_release_of_the_pods(
    options: dict[str, Any], release: str, mistakes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judged(JOBS_JUDGED.replace("RELEASE", release), tmp_path, monkeypatch, **options)[0] == mistakes


def test_what_a_promtool_of_another_release_says_of_jobs_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubt = f"promtool 3.5.0 says, which may not hold for the Prometheus {DEFAULT_PROMETHEUS} of the pods"
    assert judged(JOBS_JUDGED.replace("RELEASE", "3.5.0"), tmp_path, monkeypatch) == (
        [],
        [
            f"instances.sidecar.scrape_configs[1]: {doubt}: {SAID}",
            f"instances.sidecar.scrape_configs[3]: {doubt}: {SAID}",
            f"instances.sidecar.scrape_configs: {doubt}: no target",
        ],
    )


def test_what_promtool_alone_is_strict_about_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = MINE["scrape_configs"]
    found = judged(JOBS_JUDGED.replace("RELEASE", OWN), tmp_path, monkeypatch, scrape_configs=[jobs[0], jobs[2]])
    assert found == ([], [f"instances.sidecar.scrape_configs: promtool {OWN} says: no target"])


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (
            "#!/bin/sh\nkill -9 $$\n",
            "instances.sidecar.scrape_configs: promtool was ended by signal 9, so that nothing judged the jobs: what "
            "is wrong with them shows when Prometheus does not start with them",
        ),
        (
            "#!/bin/sh\necho \"promtool: error: unknown long flag '--syntax-only'\" >&2\nexit 1\n",
            "instances.sidecar.scrape_configs: promtool only said: promtool: error: unknown long flag '--syntax-only', "
            "so that nothing judged the jobs: what is wrong with them shows when Prometheus does not start with them",
        ),
    ],
)
def test_promtool_that_does_not_judge_jobs_is_a_warning(
    script: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judged(script, tmp_path, monkeypatch) == ([], [told])


def test_jobs_of_aws_are_judged_in_a_region_and_one_that_names_its_own_as_it_is() -> None:
    jobs = [{"job_name": "a", "ec2_sd_configs": [{"port": 1}, {"region": "eu-west-1"}]}, {"job_name": "b"}]
    (sidecar,) = parse({"cluster": "eu", "instances": {"sidecar": {"scrape_configs": jobs}}}).instances
    first, second = (json.loads(text)["scrape_configs"] for text in each_job(sidecar).values())
    assert [entry["region"] for entry in first[0]["ec2_sd_configs"]] == ["us-east-1", "eu-west-1"]
    assert second == [{"job_name": "b"}]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {promtool.RULES: True},
            "judged the expressions and templates of rules: what is wrong with them shows when a r",
        ),
        ({promtool.JOBS: True}, "judged scrape jobs: what is wrong with them shows when Prometheus does not start"),
        (
            {promtool.RULES: True, promtool.JOBS: True},
            "judged the expressions and templates of rules and scrape jobs: what is wrong with them shows when a ruler "
            "refuses to load them or Prometheus does not start with them",
        ),
    ],
)
def test_missing_promtool_is_told(
    given: dict[str, bool], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (text,) = promtool.unjudged(given)
    assert told in text
    assert promtool.unjudged(dict.fromkeys(given, False)) == []
