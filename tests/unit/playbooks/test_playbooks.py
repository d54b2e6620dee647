# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks load from the collection, and run where the inventory says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tasks.tree import ROOT
from tests.unit.playbooks.playing import play

PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
EXAMPLES = sorted((ROOT / "examples").glob("*/inventory.yml"))


def results(output: str) -> dict[str, Any]:
    """Host → what the one ``debug`` task of a play showed."""
    shown = {}
    for part in output.split("\nok: [")[1:]:
        host, text = part.split("] => ", 1)
        shown[host] = json.JSONDecoder().raw_decode(text)[0]["shown"]
    return shown


def show(tmp_path: Path, hosts: dict[str, Any], shown: str, variables: dict[str, Any]) -> str:
    """Output of a play that shows the value of the expression ``shown`` for every host."""
    task = {"ansible.builtin.debug": {"var": "shown"}, "vars": {"shown": shown}}
    plays = [{"hosts": "all", "gather_facts": False, "connection": "local", "tasks": [task], **variables}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays))
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    return play("-i", "inventory.yml", "play.yml", cwd=tmp_path).stdout


def test_every_playbook_loads_by_its_full_name_with_every_example(tmp_path: Path) -> None:
    inventories = [argument for path in EXAMPLES for argument in ("-i", str(path))]
    done = play("--syntax-check", *inventories, *(f"o11y.thanos.{name}" for name in PLAYBOOKS), cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout


def test_example_of_one_cluster_has_at_most_15_lines() -> None:
    assert len((ROOT / "examples/one-cluster/inventory.yml").read_text().splitlines()) <= 15


def test_interpreter_is_the_controllers_unless_the_inventory_says_otherwise(tmp_path: Path) -> None:
    hosts = {
        "plain": {},
        "local": {"ansible_connection": "local"},
        "bastion": {"ansible_connection": "ssh"},
        "own": {"ansible_python_interpreter": "/opt/python"},
    }
    plays = [play for name in PLAYBOOKS for play in yaml.safe_load((ROOT / f"playbooks/{name}.yml").read_text())]
    first, *others = [play["vars"] for play in plays if "hosts" in play]
    assert all(variables == first for variables in others)
    shown = results(show(tmp_path, hosts, "{{ ansible_python_interpreter }}", {"vars": first}))
    here = Path(sys.executable).parent.resolve()
    assert {host: Path(value).parent.resolve() == here for host, value in shown.items()} == {
        "plain": True,
        "local": True,
        "bastion": False,
        "own": False,
    }
    assert shown["bastion"] == "auto"
    assert shown["own"] == "/opt/python"


FILTER = "{{ hostvars[inventory_hostname] | o11y.thanos.instances(['store', 'query']) }}"


def test_filter_reads_templates_of_the_host_and_variables_of_the_play(tmp_path: Path) -> None:
    hosts = {
        "eu": {"thanos_store": {"replicas": "{{ n }}", "env": [{"name": "{{ n }}"}]}, "n": 3, "broken": "{{ missing }}"}
    }
    variables = {"vars": {"thanos_query": {"replicas": "{{ 2 + 2 }}"}}}
    shown = results(show(tmp_path, hosts, FILTER, variables))
    assert shown["eu"] == {"store": {"replicas": 3, "env": [{"name": 3}]}, "query": {"replicas": 4}}


def test_filter_names_what_is_not_defined(tmp_path: Path) -> None:
    output = show(tmp_path, {"eu": {"thanos_store": {"replicas": "{{ missing }}"}}}, FILTER, {})
    assert "'missing' is undefined" in output


def test_filter_tells_every_mistake(tmp_path: Path) -> None:
    output = show(tmp_path, {"eu": {"thanos_stroe": {}, "thanos_qery": {}}}, FILTER, {})
    assert "thanos_stroe: there is no such variable. Did you mean 'thanos_store'?" in output
    assert "thanos_qery: there is no such variable. Did you mean 'thanos_query'?" in output


def test_needs_of_object_stores_are_told_without_looking_up_a_credential(tmp_path: Path) -> None:
    keys = {"access_key": "ID", "secret_key": "SECRET"}
    store = {"type": "S3", "bucket": "{{ b }}", "secret_key": "{{ missing }}", "credentials_mode": "env"}
    hosts = {"eu": {"thanos_objstore": {**store, "credentials_from": {"name": "keys", "keys": keys}}, "b": "metrics"}}
    shown = results(show(tmp_path, hosts, "{{ hostvars[inventory_hostname] | o11y.thanos.objstore_needs }}", {}))
    assert shown["eu"]["default"]["reader"]["env"] == {
        "OBJSTORE_ACCESS_KEY": {"name": "keys", "key": "ID"},
        "OBJSTORE_SECRET_KEY": {"name": "keys", "key": "SECRET"},
    }


@pytest.mark.parametrize("role", ["stack", "verify"])
def test_message_names_the_variable_that_was_typed(tmp_path: Path, role: str) -> None:
    layers = {"thanos_compact": {"delete_delay": "2h"}, "thanos_compact_group": {"retention_resolution_raw": "soon"}}
    plays = [{"hosts": "all", "gather_facts": False, "connection": "local", "roles": [f"o11y.thanos.{role}"]}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays))
    hosts = {"eu": {**layers, "ansible_python_interpreter": sys.executable, "thanos_kubeconfig": "missing"}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    output = play("-i", "inventory.yml", "play.yml", cwd=tmp_path).stdout
    assert "thanos_compact_group.retention_resolution_raw" in output
    assert "instances.compact" not in output


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_playbook_spends_no_task_on_arguments_that_filters_and_modules_judge(tmp_path: Path, name: str) -> None:
    output = play("--list-tasks", "-i", str(EXAMPLES[0]), f"o11y.thanos.{name}", cwd=tmp_path).stdout
    assert "o11y.thanos." in output
    assert "Validating arguments" not in output
