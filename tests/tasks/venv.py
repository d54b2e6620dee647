# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make or renew ``.venv``; a run with nothing to do costs milliseconds. Runs on the system's Python."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.tasks.tree import ROOT, VENV, collections_path, require_writable, run_told

REQUIREMENTS = ROOT / "requirements-dev.txt"
PIP = "pip>=23.1"
STAMP = VENV / "requirements.sha256"
PROGRAM = VENV / "bin" / "python"


def main() -> int:
    """Bring the virtual environment up to date. Returns the exit code; what went wrong is told in a sentence."""
    try:
        problem = renew()
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


def renew() -> str | None:
    """Make what is missing of the environment. Returns what stood in the way, None when it is up to date."""
    collections_path()
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted and PROGRAM.exists():
        return None
    require_writable(ROOT, VENV)
    print("== virtual environment: a minute or two, once", flush=True)
    problem = create() or install()
    if problem is None:
        STAMP.write_text(wanted)
    return problem


def fingerprint() -> str:
    """Digest of everything that decides what the environment holds."""
    digest = hashlib.sha256(sys.version.encode())
    for file in requirements(REQUIREMENTS):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def requirements(file: Path) -> Iterator[Path]:
    """A file of requirements, and those that it includes."""
    yield file
    for line in file.read_text().splitlines():
        if line.startswith("-r "):
            yield from requirements(file.parent / line.removeprefix("-r ").strip())


def create() -> str | None:
    """Create the environment; where Debian keeps the module for it apart, root gets the package."""
    if PROGRAM.exists() and (VENV / "bin" / "pip").exists():
        return None
    if importlib.util.find_spec("ensurepip") is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            return "this Python has no ensurepip for virtual environments: install python3-venv, then try again"
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", "python3-venv"]):
            if subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL).returncode != 0:
                return f"{' '.join(command)} failed, as it says above: install python3-venv, then try again"
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
    return f"{VENV} could not be made, as is said above" if made.returncode else None


def install() -> str | None:
    """Install the requirements into the environment."""
    # That of Debian 12 searches for hours where the newest releases of two packages do not go together.
    return pip_install(PROGRAM, PIP) or pip_install(PROGRAM, "-r", str(REQUIREMENTS))


def pip_install(python: Path, *what: str) -> str | None:
    """Install packages, or the files of them, for the Python of an environment. Returns what stood in the way."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    if subprocess.run(command, check=False).returncode == 0:
        return None
    return (
        f"pip could not install {Path(what[-1]).name}, as it says above; it needs a package index, "
        "and PIP_INDEX_URL names another package index than that of pip"
    )


if __name__ == "__main__":
    sys.exit(run_told(main))
