# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles the programs of :mod:`tests.testbed.binaries` with the machine's Go and Rust, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from tests.testbed.binaries import BINARIES, BY_NAME, Program, path_of
from tests.testbed.compilers import compilers_of, lacks, recipe
from tests.testbed.errors import TestbedError, tells_full_disk
from tests.testbed.files import locked
from tests.testbed.paths import cache_dir
from tests.testbed.progress import Progress

_HEARTBEAT = 20.0


def select(names: Collection[str] | None) -> list[Program]:
    """The programs of these names, for None all that clusters need; raises on an unknown name."""
    unknown = sorted(set(names or ()) - set(BY_NAME))
    if unknown:
        raise TestbedError(f"unknown program {', '.join(unknown)}; the testbed compiles {', '.join(BY_NAME)}")
    return list(BINARIES) if names is None else [binary for binary in BY_NAME.values() if binary.name in names]


def missing(binaries: Sequence[Program]) -> list[Program]:
    """Those that are not compiled yet."""
    return [binary for binary in binaries if not path_of(binary.name).exists()]


def build(names: Collection[str] | None, progress: Progress) -> dict[str, Path]:
    """Compile what is not cached of these programs, for None of all that clusters need.

    Returns name → path of every one asked for.
    """
    binaries = select(names)
    if missing(binaries):
        for compiler in compilers_of(missing(binaries)):
            lack = lacks(compiler)
            if lack:
                raise TestbedError(f"compiling needs {lack}; install it from {compiler.source} and run this again")
        # Two commands at once would compile everything twice; the second waits, then finds it done.
        with locked(cache_dir() / "build.lock"):
            todo = missing(binaries)
            for number, binary in enumerate(todo, 1):
                _compile(binary, f"[{number}/{len(todo)}]", progress)
    return {binary.name: path_of(binary.name) for binary in binaries}


def _compile(binary: Program, position: str, progress: Progress) -> None:
    target = path_of(binary.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    progress.say(f"{position} compiling {binary.name} ({binary.package})")
    # Kept when we are interrupted: cargo goes on with what is in it.
    draft = target.with_name(f".{target.name}.draft")
    draft.mkdir(exist_ok=True)
    how = recipe(binary, draft)
    with tempfile.TemporaryFile("w+") as log:
        with subprocess.Popen(
            how.arguments, cwd=how.folder, env={**os.environ, **how.variables}, stdout=log, stderr=subprocess.STDOUT
        ) as child:
            while (status := _wait(child)) is None:
                count = len(os.pread(log.fileno(), 1 << 24, 0).splitlines())
                progress.say(f"{position}   … {time.monotonic() - started:.0f} s, {count} packages compiled")
        log.seek(0)
        said = log.read()
    if status == 0:
        how.result.replace(target)
    shutil.rmtree(draft)
    if status != 0:
        raise TestbedError(_failure(binary, said))
    progress.say(f"{position} {binary.name} done in {time.monotonic() - started:.0f} s")


def _wait(child: subprocess.Popen[bytes]) -> int | None:
    try:
        return child.wait(_HEARTBEAT)
    except subprocess.TimeoutExpired:
        return None


def _failure(binary: Program, log: str) -> str:
    if tells_full_disk(log):
        return f"the disk is full: compiling {binary.name} needs room in the compiler's caches and in {cache_dir()}"
    return f"compiling {binary.name} failed:\n" + "\n".join(log.splitlines()[-15:])
