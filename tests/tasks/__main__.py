# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.tasks check|test|test-full``: which phases there are, in which order."""

from __future__ import annotations

import os
import sys

from tests.tasks.phases import Phase, run
from tests.tasks.tree import BUILD, CACHE, GIT_TRUSTS, ROOT, VENV, collections_path, require_writable, run_told

PYTHON = str(VENV / "bin" / "python")
PLUGINS = "ansible_collections.o11y.thanos.plugins"
# As in tests/cluster/testbed/machine.py: apart from the clusters of `make testbed-up`.
PREFIX = "tbtest"
COLLECTIONS = {"ANSIBLE_COLLECTIONS_PATH": str(BUILD)}


def program(name: str, *arguments: str) -> tuple[str, ...]:
    """Command line of a program of the virtual environment."""
    return (str(VENV / "bin" / name), *arguments)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """Command line of a Python module, run by the virtual environment."""
    return (PYTHON, "-m", name, *arguments)


CHECK = (
    Phase(
        "lint",
        (
            program("ruff", "check", "--quiet", "."),
            program("ruff", "format", "--check", "."),
            program("reuse", "lint", "--lines"),
        ),
    ),
    Phase("types", (program("mypy"), program("mypy", "--python-version", "3.10", "--package", PLUGINS))),
    Phase(
        "unit tests",
        (module("pytest", "-q", "-n", "auto", "--maxprocesses", "4", "--dist", "worksteal", "tests/unit"),),
    ),
)
STATIC = (
    Phase("changelog", (program("antsibull-changelog", "lint"),)),
    Phase("ansible-lint", (program("ansible-lint", "--profile", "production", "--offline", "--nocolor"),), COLLECTIONS),
    Phase("ansible-test sanity", (module("tests.tasks.sanity"),)),
)


def set_up(*arguments: str, stores: tuple[str, ...]) -> tuple[Phase, ...]:
    """Phases that install what the others need; ``stores``: object stores to compile beside what clusters need."""
    programs = module("tests.testbed", "build")
    return (
        Phase("Debian packages", (module("tests.testbed", "prepare", *arguments),), needed=True),
        Phase("programs of the testbed", (programs, (*programs, "--only", *stores)), needed=True),
    )


def real(*which: str) -> tuple[Phase, ...]:
    """Phases on real servers; of the tests those that the arguments ``which`` of pytest select.

    The tests use the cluster that is booted here, and make a second one where they need it.
    """
    tests = module("pytest", "-q", "--durations=5", *which)
    # Each file starts its own servers; more than four sets of them want more memory than cores.
    side_by_side = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")
    return (
        Phase("tests on loopback", ((*tests, "tests/integration", *side_by_side),)),
        Phase(
            "tests on a real cluster",
            (module("tests.testbed", "--quiet", "up", "--prefix", PREFIX), (*tests, "tests/cluster")),
        ),
        Phase("testbed down", (module("tests.testbed", "down", f"{PREFIX}1", f"{PREFIX}2"),), tidies=True),
        Phase("molecule", (program("molecule", "test"),)),
    )


BENCHMARKS = Phase("benchmarks", (module("pytest", "-q", "-s", "tests/benchmarks"),))

TASKS = {
    "check": CHECK,
    "test": (*set_up(stores=("minio",)), *CHECK, *STATIC, *real("-m", "not slow")),
    "test-full": (*set_up("--stores", stores=("minio",)), *CHECK, *STATIC, BENCHMARKS, *real()),
}


def main(arguments: list[str]) -> int:
    """Run the phases of one task. Returns the exit code."""
    require_writable(ROOT, BUILD, CACHE)
    collections_path()
    os.environ.update(GIT_TRUSTS, PATH=f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}")
    try:
        return run(TASKS[arguments[0]])
    except KeyboardInterrupt:
        print("interrupted; make testbed-down removes clusters that are still up", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(run_told(lambda: main(sys.argv[1:])))
