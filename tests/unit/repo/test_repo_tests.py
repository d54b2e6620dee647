# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test lies in ``tests/<level>/<subject>/``: the level is what it needs, the subject is the package that it tests."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.tasks.source import PLUGINS, UTILS, imports, nodes
from tests.tasks.tree import ROOT

TESTS = ROOT / "tests"
# Level → the marks that narrow down what its tests need.
LEVELS: dict[str, set[str]] = {"unit": set(), "integration": {"api", "slow"}, "cluster": {"slow"}}
SHARED = ("support", "testbed", "tasks", "demo")
BUILT_IN = {"parametrize", "skipif", "usefixtures"}
SUBJECTS = {
    "awx",
    "package",
    "playbooks",
    "repo",
    "roles",
    *SHARED,
    *(path.stem.lstrip("_") for path in UTILS.iterdir()),
    *(path.name for path in PLUGINS.iterdir()),
}
FILES = sorted(TESTS.rglob("*.py"))


def relative(path: Path) -> str:
    return str(path.relative_to(TESTS))


def level(path: Path) -> str:
    return path.relative_to(TESTS).parts[0]


def test_every_test_lies_below_a_level_and_a_subject() -> None:
    tests = [path for path in FILES if path.name.startswith("test_") and level(path) != "benchmarks"]
    astray = [
        relative(path)
        for path in tests
        if level(path) not in LEVELS or len(path.relative_to(TESTS).parts) != 3 or path.parent.name not in SUBJECTS
    ]
    assert astray == [], f"tests/<level>/<subject>/test_….py, subjects are {sorted(SUBJECTS)}"


def test_levels_are_folders_and_no_packages() -> None:
    """What several levels use is in tests/support, so no level needs a package that another one could import."""
    assert [relative(path) for path in FILES if path.name == "__init__.py" and level(path) in LEVELS] == []


@pytest.mark.parametrize("folder", [*LEVELS, *SHARED, "benchmarks"])
def test_no_level_imports_another(folder: str) -> None:
    others = tuple(f"tests.{other}." for other in LEVELS if other != folder)
    wrong = {
        f"{relative(path)} imports {name}"
        for path in FILES
        if level(path) == folder
        for name in imports(path)
        if name.startswith(others)
    }
    assert wrong == set()


@pytest.mark.parametrize("folder", LEVELS)
def test_marks_are_those_of_the_level(folder: str) -> None:
    wrong = {
        f"{relative(path)}:{node.lineno} is marked {node.attr}"
        for path in FILES
        if level(path) == folder
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pytest.mark"
        if node.attr not in LEVELS[folder] | BUILT_IN
    }
    assert wrong == set()


def clock_readings(tree: ast.AST) -> set[str]:
    """The calls of a clock that measures, and the names that get a difference of two readings."""
    found = {f"time.{clock}()" for clock in ("monotonic", "perf_counter", "process_time", "thread_time")}
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Assign)):
        text = ast.unparse(node.value)
        if isinstance(node.value, ast.BinOp) and " - " in text and any(call in text for call in found):
            found |= {ast.unparse(target) for target in node.targets}
    return found


def at_most(node: ast.Compare) -> list[ast.expr]:
    """What a comparison wants to be the smaller."""
    sides = [node.left, *node.comparators]
    pairs = zip(node.ops, sides, sides[1:], strict=False)
    smaller = [(left if isinstance(op, ast.Lt | ast.LtE) else right, op) for op, left, right in pairs]
    return [side for side, op in smaller if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)]


def too_slow(text: str) -> list[int]:
    """The lines with an assertion that something took no longer than so many seconds."""
    tree = ast.parse(text)
    readings = clock_readings(tree)
    compared = [
        (node.lineno, ast.unparse(side))
        for stated in ast.walk(tree)
        if isinstance(stated, ast.Assert)
        for node in ast.walk(stated.test)
        if isinstance(node, ast.Compare)
        for side in at_most(node)
    ]
    return [line for line, side in compared if any(reading in side for reading in readings)]


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("assert time.monotonic() - began < 5", True),
        ("took = time.monotonic() - began\nassert took <= LIMIT", True),
        ("took = time.perf_counter() - began\nassert 1 <= took <= 5", True),
        ("took = time.monotonic() - began\nassert 5 > took", True),
        ("took = time.monotonic() - began\nassert took >= 5", False),
        ("assert len(rows) < 5", False),
    ],
)
def test_upper_bound_on_seconds_is_seen(statement: str, refused: bool) -> None:
    assert bool(too_slow(statement)) is refused


def test_no_test_asserts_that_something_is_fast() -> None:
    """On a busy machine it fails for nothing: times are measured in tests/benchmarks."""
    wrong = {f"{relative(p)}:{line}" for p in FILES if level(p) in LEVELS for line in too_slow(p.read_text("utf-8"))}
    assert wrong == set()
