# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What compiles the programs of :mod:`tests.testbed.binaries`: Go those of modules, cargo those of crates."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.testbed import versions
from tests.testbed.binaries import Binary, Crate, Program
from tests.testbed.paths import MODULES

_VERSION = re.compile(r"(?:go version go|cargo )(\d+)\.(\d+)")
# What the newest of the crates that Garage is made of asks for; no Debian has it yet.
_RUST = (1, 89)


@dataclass(frozen=True)
class Compiler:
    """A tool, the question for its version, the oldest that will do, and where people get it."""

    title: str
    question: tuple[str, ...]
    oldest: tuple[int, int]
    source: str


COMPILERS: Mapping[type[Program], Compiler] = {
    Binary: Compiler("Go", ("go", "version"), versions.GO, "https://go.dev/dl/"),
    Crate: Compiler("Rust", ("cargo", "--version"), _RUST, "https://rustup.rs/"),
}


@dataclass(frozen=True)
class Recipe:
    """A command that compiles, in a folder, with variables beside the environment; ``result`` is where it puts it."""

    arguments: tuple[str, ...]
    folder: Path
    variables: Mapping[str, str]
    result: Path


def recipe(program: Program, draft: Path) -> Recipe:
    """What compiles the program; it may write to the folder ``draft``."""
    if isinstance(program, Crate):
        arguments = ("cargo", "install", *program.arguments(), "--root", str(draft), "--no-track")
        variables = {**dict(program.settings), "CARGO_TARGET_DIR": str(draft / "target")}
        return Recipe(arguments, draft, variables, draft / "bin" / program.name)
    result = draft / program.name
    arguments = ("go", "build", "-v", *program.flags(), "-o", str(result), program.package)
    variables = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    return Recipe(arguments, MODULES / program.module, variables, result)


def compilers_of(programs: Iterable[Program]) -> list[Compiler]:
    """Those that these programs need, each once."""
    kinds = {type(program) for program in programs}
    return [compiler for kind, compiler in COMPILERS.items() if kind in kinds]


def lacks(compiler: Compiler) -> str | None:
    """What this machine lacks of it, as a phrase; None when there is one that will do."""
    tool = compiler.question[0]
    wanted = f"{compiler.title} {'.'.join(map(str, compiler.oldest))} or newer"
    if shutil.which(tool) is None:
        return f"{wanted} (there is no '{tool}' on the PATH)"
    answer = subprocess.run(compiler.question, capture_output=True, text=True, check=False).stdout
    match = _VERSION.match(answer)
    if match is None or (int(match[1]), int(match[2])) < compiler.oldest:
        return f"{wanted} (found '{answer.strip()}')"
    return None
