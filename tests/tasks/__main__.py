# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.tasks check|test|test-full``: which phases there are, in which order."""

from __future__ import annotations

import os
import sys

from tests.tasks.phases import Phase, run
from tests.tasks.tree import BUILD, VENV, collections_path

PYTHON = str(VENV / "bin" / "python")
COLLECTIONS = {"ANSIBLE_COLLECTIONS_PATH": str(BUILD)}


def program(name: str, *arguments: str) -> tuple[str, ...]:
    """Command line of a program of the virtual environment."""
    return (str(VENV / "bin" / name), *arguments)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """Command line of a Python module, run by the virtual environment."""
    return (PYTHON, "-m", name, *arguments)


CHECK = (
    Phase("lint", (program("ruff", "check", "."), program("ruff", "format", "--check", "."))),
    Phase("types", (program("mypy"),)),
    Phase("unit tests", (module("pytest", "-q", "tests/unit"),)),
)
STATIC = (
    Phase("licences", (program("reuse", "lint", "--quiet"),)),
    Phase("changelog", (program("antsibull-changelog", "lint"),)),
    Phase("ansible-lint", (program("ansible-lint", "--profile", "production", "--offline"),), COLLECTIONS),
    Phase("ansible-test sanity", (module("tests.tasks.sanity"),)),
    Phase("package", (module("pytest", "-q", "tests/integration/package"),)),
)
SET_UP = (
    Phase("Debian packages", (module("tests.testbed", "prepare"),), needed=True),
    Phase("programs of the testbed", (module("tests.testbed", "build"),), needed=True),
)
REAL = (
    Phase("tests on a real API server", (module("pytest", "-q", "-m", "api", "tests/integration/api"),)),
    Phase(
        "tests on a real cluster",
        (
            module("tests.testbed", "up", "--clusters", "1"),
            module("pytest", "-q", "-m", "cluster", "tests/integration/cluster"),
        ),
    ),
    Phase("testbed down", (module("tests.testbed", "down"),), tidies=True),
    Phase("molecule", (program("molecule", "test"),)),
)
FULL = (Phase("benchmarks", (module("pytest", "-q", "tests/benchmarks"),)),)

TASKS = {
    "check": CHECK,
    "test": (*SET_UP, *CHECK, *STATIC, *REAL),
    "test-full": (*SET_UP, *CHECK, *STATIC, *FULL, *REAL),
}


def main(arguments: list[str]) -> int:
    """Run the phases of one task. Returns the exit code."""
    collections_path()
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return run(TASKS[arguments[0]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
