# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.tasks check|test|test-full``: which phases there are, in which order."""

from __future__ import annotations

import os
import sys

from tests.tasks.phases import Phase, run
from tests.tasks.tree import BUILD, CACHE, GIT_TRUSTS, ROOT, VENV, collections_path, require_writable, run_told
from tests.testbed.binaries import OTHERS

PYTHON = str(VENV / "bin" / "python")
# As in tests/cluster/testbed/machine.py: apart from the clusters of `make testbed-up`.
PREFIX = "tbtest"
COLLECTIONS = {"ANSIBLE_COLLECTIONS_PATH": str(BUILD)}


def program(name: str, *arguments: str) -> tuple[str, ...]:
    """Command line of a program of the virtual environment."""
    return (str(VENV / "bin" / name), *arguments)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """Command line of a Python module, run by the virtual environment."""
    return (PYTHON, "-m", name, *arguments)


# A test that watches servers start, roll and die may lose a race on a busy machine: it is tried once more at once, and
# listed. What fails twice is red.
TWICE = ("--reruns", "1", "-rfER")
# Each file of tests/integration starts its own servers; more than four sets of them want more memory than cores.
WORKERS = ("-n", "auto", "--maxprocesses", "4")
SIDE_BY_SIDE = (*WORKERS, "--dist", "loadfile")


def on_core(name: str, *what: tuple[str, ...]) -> Phase:
    """A phase on another ansible-core: modules of Python with their arguments."""
    return Phase(f"on {name}", tuple(module("tests.tasks.cores", name, *each) for each in what))


def unit_tests(*beside: str) -> tuple[str, ...]:
    """Command line of pytest. No unit test reads a log, and to listen for one costs each of them."""
    return ("pytest", "-q", "-p", "no:logging", *WORKERS, "--dist", "worksteal", "tests/unit", *beside)


CHECK = (
    Phase(
        "lint",
        (
            program("ruff", "check", "--quiet", "."),
            program("ruff", "format", "--check", "."),
            program("reuse", "lint", "--lines"),
            # As ansible-lint does, which takes minutes and runs in `make test`.
            program("yamllint", "--strict", "playbooks", "roles", "extensions", "examples", "plugins"),
        ),
    ),
    # One process of its own, on a core that the tests' workers leave free while they collect.
    Phase("types", (program("mypy"),), beside=True),
    Phase("unit tests", (module(*unit_tests()),)),
)
STATIC = (
    Phase("changelog", (program("antsibull-changelog", "lint"),)),
    Phase("ansible-lint", (program("ansible-lint", "--profile", "production", "--offline", "--nocolor"),), COLLECTIONS),
    Phase("ansible-test sanity", (module("tests.tasks.sanity"),)),
)


def set_up(*arguments: str, beside: tuple[str, ...]) -> tuple[Phase, ...]:
    """Phases that install what the others need; ``beside``: programs to compile beside what clusters need."""
    programs = module("tests.testbed", "build")
    return (
        Phase("Debian packages", (module("tests.testbed", "prepare", *arguments),), needed=True),
        Phase("programs of the testbed", (programs, (*programs, "--only", *beside)), needed=True),
    )


def real(*which: str, scenarios: tuple[str, ...] = ("default",)) -> tuple[Phase, ...]:
    """Phases on real servers; of the tests those that the arguments ``which`` of pytest select.

    The tests use the cluster that is booted here, and make a second one where they need it.
    """
    tests = module("pytest", "-q", "--durations=5", *TWICE, *which)
    return (
        # A cluster's tests mostly wait for pods, so that these have the cores meanwhile.
        Phase("tests on loopback", ((*tests, "tests/integration", *SIDE_BY_SIDE),), beside=True),
        Phase(
            "tests on a real cluster",
            (module("tests.testbed", "--quiet", "up", "--prefix", PREFIX), (*tests, "tests/cluster")),
        ),
        Phase("testbed down", (module("tests.testbed", "down", f"{PREFIX}1", f"{PREFIX}2"),), tidies=True),
        Phase("molecule", tuple(program("molecule", "test", "--scenario-name", name) for name in scenarios)),
    )


# No Ansible has a part in the testbed; and the rules for the source are the same for all.
OF_ANSIBLE = unit_tests(*(f"--ignore=tests/unit/{name}" for name in ("demo", "repo", "support", "tasks", "testbed")))
IN_PROCESS = ("pytest", "-q", *SIDE_BY_SIDE, "tests/integration/action")
# Playbooks whose runs end before a server is asked.
PLAYS = ("pytest", "-q", *SIDE_BY_SIDE, "-m", "not api", "tests/integration/playbooks")
DEPLOY = ("pytest", "-q", "tests/integration/playbooks/test_deploy.py")
SANITY = ("tests.tasks.sanity",)
NEWEST = on_core("2.21", OF_ANSIBLE, PLAYS)
CORES = (
    on_core("oldest libraries", OF_ANSIBLE, PLAYS, IN_PROCESS, DEPLOY),
    *(on_core(name, OF_ANSIBLE, PLAYS, IN_PROCESS, DEPLOY, SANITY) for name in ("2.20", "2.21", "2.22")),
)

DOCUMENTATION = Phase("documentation", (module("tests.tasks.docs"),))
BENCHMARKS = Phase("benchmarks", (module("pytest", "-q", "-s", "tests/benchmarks"),))
# Whoever lacks one of them fails, and nobody else.
OTHER_RELEASES = Phase(
    "programs of other releases", (module("tests.testbed", "build", "--only", *(program.name for program in OTHERS)),)
)

TASKS = {
    "check": CHECK,
    "test": (*set_up(beside=("minio",)), *CHECK, *STATIC, NEWEST, *real("-m", "not slow")),
    "test-full": (
        *set_up("--stores", beside=("minio", "weed", "garage", "helm", "prometheus-operator", "prometheus-earlier")),
        OTHER_RELEASES,
        *CHECK,
        *STATIC,
        *CORES,
        BENCHMARKS,
        DOCUMENTATION,
        *real(scenarios=("default", "objstore", "fleet")),
    ),
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
