# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python that is newer than that of the machine, from the packages of a Debian release of its own.

Newer releases of ansible-core run on nothing older. Programs that it starts use the machine's libraries as ever.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from tests.testbed import debian_tree
from tests.testbed.shell import run

VERSION = "3.13"
_NAME = f"python{VERSION}"


def _finish(draft: Path, root: Path) -> None:
    """Make the program a script that starts it with its own libraries, as those of the machine are older.

    It keeps the name by which it is called: by that a virtual environment is found.
    """
    program = draft / "usr/bin" / _NAME
    real = program.with_name(f"{_NAME}.program")
    shutil.move(program, real)
    tree = debian_tree.Tree(draft)
    loader, libraries, started = (
        shlex.quote(str(root / path.relative_to(draft))) for path in (tree.loader, tree.libraries, real)
    )
    program.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} --argv0 "$0" {started} "$@"\n')
    program.chmod(0o755)


PACKAGES = debian_tree.Packages("Python", VERSION, (_NAME, "python3-pip-whl", "libstdc++6"), 200 << 20, _finish)


def make_environment(folder: Path) -> Path:
    """A virtual environment with pip in it, made anew. Returns its Python."""
    tree = PACKAGES.install()
    run(tree.root / "usr/bin" / _NAME, "-m", "venv", "--clear", "--without-pip", folder)
    python = folder / "bin/python"
    # Debian keeps pip in a place of the machine, where that of another release is not.
    wheel = tree.one("usr/share/python-wheels/pip-*.whl")
    run(python, wheel / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", wheel)
    return python
