# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A promtool that gives no judgement is a warning, and what it judged before counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import _Module
from ansible_collections.o11y.thanos.plugins.module_utils._body import Command, body
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import promtool
from ansible_collections.o11y.thanos.plugins.plugin_utils import _worker


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
