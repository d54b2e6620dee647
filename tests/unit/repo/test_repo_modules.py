# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users see of modules, roles and playbooks is complete and agrees with itself."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tasks.source import PLUGINS, nodes
from tests.tasks.tree import ROOT

MODULES = {path.stem: path for path in sorted((PLUGINS / "modules").glob("*.py"))}
ROLES = sorted(path for path in (ROOT / "roles").glob("*") if path.is_dir())
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


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


def test_action_group_holds_the_modules_that_connect_to_a_cluster() -> None:
    connecting = fragments_with("kubeconfig")
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["k8s"] == sorted(name for name in MODULES if fragments_of(name) & connecting)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_role_is_documented_and_typed(role: Path) -> None:
    assert (role / "README.md").is_file()
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    assert specs["main"]["short_description"]
    assert (role / "tasks" / "main.yml").is_file()


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_role_has_no_defaults_as_the_module_has_them(role: Path) -> None:
    assert not (role / "defaults").exists()
    assert not (role / "vars").exists()


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.name)
def test_playbook_waits_for_no_answer(playbook: Path) -> None:
    text = playbook.read_text()
    assert "vars_prompt" not in text
    assert "ansible.builtin.pause" not in text
