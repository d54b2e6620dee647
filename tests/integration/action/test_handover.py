# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task in check mode hands what it found out to the task after it, on real ansible-core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.action.conftest import Plays

HOSTS: dict[str, dict[str, Any]] = {f"host{number}": {} for number in range(4)}


def asked(plays: Plays, **more: Any) -> dict[str, Any]:
    return plays.trap("remember", "asked", check_mode=True, value="{{ inventory_hostname }}", **more)


def taken(plays: Plays, register: str = "it", **more: Any) -> dict[str, Any]:
    return plays.trap("remember", register, **more)


@pytest.mark.parametrize("hosts", [{"host0": {}}, HOSTS], ids=["one host", "several hosts"])
def test_every_host_takes_its_own_answer_once(plays: Plays, hosts: dict[str, Any]) -> None:
    done = plays.run([asked(plays), taken(plays), taken(plays, "again")], hosts=hosts)
    assert [each["it"]["taken"] for each in done.registered] == [[host] for host in hosts]
    assert [each["again"]["taken"] for each in done.registered] == [None] * len(hosts)


def test_a_host_that_was_not_asked_about_takes_nothing(plays: Plays) -> None:
    tasks = [asked(plays, when="inventory_hostname != 'host2'"), taken(plays)]
    done = plays.run(tasks, hosts=HOSTS)
    assert [each["it"]["taken"] for each in done.registered] == [["host0"], ["host1"], None, ["host3"]]


@pytest.mark.parametrize(
    ("between", "answer"),
    [
        ({"do": "change"}, None),
        ({"do": "crash", "secret": "canary-secret"}, None),
        ({"do": "change", "module": True}, None),
        ({"do": "change", "check_mode": True}, ["here"]),
        ({"do": "look"}, ["here"]),
        ({"do": "look", "module": True}, ["here"]),
    ],
    ids=["change", "failure", "change by the module", "change in check mode", "none", "none by the module"],
)
def test_a_write_in_between_makes_it_void(plays: Plays, between: dict[str, Any], answer: list[str] | None) -> None:
    more = dict(between)
    done = plays.run([asked(plays), plays.trap(more.pop("do"), "between", **more), taken(plays)])
    assert done["it"]["taken"] == answer


def test_a_module_keeps_nothing(plays: Plays) -> None:
    done = plays.run([asked(plays, module=True), taken(plays), asked(plays), taken(plays, "module", module=True)])
    assert done["it"]["taken"] is None
    assert done["module"]["taken"] is None


def test_what_quotes_a_secret_is_not_kept(plays: Plays) -> None:
    done = plays.run([asked(plays, secret="canary-secret", number=1), taken(plays)])
    assert done["it"]["taken"] is None


def test_a_run_in_check_mode_keeps_and_does_not_take(plays: Plays) -> None:
    done = plays.run([asked(plays), taken(plays)], "--check")
    assert "taken" not in done["it"]
