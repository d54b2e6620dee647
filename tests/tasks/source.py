# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the collection's Python as data: what a file imports, how long its functions are."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.tasks.tree import ROOT

PLUGINS = ROOT / "plugins"
UTILS = PLUGINS / "module_utils"
PREFIX = "ansible_collections.o11y.thanos.plugins.module_utils"


def modules_with_a_body() -> list[Path]:
    """The files of modules that do something; of the others an action plugin does it all."""
    return [path for path in sorted((PLUGINS / "modules").glob("*.py")) if functions(path)]


@dataclass(frozen=True)
class Function:
    """A function or method of one file."""

    path: str
    name: str
    lines: int

    def __str__(self) -> str:
        return f"{self.path}: {self.name} has {self.lines} lines"


@cache
def syntax(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's syntax tree."""
    return tuple(ast.walk(syntax(path)))


def functions(path: Path) -> list[Function]:
    """Every function of a file with its length, decorators and nested functions included."""
    relative = str(path.relative_to(ROOT))
    return [
        Function(relative, node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@cache
def imports(path: Path, *, everywhere: bool = True) -> frozenset[str]:
    """Dotted names that a file imports; ``everywhere=False`` leaves out those inside functions.

    ``from a import b`` gives ``a`` and ``a.b``, as ``b`` may be a module; relative imports come out absolute.
    """
    return frozenset(_imported(path, nodes(path) if everywhere else syntax(path).body))


def _imported(path: Path, among: Iterable[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in among:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(path, node)
            found.update((origin, *(f"{origin}.{alias.name}" for alias in node.names)))
    return found


def _for_annotations(path: Path) -> set[str]:
    blocks = [n.body for n in syntax(path).body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    return _imported(path, [node for block in blocks for node in block])


def _origin(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = ["ansible_collections", "o11y", "thanos", *path.relative_to(ROOT).parts[:-1]]
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


@cache
def utils_of(path: Path, *, annotations: bool = True) -> frozenset[Path]:
    """Files of module_utils that a file imports, directly.

    ``annotations=False`` leaves out what it imports for its annotations alone, in ``if TYPE_CHECKING``.
    """
    files: set[Path] = set()
    for name in imports(path) - (set() if annotations else _for_annotations(path)):
        if name == PREFIX or name.startswith(f"{PREFIX}."):
            target = UTILS.joinpath(*name[len(PREFIX) + 1 :].split("."))
            files.update(file for file in (target.with_suffix(".py"), target / "__init__.py") if file.is_file())
    return frozenset(files)


def closure(path: Path) -> set[Path]:
    """Files of module_utils that Ansible sends along with a module: all it imports, and what those import."""
    seen: set[Path] = set()
    open_ends = set(utils_of(path))
    while open_ends:
        file = open_ends.pop()
        seen.add(file)
        open_ends |= utils_of(file) - seen
    return seen
