# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A newer Python runs with the loader and the libraries of its own release, under the name by which it is called."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.testbed import newer_python
from tests.testbed.errors import TestbedError

LOADER = "usr/lib64/ld-linux-x86-64.so.2"
PROGRAM = f"usr/bin/python{newer_python.VERSION}"


def unpacked(folder: Path) -> Path:
    """A loader that prints its arguments, and what else is looked for."""
    for name in (LOADER, "usr/lib/x86_64-linux-gnu/libc.so.6", PROGRAM):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def test_program_starts_with_its_own_libraries_and_the_name_of_the_environment(tmp_path: Path) -> None:
    draft, root = unpacked(tmp_path / "a draft"), tmp_path / "a root"
    newer_python.PACKAGES.finish(draft, root)
    draft.rename(root)
    linked = tmp_path / "python"
    linked.symlink_to(root / PROGRAM)
    said = subprocess.run([linked, "-c", "two words"], capture_output=True, text=True, check=True).stdout
    libraries = str(root / "usr/lib/x86_64-linux-gnu")
    named = ["--library-path", libraries, "--argv0", str(linked), f"{root / PROGRAM}.program"]
    assert said.splitlines() == [*named, "-c", "two words"]


def test_package_that_lacks_the_program_is_told(tmp_path: Path) -> None:
    draft = unpacked(tmp_path / "draft")
    (draft / LOADER).unlink()
    with pytest.raises(TestbedError, match="remove the folder and run this again"):
        newer_python.PACKAGES.finish(draft, tmp_path / "root")
