# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of all tests tells the truth: what failed, what was not run, what a machine lacks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.tasks import __main__, needs, sanity, tested, tree, venv
from tests.tasks.phases import Phase, clock, run

PASS = Phase("passes", (("true",),))
FAIL = Phase("fails", (("false",), ("echo", "after a failure")))


def test_all_phases_passed_is_success(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([PASS]) == 0
    assert "all passed" in capfd.readouterr().out


def test_phases_after_a_failed_one_still_run(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([FAIL, PASS]) == 1
    said = capfd.readouterr().out
    assert "== passes: ok" in said
    assert "FAILED: fails in" in said


def test_a_failed_command_ends_its_phase(capfd: pytest.CaptureFixture[str]) -> None:
    run([FAIL])
    assert "after a failure" not in capfd.readouterr().out


def test_nothing_but_tidying_follows_a_failed_set_up(capfd: pytest.CaptureFixture[str]) -> None:
    set_up = Phase("set-up", (("false",),), needed=True)
    tidy = Phase("tidy", (("echo", "tidied"),), tidies=True)
    assert run([set_up, PASS, tidy]) == 1
    said = capfd.readouterr().out
    assert "== passes" not in said
    assert "tidied" in said


def test_phase_beside_others_lets_them_run_and_its_output_stays_in_one_piece(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It can only end once the phase after it runs."""
    waits = f"echo begins; until test -e {tmp_path}/there; do sleep 0.1; done; echo ends; exit 3"
    waiting = Phase("waits", (("sh", "-c", waits),), beside=True)
    other = Phase("goes on", (("touch", f"{tmp_path}/there"),))
    assert run([waiting, other]) == 1
    said = capfd.readouterr().out
    assert "begins\nends\n== waits: FAILED" in said
    assert said.index("== goes on: ok") < said.index("begins")
    assert "FAILED: waits in" in said


def test_a_program_that_is_not_there_fails_its_phase(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([Phase("absent", (("no-such-program",),))]) == 1
    assert "no-such-program is not installed" in capfd.readouterr().err


def test_phases_do_not_wait_for_input() -> None:
    assert run([Phase("reads", (("cat",),))]) == 0


@pytest.mark.parametrize(("seconds", "text"), [(4.23, "4.2 s"), (59.9, "59.9 s"), (187, "3 min 07 s")])
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("system", "user", "go", "told"),
    [
        ("Linux", 1000, None, "make test needs root (you are user 1000); "),
        ("Linux", 0, "a Go", "make test needs a Go; "),
        ("Linux", 1000, "a Go", "make test needs root (you are user 1000) and a Go; "),
        ("Darwin", 501, None, "make test needs a Debian system (this is Darwin"),
    ],
)
def test_missing_need_is_named_with_what_still_works(
    system: str,
    user: int,
    go: str | None,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr("shutil.which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(needs, "lacks", lambda _compiler: go)
    assert needs.main(["test"]) == 1
    sentence = capsys.readouterr().err
    assert told in sentence
    assert "make check" in sentence


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without a virtual environment, in a folder that we may not write to."""
    (tmp_path / "dev.txt").write_text("-r more.txt\nsomething\n")
    (tmp_path / "more.txt").write_text("something else\n")
    monkeypatch.setattr(venv, "collections_path", lambda: None)
    monkeypatch.setattr(venv, "ROOT", tmp_path)
    monkeypatch.setattr(venv, "REQUIREMENTS", tmp_path / "dev.txt")
    monkeypatch.setattr(venv, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(venv, "STAMP", tmp_path / ".venv/stamp")
    monkeypatch.setattr(venv, "PROGRAM", tmp_path / ".venv/bin/python")
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    return tmp_path


def test_checkout_of_another_user_ends_in_one_sentence(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert tree.run_told(venv.main) == 1
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert f"may not use {checkout}: permission denied, and {checkout} belongs to user " in said.err
    assert "run make as that user, or in a clone of your own" in said.err


def test_checks_of_a_checkout_that_cannot_hold_their_caches_are_not_begun(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    monkeypatch.setattr(__main__, "run", lambda _phases: 0)
    assert tree.run_told(lambda: __main__.main(["check"])) == 1
    assert f"may not use {tree.ROOT}: permission denied" in capfd.readouterr().err


def test_environment_that_is_up_to_date_may_belong_to_anyone(checkout: Path) -> None:
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").touch()
    (checkout / ".venv/stamp").write_text(venv.fingerprint())
    assert venv.main() == 0


def test_environment_whose_python_has_gone_is_not_up_to_date(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv/stamp").write_text(venv.fingerprint())
    assert tree.run_told(venv.main) == 1


def test_environment_is_renewed_when_a_file_that_the_requirements_include_changes(checkout: Path) -> None:
    before = venv.fingerprint()
    (checkout / "more.txt").write_text("something newer\n")
    assert venv.fingerprint() != before


def test_requirements_that_cannot_be_installed_end_in_a_sentence(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: True)
    program = checkout / ".venv/bin/python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    os.link(program, program.with_name("pip"))
    assert venv.main() == 1
    assert "pip could not install pip>=23.1, as it says above" in capfd.readouterr().err
    assert not (checkout / ".venv/stamp").exists()


def test_requirement_that_is_an_archive_elsewhere_is_taken_from_the_index(tmp_path: Path) -> None:
    file = tmp_path / "sanity.pylint.txt"
    file.write_text("# made by a program\nastroid==4.0.4\ndill @ https://example.org/1.zip#sha256=0a\nisort==9.0.1\n")
    sanity.take_from_index(file)
    assert file.read_text() == "# made by a program\nastroid==4.0.4\ndill\nisort==9.0.1\n"


def test_environments_of_sanity_whose_python_is_gone_are_made_anew(tmp_path: Path) -> None:
    there = {name: tmp_path / "sanity" / "3.13" / name / "bin" / "python" for name in ("whole", "broken")}
    for name, python in there.items():
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable if name == "whole" else tmp_path / "gone")
    sanity.forget_broken(tmp_path)
    assert [path.name for path in (tmp_path / "sanity" / "3.13").iterdir()] == ["whole"]


def test_page_about_what_was_tested_is_as_the_tests_make_it() -> None:
    assert tested.table() in tested.PAGE.read_text(), "write it anew: python -m tests.tasks.tested"
