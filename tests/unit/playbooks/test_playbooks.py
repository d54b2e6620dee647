# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks load from the collection, and run where the inventory says."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbooks import run_afresh
from tests.tasks.tree import ROOT

PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
EXAMPLES = sorted((ROOT / "examples").glob("*/inventory.yml"))


FILTER = "{{ hostvars[inventory_hostname] | o11y.thanos.instances(['store', 'query']) }}"
NEEDS = "{{ hostvars[inventory_hostname] | o11y.thanos.objstore_needs }}"
KEYS = {"name": "keys", "keys": {"access_key": "ID", "secret_key": "SECRET"}}
STORE = {"type": "S3", "bucket": "{{ b }}", "secret_key": "{{ missing }}", "credentials_mode": "env"}
SHARED = {"type": "S3", "endpoint": "s3.example.org"}
TYPED = {
    "thanos_compact": {"delete_delay": "2h"},
    "thanos_compact_group": {"retention_resolution_raw": "soon"},
    "ansible_python_interpreter": sys.executable,
    "thanos_kubeconfig": "missing",
}
TABLE = ["demo · stack thanos", '  pass     clean       6 queries, no "warning"']
HOSTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "local": {"ansible_connection": "local"},
    "bastion": {"ansible_connection": "ssh"},
    "own": {"ansible_python_interpreter": "/opt/python"},
    "templates": {
        "thanos_store": {"replicas": "{{ n }}", "env": [{"name": "{{ n }}"}]},
        "n": 3,
        "broken": "{{ missing }}",
    },
    "undefined": {"thanos_store": {"replicas": "{{ missing }}"}},
    "unknown": {"thanos_stroe": {}, "thanos_qery": {}},
    "table": {"ansible_connection": "ssh"},
    "needs": {"thanos_objstore": {**STORE, "credentials_from": KEYS}, "b": "metrics"},
    "rules": {},
    "no_rules": {},
    "stack": TYPED,
    "verify": TYPED,
    "played": {"thanos_objstore": {**SHARED, "bucket": "metrics"}},
    "left out": {"thanos_objstore": {**SHARED, "bucket": "{{ of_another_vault }}"}, "thanos_context": "{{ nowhere }}"},
}
# The example of the page about the inventory.
RULES = (ROOT / "docs/inventory.md").read_text().partition("## Rules")[2].partition("```yaml\n")[2].partition("```")[0]
# A host that is played beside one that is not.
EVERYWHERE = "['played', 'left out']"


COMPARING = ("compacted_twice", "granted_apart", "labelled_alike", "clashes", "topology_refusals")
COMPARED = [f"hostvars | o11y.thanos.{name}({EVERYWHERE})" for name in COMPARING]
STAYING = "hostvars | o11y.thanos.needed_elsewhere('played', ['left out'])"


def variables_of_plays() -> list[dict[str, Any]]:
    """The variables of each play of the playbooks."""
    plays = [play for name in PLAYBOOKS for play in yaml.safe_load((ROOT / f"playbooks/{name}.yml").read_text())]
    return [play["vars"] for play in plays if "hosts" in play]


def showing(expression: str, **variables: Any) -> dict[str, Any]:
    """A play that shows the value of an expression."""
    return {"tasks": [{"ansible.builtin.debug": {"var": "shown"}, "vars": {"shown": expression}}], "vars": variables}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Hosts of a play → what Ansible told of it; all plays are in one run, which takes a second to start."""
    plays = {
        "plain,local,bastion,own": showing("{{ ansible_python_interpreter }}", **variables_of_plays()[0]),
        "templates": showing(FILTER, thanos_query={"replicas": "{{ 2 + 2 }}"}),
        "undefined": showing(FILTER),
        "unknown": showing(FILTER),
        "needs": showing(NEEDS),
        "rules,no_rules": showing("{{ hostvars[inventory_hostname] | o11y.thanos.instances(['ruler']) }}"),
        "table": {"tasks": [{"o11y.thanos.show": {"lines": TABLE}}]},
        "stack": {"roles": ["o11y.thanos.stack"]},
        "verify": {"roles": ["o11y.thanos.verify"]},
        "played": showing(f"{{{{ [{', '.join([*COMPARED, STAYING])}] }}}}"),
    }
    # A play all of whose hosts have failed would be the last one.
    common = {"gather_facts": False, "connection": "local", "ignore_errors": True}
    directory = tmp_path_factory.mktemp("plays")
    (directory / "play.yml").write_text(yaml.safe_dump([{"hosts": of, **common, **play} for of, play in plays.items()]))
    (directory / "host_vars").mkdir()
    (directory / "host_vars/rules.yml").write_text(RULES)
    (directory / "host_vars/no_rules.yml").write_text(RULES.replace("!unsafe ", ""))
    (directory / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": HOSTS}}))
    output = run_afresh("ansible-playbook", "-i", "inventory.yml", "play.yml", cwd=directory).text
    parts = re.split(r"^PLAY (?:\[(.+)\]|RECAP) \**$", output, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def results(output: str) -> dict[str, Any]:
    """Host → what the one ``debug`` task of a play showed."""
    shown = {}
    for part in output.split("\nok: [")[1:]:
        host, text = part.split("] => ", 1)
        shown[host] = json.JSONDecoder().raw_decode(text)[0]["shown"]
    return shown


def test_every_playbook_loads_by_its_full_name_with_every_example(tmp_path: Path) -> None:
    inventories = [argument for path in EXAMPLES for argument in ("-i", str(path))]
    done = run_afresh(
        "ansible-playbook", "--syntax-check", *inventories, *(f"o11y.thanos.{name}" for name in PLAYBOOKS), cwd=tmp_path
    )
    assert done.code == 0, done.text
    assert "WARNING" not in done.text


def test_example_of_one_cluster_has_at_most_15_lines() -> None:
    assert len((ROOT / "examples/one-cluster/inventory.yml").read_text().splitlines()) <= 15


def test_interpreter_is_the_controllers_unless_the_inventory_says_otherwise(told: dict[str, str]) -> None:
    first, *others = [variables["ansible_python_interpreter"] for variables in variables_of_plays()]
    assert all(expression == first for expression in others)
    shown = results(told["plain,local,bastion,own"])
    here = Path(sys.executable).parent.resolve()
    assert {host: Path(value).parent.resolve() == here for host, value in shown.items()} == {
        "plain": True,
        "local": True,
        "bastion": False,
        "own": False,
    }
    assert shown["bastion"] == "auto"
    assert shown["own"] == "/opt/python"


def test_filter_reads_templates_of_the_host_and_variables_of_the_play(told: dict[str, str]) -> None:
    shown = results(told["templates"])["templates"]
    assert shown == {"store": {"replicas": 3, "env": [{"name": 3}]}, "query": {"replicas": 4}}


def test_a_report_is_printed_as_a_table_and_not_as_a_list_of_quoted_strings(told: dict[str, str]) -> None:
    assert told["table"].rstrip().endswith("\n".join(["", *TABLE, "ok: [table]"]))


def test_rules_of_the_page_about_the_inventory_reach_the_ruler_as_they_are(told: dict[str, str]) -> None:
    (rule,) = results(told["rules,no_rules"])["rules"]["ruler"]["rules"]["shop.yml"]["groups"][0]["rules"]
    assert rule["annotations"] == {"summary": "{{ $labels.instance }} has not answered for 5 minutes"}


def test_template_of_prometheus_is_named_with_a_way_out(told: dict[str, str]) -> None:
    place = "thanos_ruler.rules.shop.yml.groups[0].rules[0].annotations.summary"
    assert f"{place}: Ansible takes this text for a template of its own" in told["rules,no_rules"]
    assert "write !unsafe before the text" in told["rules,no_rules"]


def test_filter_names_what_is_not_defined(told: dict[str, str]) -> None:
    assert "'missing' is undefined" in told["undefined"]


def test_host_that_is_not_played_holds_nobody_up_for_what_is_not_at_hand(told: dict[str, str]) -> None:
    *compared, needed = results(told["played"])["played"]
    assert compared == [[]] * len(COMPARING)
    output = "".join(told.values())
    for missing in ("of_another_vault", "nowhere"):
        assert (
            f"left out is not part of this run, and its variables cannot be read ('{missing}' is undefined)" in output
        )
    # What would be removed is another matter.
    assert needed[0].startswith("Which buckets left out uses, which this run does not tear down, is not known")


def test_filter_tells_every_mistake(told: dict[str, str]) -> None:
    assert "thanos_stroe: there is no such variable. Did you mean 'thanos_store'?" in told["unknown"]
    assert "thanos_qery: there is no such variable. Did you mean 'thanos_query'?" in told["unknown"]


def test_needs_of_object_stores_are_told_without_looking_up_a_credential(told: dict[str, str]) -> None:
    assert results(told["needs"])["needs"]["default"]["reader"]["env"] == {
        "OBJSTORE_ACCESS_KEY": {"name": "keys", "key": "ID"},
        "OBJSTORE_SECRET_KEY": {"name": "keys", "key": "SECRET"},
    }


@pytest.mark.parametrize("role", ["stack", "verify"])
def test_message_names_the_variable_that_was_typed(told: dict[str, str], role: str) -> None:
    assert "thanos_compact_group.retention_resolution_raw" in told[role]
    assert "instances.compact" not in told[role]


def test_no_playbook_spends_a_task_on_arguments_that_filters_and_modules_judge(tmp_path: Path) -> None:
    names = [f"o11y.thanos.{name}" for name in PLAYBOOKS]
    output = run_afresh("ansible-playbook", "--list-tasks", "-i", str(EXAMPLES[0]), *names, cwd=tmp_path).text
    assert [Path(path).stem for path in re.findall(r"^playbook: (.+)$", output, re.MULTILINE)] == PLAYBOOKS
    assert "Validating arguments" not in output
