# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users see of modules, roles and playbooks is complete and agrees with itself."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._body import Body
from tests.support.playbooks import run_afresh
from tests.support.roles import ROLES, entry_points
from tests.tasks.source import PLUGINS, nodes
from tests.tasks.tree import ROOT, project_files

MODULES = {path.stem: path for path in sorted((PLUGINS / "modules").glob("*.py"))}
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


# Lines of what ansible-doc prints of a module: what is longer nobody reads.
LONGEST = 1000
LONGEST_OF = {"bucket": 900}


@cache
def text_of(path: Path, name: str) -> Any:
    """YAML that a module or fragment holds in a constant such as ``DOCUMENTATION``."""
    for node in nodes(path):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return yaml.safe_load(ast.literal_eval(node.value))
    return None


def fragments_with(option: str) -> set[str]:
    """Full names of the documentation fragments that define an option."""
    return {
        f"o11y.thanos.{path.stem}"
        for path in (PLUGINS / "doc_fragments").glob("*.py")
        if option in ((text_of(path, "DOCUMENTATION") or {}).get("options") or {})
    }


def fragments_of(module: str) -> set[str]:
    """Full names of the documentation fragments that a module extends."""
    extended = (text_of(MODULES[module], "DOCUMENTATION") or {}).get("extends_documentation_fragment") or []
    return {extended} if isinstance(extended, str) else set(extended)


def option_of(module: str, name: str) -> dict[str, Any]:
    """What the documentation says of an option, in the module itself or in a fragment of it."""
    texts = [(MODULES[module], "DOCUMENTATION")]
    for fragment in sorted(fragments_of(module)):
        _namespace, _collection, file, *constant = fragment.split(".")
        texts.append((PLUGINS / "doc_fragments" / f"{file}.py", (constant or ["DOCUMENTATION"])[0].upper()))
    options = ((text_of(*text) or {}).get("options") or {} for text in texts)
    return next(dict(each[name]) for each in options if name in each)


@pytest.mark.parametrize("name", MODULES)
def test_module_is_documented_in_full(name: str) -> None:
    documentation = text_of(MODULES[name], "DOCUMENTATION")
    assert documentation["module"] == name
    shared = {"o11y.thanos.attributes", "o11y.thanos.attributes.info"} & fragments_of(name)
    assert shared or {"check_mode", "diff_mode"} <= set(documentation.get("attributes") or {})
    assert text_of(MODULES[name], "RETURN")


@pytest.mark.parametrize("name", MODULES)
def test_examples_use_the_module_by_its_full_name(name: str) -> None:
    tasks = text_of(MODULES[name], "EXAMPLES")
    assert any(f"o11y.thanos.{name}" in task for task in tasks)
    assert all(task.get("name") for task in tasks)


def tasks_below(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Module and arguments of every task of ours in a document of YAML, unless a template makes them."""
    for key, each in value.items() if isinstance(value, dict) else ():
        name = str(key).removeprefix("o11y.thanos.")
        if key != name and name in MODULES and isinstance(each, dict):
            yield name, each
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from tasks_below(each)


WITH_TASKS = [
    ROOT / path
    for path in project_files()
    if path.endswith(".yml") and path.startswith(("docs/", "extensions/", "playbooks/", "roles/"))
]


def accepted_by(name: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names that its arguments may have; those of an action plugin without a body are in its documentation."""
    module = importlib.import_module(f"ansible_collections.o11y.thanos.plugins.modules.{name}")
    bodies: list[Body] = []
    if hasattr(module, "main"):
        monkeypatch.setattr(module, "run", bodies.append)
        module.main()
    rows = bodies[0].argument_spec if bodies else text_of(MODULES[name], "DOCUMENTATION")["options"]
    return {each for key, row in rows.items() for each in (key, *row.get("aliases", ()))}


def test_tasks_of_ours_name_options_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else looks at them before they run, where a template is among the values."""
    documents = [(path, each) for path in WITH_TASKS for each in yaml.safe_load_all(path.read_text())]
    tasks = [(str(path), *task) for path, each in documents for task in tasks_below(each)]
    assert tasks
    known = {module: accepted_by(module, monkeypatch) for module in MODULES}
    unknown = [(path, module, sorted(set(given) - known[module])) for path, module, given in tasks]
    assert [each for each in unknown if each[2]] == []


def test_action_group_holds_the_modules_that_connect_to_a_cluster() -> None:
    connecting = fragments_with("kubeconfig")
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["k8s"] == sorted(name for name in MODULES if fragments_of(name) & connecting)
    assert runtime["action_groups"]["thanos"] == [
        {"metadata": {"extend_group": ["o11y.thanos.k8s", "kubernetes.core.k8s"]}}
    ]


@pytest.mark.parametrize("name", MODULES)
def test_samples_of_results_need_no_escapes(name: str) -> None:
    """ansible-doc prints what is not ASCII as an escape."""

    def samples(value: Any) -> Iterator[str]:
        for key, below in value.items() if isinstance(value, dict) else ():
            if key == "sample":
                yield yaml.safe_dump(below, allow_unicode=True)
            else:
                yield from samples(below)

    assert [sample for sample in samples(text_of(MODULES[name], "RETURN")) if not sample.isascii()] == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_role_is_documented_and_typed(role: Path) -> None:
    assert (role / "README.md").is_file()
    assert entry_points(role)["main"]["short_description"]
    assert (role / "tasks" / "main.yml").is_file()


# Variables of roles: the option that each becomes.
BECOMES = {
    "thanos_stack": ("stack", "name"),
    "thanos_namespace": ("stack", "namespace"),
    "thanos_version": ("stack", "version"),
    "thanos_common": ("stack", "common"),
    "thanos_kubeconfig": ("stack", "kubeconfig"),
    "thanos_context": ("stack", "context"),
    "thanos_wait_timeout": ("stack", "wait_timeout"),
    "thanos_verify_timeout": ("verify", "timeout"),
    "thanos_pki_rotate": ("pki", "rotate"),
    "thanos_pki_new_ca": ("pki", "new_ca"),
    "thanos_teardown_claims": ("stack", "delete_claims"),
    "thanos_teardown_authorities": ("stack", "delete_authorities"),
    "thanos_teardown_namespace": ("stack", "delete_namespace"),
    "thanos_teardown_blocks": ("bucket", "delete_blocks"),
}


def described() -> dict[str, Any]:
    """The variables of all roles, with what is documented of them."""
    return {
        name: option
        for role in ROLES
        for entry in entry_points(role).values()
        for name, option in entry["options"].items()
    }


def test_variable_has_the_type_and_the_default_of_the_option_that_it_becomes() -> None:
    variables = described()
    told = {name: (variables[name]["type"], variables[name].get("default") or None) for name in BECOMES}
    options = {name: option_of(module, option) for name, (module, option) in BECOMES.items()}
    assert told == {name: (option["type"], option.get("default") or None) for name, option in options.items()}


def test_only_a_kubeconfig_may_have_any_type() -> None:
    assert {name for name, option in described().items() if option["type"] == "raw"} == {"thanos_kubeconfig"}


def test_what_a_role_does_without_a_variable_is_its_default() -> None:
    without = {name for name, option in described().items() if "default" not in option}
    assert without == {"thanos_version", "thanos_kubeconfig", "thanos_context", "thanos_report_dir"}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_role_has_no_defaults_as_the_module_has_them(role: Path) -> None:
    assert not (role / "defaults").exists()
    assert not (role / "vars").exists()


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.name)
def test_playbook_waits_for_no_answer(playbook: Path) -> None:
    text = playbook.read_text()
    assert "vars_prompt" not in text
    assert "ansible.builtin.pause" not in text


def test_what_ansible_doc_prints_of_a_module_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeated levels made it three times as long."""
    monkeypatch.setenv("COLUMNS", "80")
    told = run_afresh("ansible-doc", *(f"o11y.thanos.{name}" for name in MODULES), cwd=tmp_path)
    assert told.code == 0, told.text
    _before, *names_and_texts = re.split(r"^> MODULE o11y\.thanos\.(\w+) ", told.text, flags=re.MULTILINE)
    names, texts = names_and_texts[::2], names_and_texts[1::2]
    assert names == list(MODULES)
    lengths = {name: len(text.splitlines()) for name, text in zip(names, texts, strict=True)}
    assert {name: found for name, found in lengths.items() if found > LONGEST_OF.get(name, LONGEST)} == {}
