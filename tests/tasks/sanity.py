# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-test sanity`` on a copy of the tree, without containers and with nothing but the Python index.

It is that of the environment whose Python runs this.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import ansible_test
from ansible_test._internal.python_requirements import get_venv_packages

from tests.tasks.tree import ROOT, project_files
from tests.testbed.files import write_file


def main() -> int:
    """Copy the project to a place of the shape that ansible-test asks for and run it there. Returns its exit code."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    offer_pip(version)
    forget_broken(Path.home() / ".ansible" / "test" / "venv")
    for file in (Path(ansible_test.__file__).parent / "_data" / "requirements").glob("sanity.*.txt"):
        take_from_index(file)
    programs = Path(sys.prefix) / "bin"
    command = [str(programs / "ansible-test"), "sanity", "--local", "--python", version, "--color", "no"]
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory(prefix="sanity-") as folder:
        copy = Path(folder) / "ansible_collections" / "o11y" / "thanos"
        for path in project_files():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, copy / path, follow_symlinks=False)
        return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


# NAME @ https://…, as a release candidate may have it.
_ARCHIVE = re.compile(r"^(\S+) ?@ ?https://\S+", re.MULTILINE)
# Debian has the packages of pip apart, and a Python of another release has its own.
_SCRIPT = """\
import glob, os, runpy, sys

wheels = glob.glob(os.path.join(sys.base_prefix, "share", "python-wheels", "pip-*.whl"))
if wheels:
    sys.path.insert(0, wheels[0])
    sys.argv[1:] = ["install", "--quiet", "--no-index", wheels[0]]
    runpy.run_module("pip", run_name="__main__")
else:
    import ensurepip

    ensurepip.bootstrap()
"""


def offer_pip(version: str) -> None:
    """Put a script where ansible-test looks before it downloads one from a host that is often out of reach.

    Python brings a pip of its own, which is all that the script installs.
    """
    wanted = get_venv_packages(SimpleNamespace(version=version))["pip"]
    write_file(Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{wanted.replace('.', '_')}.py", _SCRIPT)


def forget_broken(environments: Path) -> None:
    """Remove environments of ansible-test whose Python is gone, as after a cache was cleared: it makes them anew."""
    for folder in environments.glob("sanity/*/*/bin"):
        if not (folder / "python").exists():
            shutil.rmtree(folder.parent)


def take_from_index(file: Path) -> None:
    """Have a file of requirements take its packages from the index alone, where one names an archive elsewhere."""
    file.write_text(_ARCHIVE.sub(r"\1", file.read_text()))


if __name__ == "__main__":
    sys.exit(main())
