# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing but this collection masks what an action plugin returns, raises or tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.canary import leaks

if TYPE_CHECKING:
    from tests.integration.action.conftest import Plays

CANARY = "c4n4ry-in-a-worker-0001"
DEEDS = ("leak", "leak_in_key", "fail", "crash", "tell")


def test_secret_is_neither_shown_nor_logged_nor_registered(plays: Plays) -> None:
    tasks = [plays.trap(do, do, secret=CANARY) for do in DEEDS]
    # Refused by Ansible's own validation, which quotes values.
    tasks.append(plays.trap("look", "refused", secret=CANARY, number=f"x{CANARY}"))
    tasks.append(plays.trap("look", "unknown", secret=CANARY, no_such_option=CANARY))
    # A module masks all of it but keys.
    tasks += [plays.trap(do, f"module_{do}", module=True, secret=CANARY) for do in ("leak", "fail")]
    done = plays.run(tasks, "-vvv", "--diff")
    shown = "\n".join(line for line in done.text.splitlines() if '"do"' not in line)
    assert done["fail"]["report"] == {"line": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
    assert done["fail"]["msg"] == "no ********"
    assert "trap.trap.trap has a mistake: ValueError: bad ********" in done["crash"]["msg"]
    for output in (json.dumps(done.registered), shown, done.log):
        assert leaks(output, {"canary": CANARY}) == []


def test_progress_is_told_at_once_with_the_host_and_without_a_secret(plays: Plays) -> None:
    done = plays.run([plays.trap("tell", secret=CANARY)], hosts={"one": {}, "two": {}})
    for host in ("one", "two"):
        assert (
            done.text.index(f"{host}: first")
            < done.text.index(f"{host}: then ********")
            < done.text.index("PLAY RECAP")
        )
        assert f"{host}: first" in done.log
    assert CANARY not in done.text + done.log


def test_what_libraries_print_warn_of_and_log_is_not_shown(plays: Plays) -> None:
    done = plays.run([plays.trap("noise")])
    assert "by a library" not in done.text + done.log
