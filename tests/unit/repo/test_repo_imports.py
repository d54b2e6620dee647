# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: the tables of docs/architecture.md, held against the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tasks.source import PLUGINS, UTILS, closure, imports, modules_with_a_body, utils_of
from tests.tasks.tree import ROOT

PAGE = ROOT / "docs" / "architecture.md"
_ROW = re.compile(r"^\| (?P<names>`[^|]+`) \|[^|]*\| (?P<imports>[^|]+) \|$", re.MULTILINE)
_STEP = re.compile(r"^\| (?P<step>[a-z]+) \| (?P<files>`[^|]+`) \|[^|]*\| (?P<imports>[^|]+) \|$", re.MULTILINE)
_NAME = re.compile(r"`([^`]+)`")
MODULES = modules_with_a_body()


def section(heading: str) -> str:
    """What stands below a heading of the page."""
    return PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def table(heading: str) -> dict[str, set[str]]:
    """Name → what it may import, of the table below a heading of the page, in its order."""
    return {
        name: set(_NAME.findall(row["imports"]))
        for row in _ROW.finditer(section(heading))
        for name in _NAME.findall(row["names"])
    }


def steps(heading: str) -> dict[str, tuple[set[str], set[str]]]:
    """Step → (its files, the steps that they may import), of the table below a heading, in its order."""
    return {
        match["step"]: (set(_NAME.findall(match["files"])), set(match["imports"].split(", ")) - {"–"})
        for match in _STEP.finditer(section(heading))
    }


PACKAGES = table("Which package may import which")
STEPS = steps("Which file of `_thanos` may import which")


def package(path: Path) -> str:
    """The package, or the single file, that stands directly below module_utils."""
    return path.relative_to(UTILS).parts[0]


def relative(path: Path) -> str:
    return str(path.relative_to(PLUGINS))


def test_every_package_has_a_rule() -> None:
    there = {path.name for path in UTILS.iterdir() if path.suffix == ".py" or any(path.rglob("*.py"))}
    assert there == PACKAGES.keys(), "give it a row in the first table of imports of docs/architecture.md"


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_may_import_only_what_stands_above_it(name: str) -> None:
    names = list(PACKAGES)
    assert PACKAGES[name] <= set(names[: names.index(name)])


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_imports_only_what_its_row_names(name: str) -> None:
    files = [UTILS / name] if name.endswith(".py") else sorted((UTILS / name).rglob("*.py"))
    wrong = {
        f"{relative(path)} imports {relative(target)}"
        for path in files
        for target in utils_of(path)
        if package(target) not in PACKAGES[name] | {name}
    }
    assert wrong == set(), f"docs/architecture.md lets {name} import {sorted(PACKAGES[name])}"


def part(path: Path) -> str:
    """The file or folder of _thanos that a row names."""
    return path.relative_to(UTILS / "_thanos").parts[0]


def test_every_file_of_thanos_is_in_one_step() -> None:
    there = sorted({part(path) for path in (UTILS / "_thanos").rglob("*.py")})
    named = sorted(name for files, _may in STEPS.values() for name in files)
    assert there == named, "the table of steps in docs/architecture.md has each file and folder of _thanos once"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_imports_only_steps_that_its_row_names(step: str) -> None:
    files, may = STEPS[step]
    assert may <= set(list(STEPS)[: list(STEPS).index(step)]), "a row names rows above it"
    allowed = files.union(*(STEPS[name][0] for name in may))
    wrong = {
        f"{relative(path)} imports {relative(target)}"
        for path in (UTILS / "_thanos").rglob("*.py")
        if part(path) in files
        for target in utils_of(path, annotations=False)
        if package(target) == "_thanos" and part(target) not in allowed
    }
    assert wrong == set()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_file_imports_the_way_to_run_and_one_body(path: Path) -> None:
    found = utils_of(path) - {UTILS / "_ansible.py", UTILS / "_thanos" / "tiers" / path.name}
    (body,) = found
    assert body.stem.endswith("task")


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_what_only_the_controller_runs_is_shipped_with_no_module(path: Path) -> None:
    assert {relative(file) for file in closure(path) if package(file) == "_inventory"} == set()


def test_only_one_file_knows_ansible_module() -> None:
    knowing = {
        relative(path)
        for path in PLUGINS.rglob("*.py")
        for name in imports(path)
        if name.startswith("ansible.module_utils.basic")
    }
    assert knowing == {"module_utils/_ansible.py"}


def test_nothing_below_module_utils_knows_the_controller() -> None:
    wrong = {
        f"{relative(path)} imports {name}"
        for path in UTILS.rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] == "ansible" and name not in ("ansible", "ansible.module_utils")
        if not name.startswith("ansible.module_utils.")
    }
    assert wrong == set()


def test_every_path_that_the_page_names_exists() -> None:
    named = [
        name for name in _NAME.findall(PAGE.read_text(encoding="utf-8")) if name.endswith((".py", ".md", ".yml", "/"))
    ]
    paths = [name for name in named if not re.search(r"[<…]", name)]
    roots = (ROOT, PLUGINS, UTILS, UTILS / "_thanos", ROOT / "roles" / "stack" / "meta")
    assert [name for name in paths if not any((root / name).exists() for root in roots)] == []
