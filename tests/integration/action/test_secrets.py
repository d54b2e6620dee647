# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing but this collection masks what an action plugin returns, raises or tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.canary import leaks

if TYPE_CHECKING:
    from tests.integration.action.conftest import Plays

CANARY = "c4n4ry-in-a-worker-0001"
# Where a user of a kubeconfig has a credential.
USER = {
    "token": f"{CANARY}-token",
    "username": "somebody",
    "password": f"{CANARY}-password",
    "client-key-data": f"{CANARY}-key",
    "auth-provider": {"name": "oidc", "config": {"access-token": f"{CANARY}-provider"}},
    "exec": {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "no-such-helper",
        "env": [{"name": "HELPER_TOKEN", "value": f"{CANARY}-helper"}, {"name": "HELPER_PROFILE", "value": "one"}],
    },
}
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "one",
    "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
    "clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "one", "user": USER}],
}
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


@pytest.mark.parametrize("kubeconfig", [KUBECONFIG, json.dumps(KUBECONFIG)], ids=["mapping", "text"])
def test_kubeconfig_by_its_content_shows_no_credential_and_blanks_nothing_else(plays: Plays, kubeconfig: Any) -> None:
    """Ansible registers what is secret for the whole run, and knows no word that is too short for that."""
    task = {
        "o11y.thanos.secret": {"kubeconfig": "{{ kubeconfig }}", "name": "n", "items": [{"key": "a", "value": "one"}]},
        "ignore_errors": True,
    }
    here = {**task, "register": "plugin"}
    elsewhere = {**task, "register": "module", "vars": {"ansible_python_interpreter": plays.other_python}}
    words = {"debug": {"msg": "Config v1 somebody no-such-helper HELPER_PROFILE"}}
    done = plays.run(
        [here, elsewhere, words], "-vvv", "--diff", vars={"kubeconfig": kubeconfig}, ANSIBLE_INJECT_INVOCATION="1"
    )
    assert (done["plugin"]["failed"], done["module"]["failed"]) == (True, True)
    assert words["debug"]["msg"] in done.text
    for output in (json.dumps(done.registered), done.text, done.log):
        assert leaks(output, {"canary": CANARY}) == []
