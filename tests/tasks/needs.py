# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine must have before anything is built on it, told in one sentence where it has not."""

from __future__ import annotations

import os
import platform
import shutil
import sys

from tests.testbed import build
from tests.testbed.binaries import BINARIES, OPTIONAL
from tests.testbed.compilers import compilers_of, lacks
from tests.testbed.host import STILL_WORKS


def missing(target: str) -> list[str]:
    """What ``make TARGET`` needs and this machine does not have, as phrases; empty when it has everything."""
    found = []
    if platform.system() != "Linux" or shutil.which("apt-get") is None:
        found.append(f"a Debian system (this is {platform.system()} without apt-get)")
    elif os.geteuid() != 0:
        found.append(f"root (you are user {os.geteuid()})")
    programs = (*BINARIES, *(build.missing(OPTIONAL) if target == "test-full" else ()))
    found += filter(None, map(lacks, compilers_of(programs)))
    if shutil.which("git") is None:
        found.append("git")
    return found


def main(arguments: list[str]) -> int:
    """Print what is missing for ``make TARGET``, if anything. Returns the exit code."""
    lacking = missing(arguments[0])
    if lacking:
        print(f"make {arguments[0]} needs {' and '.join(lacking)}; {STILL_WORKS}", file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
