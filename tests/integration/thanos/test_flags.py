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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.versions import SUPPORTED, minor
from ansible_collections.o11y.thanos.plugins.plugin_utils._worker import command
from tests.support.as_rendered import running
from tests.testbed import versions
from tests.testbed.binaries import path_of

_FLAG = re.compile(r"^ {2,6}(?:-[a-z], )?--(\[no-\])?([a-z0-9][a-z0-9._-]+)", re.MULTILINE)


# Version → its program.
PROGRAMS = {versions.THANOS: "thanos", **{v: f"thanos-{release}" for release, v in versions.OTHER_THANOS.items()}}
EACH = pytest.mark.parametrize(
    "version", [versions.THANOS, *(pytest.param(v, marks=pytest.mark.slow) for v in versions.OTHER_THANOS.values())]
)


def said(version: str, *arguments: str) -> str:
    """Everything that the real Thanos prints."""
    command = [str(path_of(PROGRAMS[version])), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@EACH
@pytest.mark.parametrize("tier", TIERS)
def test_table_holds_the_flags_of_the_help_and_no_others(tier: str, version: str) -> None:
    shown = {name: bool(no) for no, name in _FLAG.findall(said(version, *TIERS[tier].command.split(), "--help"))}
    known = {n: f.boolean for n, f in TIERS[tier].flags.items() if not f.hidden and f.exists_in(version)}
    assert known == {name: boolean for name, boolean in shown.items() if name not in ("help", "version")}


@EACH
@pytest.mark.parametrize("tier", TIERS)
def test_hidden_flags_of_the_table_are_known_to_the_program(tier: str, version: str) -> None:
    command = TIERS[tier].command.split()
    hidden = [n for n, f in TIERS[tier].flags.items() if f.hidden and f.exists_in(version)]
    assert [n for n in hidden if "unknown long flag" in said(version, *command, f"--{n}", "--help")] == []


@EACH
@pytest.mark.parametrize("tier", TIERS)
def test_program_takes_what_is_rendered_for_it(tier: str, version: str, tmp_path: Path) -> None:
    stack = parse({"cluster": "eu", "version": version, "instances": {tier: {}}})
    for workload in stack.workloads(stack.instances[0]):
        args = [argument for argument in workload.args if name_of(argument) != "http-address"]
        args = [argument.replace("/var/thanos", str(tmp_path)) for argument in args]
        # It ends where it would listen or lacks a file, which is after its arguments were read.
        answer = said(version, *args, "--http-address=127.0.0.1:99999")
        assert "level=" in answer
        assert "parsing commandline" not in answer, answer


# What needs no server beside it; a frontend has a test of its own.
@EACH
@pytest.mark.parametrize("tier", ["store", "compact", "ruler", "bucket_web"])
def test_program_starts_as_it_is_rendered_and_becomes_ready(tier: str, version: str, tmp_path: Path) -> None:
    with running(tier, {"version": version}, tmp_path / tier, program=PROGRAMS[version]) as it:
        assert it.until_ready(), it.log.read_text(encoding="utf-8")
        assert it.counted("thanos_build_info", f'version="{version}"') == 1


@EACH
def test_frontend_answers_by_its_querier(version: str, tmp_path: Path) -> None:
    with running("query", {"version": version}, tmp_path / "query", program=PROGRAMS[version]) as querier:
        assert querier.until_ready(), querier.log.read_text(encoding="utf-8")
        options = {"version": version, "downstream_url": querier.url}
        with running("query_frontend", options, tmp_path / "front", program=PROGRAMS[version]) as front:
            assert front.until_ready(), front.log.read_text(encoding="utf-8")
            answer = front.get("/api/v1/query", query="vector(7)")
            assert answer["data"]["result"][0]["value"][1] == "7"


def test_each_supported_release_is_tried() -> None:
    assert sorted(map(minor, PROGRAMS)) == sorted(SUPPORTED)


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
