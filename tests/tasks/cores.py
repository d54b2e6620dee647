# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.tasks.cores NAME MODULE …``: run a module on another ansible-core than that of ``.venv``.

Each has a virtual environment in the cache, with a Python that it supports; it is made when it is missing.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.tasks.tree import ROOT, run_told
from tests.tasks.venv import PIP, pip_install, requirements
from tests.testbed import newer_python
from tests.testbed.errors import TestbedError
from tests.testbed.files import locked
from tests.testbed.paths import cache_dir
from tests.testbed.shell import run

REQUIREMENTS = ROOT / "tests" / "requirements.txt"


@dataclass(frozen=True)
class Core:
    """Packages beside ``tests/requirements.txt``, ansible-core among them; ``newer``: it needs a newer Python."""

    packages: tuple[str, ...]
    newer: bool = True


# Beside that of .venv. The oldest libraries are those that meta/*requirements*.txt allow and that can still be
# installed.
CORES: Mapping[str, Core] = {
    "oldest libraries": Core(
        (
            "ansible-core>=2.19.14,<2.20",
            "kubernetes==29.0.0",
            "cryptography==42.0.0",
            "PyYAML==6.0.1",
            "boto3==1.34.0",
            "google-cloud-storage==2.14.0",
            "azure-storage-blob==12.19.0",
            "azure-identity==1.15.0",
        ),
        newer=False,
    ),
    "2.20": Core(("ansible-core>=2.20.10,<2.21",)),
    "2.21": Core(("ansible-core>=2.21.5,<2.22",)),
    "2.22": Core(("ansible-core>=2.22.0rc1,<2.23",)),
}


def main(arguments: list[str]) -> int:
    """Run the module. Returns its exit code."""
    name, *module = arguments
    try:
        python = environment(name)
    except TestbedError as error:
        print(error, file=sys.stderr)
        return 1
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    command = [str(python), "-m", *module]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=False).returncode


def environment(name: str) -> Path:
    """The Python of the environment; a minute's work when it is missing or what it shall hold has changed."""
    core = CORES[name]
    wanted = fingerprint(core)
    folder = cache_dir() / "cores" / f"{name.replace(' ', '-')}-{wanted[:12]}"
    python, stamp = folder / "bin/python", folder / "installed"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not stamp.is_file():
            print(f"== environment of {name}: a minute, once", flush=True)
            create(core, folder)
            problem = pip_install(python, PIP) or pip_install(python, *core.packages, "-r", str(REQUIREMENTS))
            if problem:
                raise TestbedError(problem)
            stamp.write_text(wanted)
    return python


def fingerprint(core: Core) -> str:
    """Digest of everything that decides what the environment holds."""
    files = b"".join(file.read_bytes() for file in requirements(REQUIREMENTS))
    python = newer_python.VERSION if core.newer else sys.version
    return hashlib.sha256(repr((core, python, files)).encode()).hexdigest()


def create(core: Core, folder: Path) -> None:
    """An environment with nothing but pip in it."""
    if core.newer:
        newer_python.make_environment(folder)
    else:
        run(sys.executable, "-m", "venv", "--clear", folder)


if __name__ == "__main__":
    sys.exit(run_told(lambda: main(sys.argv[1:])))
