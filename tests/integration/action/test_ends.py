# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However a task ends in the controller's process, nothing of it stays and nobody else waits for it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.waiting import until

if TYPE_CHECKING:
    from tests.integration.action.conftest import Plays


def test_folder_is_gone_after_success_and_failure(plays: Plays) -> None:
    note = plays.folder / "note"
    done = plays.run([plays.trap("keep", file=str(note), seconds=0)])
    assert done["it"]["kept"] == ["key"]
    assert not Path(note.read_text(encoding="utf-8")).exists()


def test_timeout_ends_the_task_its_folder_and_its_threads(plays: Plays) -> None:
    """A pool of Python's own would let this host's next task wait for what runs in it."""
    note, ended = plays.folder / "note", plays.folder / "ended"
    done = plays.run(
        [
            plays.trap("keep", "kept", file=str(note), timeout=2),
            plays.trap("threads", "threads", file=str(ended), timeout=2),
            plays.trap("look", "next"),
        ]
    )
    assert (done["kept"]["failed"], done["threads"]["failed"]) == (True, True)
    assert [done[name]["timedout"]["period"] for name in ("kept", "threads")] == [2, 2]
    assert done["next"]["where"] == "plugin"
    assert not ended.exists()
    assert not Path(note.read_text(encoding="utf-8")).exists()


def test_body_that_exits_fails_its_task_alone(plays: Plays) -> None:
    """Else: a worker was found in a dead state, and no host goes on."""
    done = plays.run([plays.trap("leave", "left"), plays.trap("look", "next")], hosts={"one": {}, "two": {}})
    assert [(host["left"]["failed"], host["next"]["where"]) for host in done.registered] == [(True, "plugin")] * 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_run_leaves_no_key(plays: Plays, number: signal.Signals) -> None:
    note = plays.folder / "note"
    run = subprocess.Popen(
        plays.command([plays.trap("keep", file=str(note))]),
        cwd=plays.folder,
        env=plays.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    folder = Path(until(lambda: note.read_text(encoding="utf-8")))
    assert (folder / "key").exists()
    os.killpg(run.pid, number)
    run.wait(timeout=30)
    until(lambda: not folder.exists(), 5)
