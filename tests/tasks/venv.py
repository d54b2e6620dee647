# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make or renew ``.venv``; a run with nothing to do costs milliseconds. Runs on the system's Python."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys

from tests.tasks.tree import ROOT, VENV, collections_path

PYTHON = (3, 11)
REQUIREMENTS = ("requirements-dev.txt", "meta/ee-requirements.txt", "meta/requirements-s3.txt")
STAMP = VENV / "requirements.sha256"


def main() -> int:
    """Bring the virtual environment up to date with the requirements. Returns the exit code."""
    if sys.version_info < PYTHON:
        needed, found = ".".join(map(str, PYTHON)), sys.version.split()[0]
        print(
            f"Python {needed} or newer is needed, this is {found}; make PYTHON=python3.x names another", file=sys.stderr
        )
        return 1
    collections_path()
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    print("== virtual environment: a minute or two, once", flush=True)
    if not (create() and install()):
        return 1
    STAMP.write_text(wanted)
    return 0


def fingerprint() -> str:
    """Digest of everything that decides what the environment holds."""
    digest = hashlib.sha256(sys.version.encode())
    for name in REQUIREMENTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def create() -> bool:
    """Create the environment; where Debian keeps the module for it apart, root gets the package."""
    make = [sys.executable, "-m", "venv", str(VENV)]
    if (VENV / "bin" / "pip").exists() or subprocess.run(make, check=False).returncode == 0:
        return True
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("the virtual environment could not be made: install python3-venv, then try again", file=sys.stderr)
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", "python3-venv"]):
        if subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL).returncode != 0:
            return False
    return subprocess.run([*make, "--clear"], check=False).returncode == 0


def install() -> bool:
    """Install the requirements into the environment."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, "-r", str(ROOT / REQUIREMENTS[0])], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
