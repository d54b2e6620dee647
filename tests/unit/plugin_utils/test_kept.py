# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept from one task to the next: for whom, how long, and what never."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.o11y.thanos.plugins.plugin_utils._kept import LONGEST, RunKept
from tests.support.canary import leaks

QUESTION = ["bucket", {"name": "metrics", "secret_key": "canary-secret-key-value"}]


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.monotonic() + seconds
    monkeypatch.setattr(time, "monotonic", lambda: now)


def test_an_answer_is_taken_once_by_the_same_host_and_question(tmp_path: Path) -> None:
    RunKept(str(tmp_path), "one").put(QUESTION, {"found": [1, None, "text"]})
    assert RunKept(str(tmp_path), "two").take(QUESTION) is None
    assert RunKept(str(tmp_path), "one").take(["bucket", {"name": "others"}]) is None
    assert RunKept(str(tmp_path), "one").take(QUESTION) == {"found": [1, None, "text"]}
    assert RunKept(str(tmp_path), "one").take(QUESTION) is None


def test_an_answer_for_another_environment_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RunKept(str(tmp_path), "one").put(QUESTION, 1)
    monkeypatch.setenv("K8S_AUTH_CONTEXT", "another")
    assert RunKept(str(tmp_path), "one").take(QUESTION) is None


@pytest.mark.parametrize(("age", "answer"), [(LONGEST - 1, "yes"), (LONGEST + 1, None)])
def test_an_answer_is_no_older_than_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float, answer: str | None
) -> None:
    RunKept(str(tmp_path), "one").put(QUESTION, "yes")
    later(monkeypatch, age)
    assert RunKept(str(tmp_path), "one").take(QUESTION) == answer


@pytest.mark.parametrize("writer", ["one", "two"])
def test_a_write_for_any_host_makes_it_void(tmp_path: Path, writer: str) -> None:
    RunKept(str(tmp_path), "one").put(QUESTION, "before")
    RunKept(str(tmp_path), writer).forget()
    assert RunKept(str(tmp_path), "one").take(QUESTION) is None
    RunKept(str(tmp_path), "one").put(QUESTION, "after")
    assert RunKept(str(tmp_path), "one").take(QUESTION) == "after"


def test_what_was_asked_before_a_write_and_kept_after_it_is_void(tmp_path: Path) -> None:
    asking = RunKept(str(tmp_path), "one")
    RunKept(str(tmp_path), "two").forget()
    asking.put(QUESTION, "asked before")
    assert RunKept(str(tmp_path), "one").take(QUESTION) is None


def test_files_are_their_owners_and_hold_no_secret(tmp_path: Path) -> None:
    kept = RunKept(str(tmp_path), "one")
    kept.hide({"canary-secret-key-value"})
    kept.put(QUESTION, "sound")
    kept.put("another", {"told": ["the key canary-secret-key-value is wrong"]})
    kept.forget()
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert "sound" in text
    assert leaks(text, {"key": "canary-secret-key-value"}) == []
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"text"'])
def test_a_broken_file_counts_for_nothing(tmp_path: Path, text: str) -> None:
    kept = RunKept(str(tmp_path), "one")
    kept.put(QUESTION, 1)
    (file,) = tmp_path.iterdir()
    file.write_text(text, encoding="utf-8")
    assert kept.take(QUESTION) is None
    kept.put(QUESTION, 2)
    assert kept.take(QUESTION) == 2


def test_without_its_folder_everything_is_asked_again(tmp_path: Path) -> None:
    kept = RunKept(str(tmp_path / "gone"), "one")
    kept.put(QUESTION, 1)
    assert kept.take(QUESTION) is None
