# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of all tests tells the truth: what failed, what was not run, what a machine lacks."""

from __future__ import annotations

import pytest

from tests.tasks import needs
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
        ("Linux", 1000, (1, 26), "root (you are user 1000)"),
        ("Linux", 0, (1, 19), "Go 1.26 or newer (this is 1.19)"),
        ("Linux", 0, None, "no `go` on the PATH"),
        ("Darwin", 501, (1, 26), "a Debian system (this is Darwin"),
    ],
)
def test_missing_need_is_named_with_what_still_works(
    system: str,
    user: int,
    go: tuple[int, int] | None,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr("shutil.which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(needs, "go_version", lambda: go)
    assert needs.main(["test"]) == 1
    sentence = capsys.readouterr().err
    assert told in sentence
    assert "make check" in sentence
