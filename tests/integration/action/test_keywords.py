# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords of a task, block and play mean the same for an action plugin, which asks the module where it cannot."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.testbed.ssh_server import ssh_server

if TYPE_CHECKING:
    from tests.integration.action.conftest import Plays

UNREACHABLE = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}


def test_environment_and_folder_are_those_of_a_module_and_do_not_last(plays: Plays) -> None:
    """``KUBECONFIG`` of a play would else be that of the shell: the wrong cluster, without a word."""
    (plays.folder / "beside.txt").write_text("read", encoding="utf-8")
    with_item = {"TRAP": "{{ item | default('of the task') }}"}
    tasks = [
        plays.trap("look", "plugin", environment=with_item, file="beside.txt"),
        plays.trap("look", "module", module=True, environment=with_item, file="beside.txt"),
        plays.trap("look", "loop", environment=with_item, file="beside.txt", loop=["a", "b"]),
        plays.trap("look", "after", loop=[1, 2]),
    ]
    done = plays.run(tasks, environment=[{"TRAP_NUMBER": 1}])
    # From 2.22 on Ansible leaves a mark of its own in the result of a module.
    apart = {"where": "", "invocation": "", "ansible_parsed": True}
    plugin, module = ({**done[name], **apart} for name in ("plugin", "module"))
    assert plugin == module
    assert (plugin["variable"], plugin["proxy"], plugin["read"]) == ("of the task", "1", "read")
    assert [each["variable"] for each in done["loop"]["results"]] == ["a", "b"]
    assert [each["read"] for each in done["loop"]["results"]] == ["read", "read"]
    assert [each["variable"] for each in done["after"]["results"]] == [None, None]


def test_runs_here_only_where_nothing_asks_for_another_process(plays: Plays) -> None:
    tasks = [
        plays.trap("look", "plain"),
        plays.trap("look", "discovered_python", vars={"ansible_python_interpreter": "auto"}),
        plays.trap("look", "other_python", module=True),
        plays.trap("look", "in_background", async_val=30),
        plays.trap("look", "become", become=True, become_method="su"),
        plays.trap("look", "become_by_variable", vars={"ansible_become": True, "ansible_become_method": "su"}),
        plays.trap("lack", "lacking"),
    ]
    done = plays.run(tasks)
    assert {task["register"]: done[task["register"]].get("where") for task in tasks} == {
        "plain": "plugin",
        "discovered_python": "plugin",
        "other_python": "module",
        "in_background": "module",
        "become": "module",
        "become_by_variable": "module",
        "lacking": "module",
    }


def test_runs_where_the_connection_leads(plays: Plays) -> None:
    hosts = {"here": {}, "far": UNREACHABLE}
    tasks = [
        plays.trap("look", "delegated", delegate_to="far", when="inventory_hostname == 'here'"),
        plays.trap("look", "brought_back", delegate_to="here", when="inventory_hostname == 'far'"),
        plays.trap("look", "far", when="inventory_hostname == 'far'"),
    ]
    for task in tasks:
        task["ignore_unreachable"] = True
    done = plays.run(tasks, hosts=hosts)
    far, here = done.registered
    assert (here["delegated"]["unreachable"], far["far"]["unreachable"]) == (True, True)
    assert far["brought_back"]["where"] == "plugin"


@pytest.mark.parametrize("module", [False, True], ids=["plugin", "module"])
def test_until_tries_again_what_failed(plays: Plays, module: bool) -> None:
    note = str(plays.folder / "note")
    again: dict[str, Any] = {"until": "it is not failed", "retries": 5, "delay": 0}
    it = plays.run([plays.trap("third", module=module, file=note, **again)])["it"]
    assert (it.get("failed", False), it["attempts"], it["times"]) == (False, 3, 3)
    assert it["where"] == ("module" if module else "plugin")


def test_until_gives_up_with_the_sentence_of_the_last_try(plays: Plays) -> None:
    again: dict[str, Any] = {"until": "it is not failed", "retries": 1, "delay": 0}
    it = plays.run([plays.trap("third", file=str(plays.folder / "note"), **again)])["it"]
    assert (it["failed"], it["attempts"], it["msg"]) == (True, 1, "not yet")


def test_what_was_left_in_the_background_is_asked_for_until_it_has_ended(plays: Plays) -> None:
    status = {"jid": "{{ started.ansible_job_id }}"}
    again = {"until": "ended.finished", "retries": 600, "delay": 1}
    tasks = [
        plays.trap("look", "started", async_val=900, poll=0),
        {"ansible.builtin.async_status": status, "register": "ended", **again},
    ]
    assert plays.run(tasks)["ended"]["where"] == "module"


def test_bastion_runs_the_module_and_keywords_mean_there_what_they_mean_here(plays: Plays) -> None:
    """The host is reached by ssh, with a server of its own."""
    (plays.folder / "beside.txt").write_text("read", encoding="utf-8")
    with ssh_server() as server:
        on_far: dict[str, Any] = {"when": "inventory_hostname == 'far'"}
        tasks = [
            plays.trap("look", "plain", **on_far, environment={"TRAP": "of the task"}, check_mode=True, diff=True),
            plays.trap("look", "loop", **on_far, environment={"TRAP": "{{ item }}"}, loop=["a", "b"]),
            plays.trap("look", "become", **on_far, become=True, become_method="su"),
            plays.trap("look", "background", **on_far, async_val=900, poll=1),
            plays.trap("look", "brought_back", **on_far, delegate_to="here"),
            plays.trap("fail", "failed", **on_far, secret="s3cr3t-value"),
            plays.trap("look", "delegated", when="inventory_hostname == 'here'", delegate_to="far"),
        ]
        done = plays.run(tasks, hosts={"here": {}, "far": server.variables()})
        assert server.logins()
    far, here = done.registered
    assert (far["plain"]["where"], far["plain"]["variable"], far["plain"]["mode"]) == (
        "module",
        "of the task",
        [True, True],
    )
    assert [(each["where"], each["variable"]) for each in far["loop"]["results"]] == [("module", "a"), ("module", "b")]
    assert [each["where"] for each in (far["become"], far["background"], here["delegated"])] == ["module"] * 3
    assert far["brought_back"]["where"] == "plugin"
    assert (far["failed"]["failed"], "s3cr3t-value" in done.text + done.log) == (True, False)


def test_check_mode_and_diff_arrive(plays: Plays) -> None:
    done = plays.run([plays.trap("look", "check", check_mode=True), plays.trap("look", "diff", diff=True)])
    assert (done["check"]["mode"], done["diff"]["mode"]) == ([True, False], [False, True])


def test_module_defaults_reach_the_plugin(plays: Plays) -> None:
    (plays.folder / "beside.txt").write_text("read", encoding="utf-8")
    done = plays.run([plays.trap("look")], module_defaults={"trap.trap.trap": {"file": "beside.txt"}})
    assert (done["it"]["where"], done["it"]["read"]) == ("plugin", "read")


def of_kubernetes_core(plays: Plays) -> None:
    """A collection of that name, whose module only tells what it was given."""
    folder = plays.folder / "collections/ansible_collections/kubernetes/core"
    module = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"kubeconfig": {}})
module.exit_json(given=module.params["kubeconfig"])
"""
    for name, text in (("plugins/modules/k8s.py", module), ("meta/runtime.yml", "action_groups: {k8s: [k8s]}")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("beside", [True, False], ids=["kubernetes.core", "alone"])
def test_defaults_of_the_group_reach_our_modules_and_those_of_kubernetes_core(plays: Plays, beside: bool) -> None:
    arguments = {"name": "n", "items": [{"key": "a", "value": "one"}]}
    ours = {"o11y.thanos.secret": arguments, "register": "ours", "ignore_errors": True}
    theirs = {"kubernetes.core.k8s": {}, "register": "theirs"}
    if beside:
        of_kubernetes_core(plays)
    defaults = {"group/o11y.thanos.thanos": {"kubeconfig": "/nowhere"}}
    done = plays.run([ours, theirs] if beside else [ours], module_defaults=defaults)
    assert "kubeconfig /nowhere does not exist" in done["ours"]["msg"]
    assert not beside or done["theirs"]["given"] == "/nowhere"


def test_missing_sdk_is_told_by_the_module_and_ends_no_run(plays: Plays) -> None:
    """An error while a plugin is imported ends ansible-playbook, for a task that is skipped too."""
    broken = plays.folder / "broken" / "kubernetes"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('none here')\n", encoding="utf-8")
    arguments = {"cluster": "eu", "instances": {"query": {}}, "kubeconfig": "/nowhere"}
    task = {"o11y.thanos.stack": arguments, "ignore_errors": True}
    tasks = [
        {**task, "when": False},
        {**task, "register": "it", "vars": {"ansible_python_interpreter": sys.executable}},
    ]
    done = plays.run(tasks, PYTHONPATH=str(broken.parent))
    assert (
        f"kubernetes (29 or newer) cannot be imported: none here. The task runs with {sys.executable}"
        in done["it"]["msg"]
    )
