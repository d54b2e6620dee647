# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of flags against the real Thanos, and rules against the real promtool."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos import promtool
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.flags import name_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.versions import DEFAULT_THANOS
from ansible_collections.o11y.thanos.plugins.plugin_utils._worker import command
from tests.testbed.binaries import path_of

_FLAG = re.compile(r"^ {2,6}(?:-[a-z], )?--(\[no-\])?([a-z0-9][a-z0-9._-]+)", re.MULTILINE)


def said(*arguments: str) -> str:
    """Everything that the real Thanos prints."""
    done = subprocess.run([str(path_of("thanos")), *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("tier", TIERS)
def test_table_holds_the_flags_of_the_help_and_no_others(tier: str) -> None:
    shown = {name: bool(no) for no, name in _FLAG.findall(said(*TIERS[tier].command.split(), "--help"))}
    known = {n: f.boolean for n, f in TIERS[tier].flags.items() if not f.hidden and f.exists_in(DEFAULT_THANOS)}
    assert known == {name: boolean for name, boolean in shown.items() if name not in ("help", "version")}


@pytest.mark.parametrize("tier", TIERS)
def test_hidden_flags_of_the_table_are_known_to_the_program(tier: str) -> None:
    hidden = [n for n, f in TIERS[tier].flags.items() if f.hidden and f.exists_in(DEFAULT_THANOS)]
    assert [n for n in hidden if "unknown long flag" in said(*TIERS[tier].command.split(), f"--{n}", "--help")] == []


@pytest.mark.parametrize("tier", TIERS)
def test_every_rendered_flag_is_in_the_table(tier: str) -> None:
    stack = parse({"cluster": "eu", "instances": {tier: {}}})
    every = [argument for workload in stack.workloads(stack.instances[0]) for argument in workload.args]
    args = [argument for argument in every if argument.startswith("--")]
    names = [name_of(argument).removeprefix("no-") for argument in args]
    assert [name for name in names if name not in TIERS[tier].flags] == []


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """promtool is found on the PATH."""
    (tmp_path / "promtool").symlink_to(path_of("promtool"))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


@pytest.mark.usefixtures("on_path")
def test_expression_that_does_not_parse_is_named_with_its_file() -> None:
    text = "groups: [{name: g, partial_response_strategy: warn, rules: [{record: x, expr: 'sum('}]}]"
    (finding,), warnings = promtool.problems_of({"a.yaml": text}, "instances.ruler.rules", command)
    assert warnings == []
    sentence = str(finding)
    assert sentence.startswith("instances.ruler.rules: a.yaml: promtool:")
    assert "parse error" in sentence


@pytest.mark.usefixtures("on_path")
def test_sound_rules_with_keys_of_thanos_pass() -> None:
    text = "groups: [{name: g, partial_response_strategy: warn, rules: [{record: x, expr: 'sum(up)'}]}]"
    assert promtool.problems_of({"a.yaml": text}, "rules", command) == ([], [])
