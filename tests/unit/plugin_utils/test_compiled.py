# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tasks.tree import ROOT

OURS = "ansible_collections.o11y.thanos.plugins"
FIRST = f"{OURS}.plugin_utils._compiled"
# Loads a plugin as ansible-playbook does, and tells how many files of the collection were compiled for it.
LOAD = """
import builtins
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader()
compiled, found = builtins.compile, []
def counted(source, filename, *more, **named):
    found.append(str(filename))
    return compiled(source, filename, *more, **named)
builtins.compile = counted
assert action_loader.get("o11y.thanos.show_nothing", class_only=True) is None
assert action_loader.get("o11y.thanos.stack", class_only=True).__name__ == "ActionModule"
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import spec
print(sum("o11y/thanos" in name for name in found), spec.__file__)
"""


def loaded(folder: Path) -> tuple[int, str]:
    """How many files of ours Ansible's loader compiled, and where it found one."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", LOAD]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)
    assert run.returncode == 0, run.stderr
    count, found = run.stdout.split()
    return int(count), found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The collection where nothing of it was ever run."""
    collection = tmp_path / "ansible_collections" / "o11y" / "thanos"
    for name in ("plugins", "meta"):
        shutil.copytree(ROOT / name, collection / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_what_was_compiled_is_kept(installed: Path) -> None:
    file = str(installed / "ansible_collections/o11y/thanos/plugins/module_utils/_thanos/spec.py")
    (first, found), (again, found_again) = loaded(installed), loaded(installed)
    assert found == found_again == file
    # What is left is what finds the others: Ansible itself loads that.
    assert first > 50 > 3 >= again > 0


def test_where_nothing_may_be_written_it_runs_all_the_same(installed: Path) -> None:
    for folder in [path for path in installed.rglob("*") if path.is_dir()]:
        # Where a file is, no folder of compiled files can be made; a folder without rights would not stop root.
        (folder / "__pycache__").touch()
    loaded(installed)
    assert not list(installed.rglob("*.pyc"))


@pytest.mark.parametrize("kind", ["action", "filter"])
def test_it_comes_before_all_that_it_is_to_find(kind: str) -> None:
    for file in sorted((ROOT / "plugins" / kind).glob("*.py")):
        imports = [node for node in ast.parse(file.read_text()).body if isinstance(node, (ast.Import, ast.ImportFrom))]
        names = [getattr(node, "module", None) or node.names[0].name for node in imports]
        ours = [name for name in names if name.startswith(OURS)]
        assert ours[:1] in ([], [FIRST]), file.name
