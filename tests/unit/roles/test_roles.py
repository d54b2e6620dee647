# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles document is what they and the filters read; a variable is described the same way everywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.roles import EDGES, HUBS
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import KNOWN
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.support.roles import ROLES, entry_points
from tests.tasks.tree import ROOT

ENTRIES = [(role, file) for role in ROLES for file in sorted((role / "tasks").glob("*.yml"))]
LAYERED = re.compile(r"o11y\.thanos\.(instances|common|objstores|certificates)")
STACK = "o11y.thanos.stack"
GROUPS = {HUBS, EDGES}
# What each filter reads beyond the variables that a task names.
READ = {
    "common": {name for name in KNOWN if name.startswith("thanos_common")},
    "objstores": {"thanos_objstore", "thanos_objstores"},
    "certificates": {name for name in KNOWN if name.startswith("thanos_pki")},
}


def spec(role: Path, entry: str) -> dict[str, Any]:
    """The documented variables of an entry point."""
    return dict(entry_points(role)[entry]["options"])


def instances_of(role: Path) -> set[str]:
    """The variables that the filter ``instances`` turns into what this role deploys."""
    tiers = [role.name] if role.name in TIERS else [*TIERS]
    layers = {f"thanos_{tier}{layer}" for tier in tiers for layer in ("", "_group", "_host")}
    more = ["instances", *([] if role.name in TIERS else ["enabled"])]
    if "query" in tiers:
        more.append("fleet")  # what a querier has to do with other clusters
    return layers | {name for name in KNOWN if name.startswith(tuple(f"thanos_{each}" for each in more))}


@pytest.mark.parametrize(("role", "file"), ENTRIES, ids=[f"{role.name}-{file.stem}" for role, file in ENTRIES])
def test_role_documents_exactly_what_its_tasks_read(role: Path, file: Path) -> None:
    text = file.read_text()
    read = set(re.findall(r"\bthanos_\w+", text))
    for name in LAYERED.findall(text):
        read |= READ.get(name) or instances_of(role)
    assert set(spec(role, file.stem)) == read


def test_every_known_variable_is_read_by_a_role_or_playbook() -> None:
    documented = {name for role, file in ENTRIES for name in spec(role, file.stem)}
    playbooks = "".join(path.read_text() for path in (ROOT / "playbooks").glob("*.yml"))
    assert documented | set(re.findall(r"\bthanos_\w+", playbooks)) - GROUPS == set(KNOWN)


def test_variable_is_described_the_same_way_by_every_role() -> None:
    first: dict[str, Any] = {}
    for role, file in ENTRIES:
        for name, described in spec(role, file.stem).items():
            assert first.setdefault(name, described) == described, f"{role.name}: {name}"


def test_removal_names_the_variable_of_each_option() -> None:
    (file,) = (file for role, file in ENTRIES if (role.name, file.name) == ("stack", "absent.yml"))
    (options,) = (task[STACK] for task in yaml.safe_load(file.read_text()) if STACK in task)
    named = {name: re.findall(r"\bthanos_\w+", str(value)) for name, value in options.items() if name != "sources"}
    assert options["sources"] == {name: variables[0] for name, variables in named.items() if variables}


def test_loops_go_over_names_and_never_over_credentials() -> None:
    loops = [
        task["loop"]
        for _role, file in ENTRIES
        for task in yaml.safe_load(file.read_text())
        if "loop" in task and "objstores" in task["loop"]
    ]
    assert loops
    assert all(loop.endswith("| o11y.thanos.objstores | list }}") for loop in loops)
