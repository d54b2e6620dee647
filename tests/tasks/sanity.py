# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-test sanity`` on a copy of the tree, without containers and with nothing but the Python index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages

from tests.tasks.tree import ROOT, VENV, project_files


def main() -> int:
    """Copy the project to a place of the shape that ansible-test asks for and run it there. Returns its exit code."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    offer_pip(version)
    command = [str(VENV / "bin" / "ansible-test"), "sanity", "--local", "--python", version, "--color", "no"]
    environment = {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory(prefix="sanity-") as folder:
        copy = Path(folder) / "ansible_collections" / "o11y" / "thanos"
        for path in project_files():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, copy / path, follow_symlinks=False)
        return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


def offer_pip(version: str) -> None:
    """Put a script where ansible-test looks before it downloads one from a host that is often out of reach.

    Python brings a pip of its own, which is all that the script installs.
    """
    wanted = get_venv_packages(SimpleNamespace(version=version))["pip"]
    script = Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{wanted.replace('.', '_')}.py"
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("import ensurepip\n\nensurepip.bootstrap()\n")


if __name__ == "__main__":
    sys.exit(main())
