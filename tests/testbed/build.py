# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles the programs of :mod:`tests.testbed.binaries` with the machine's Go, once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from tests.testbed import versions
from tests.testbed.binaries import BINARIES, BY_NAME, Binary, path_of
from tests.testbed.errors import TestbedError, tells_full_disk
from tests.testbed.files import locked
from tests.testbed.paths import MODULES, cache_dir
from tests.testbed.progress import Progress

_HEARTBEAT = 20.0
_GO_VERSION = re.compile(r"go version go(\d+)\.(\d+)")


def select(names: Collection[str] | None) -> list[Binary]:
    """The programs of these names, for None all that clusters need; raises on an unknown name."""
    unknown = sorted(set(names or ()) - set(BY_NAME))
    if unknown:
        raise TestbedError(f"unknown program {', '.join(unknown)}; the testbed compiles {', '.join(BY_NAME)}")
    return list(BINARIES) if names is None else [binary for binary in BY_NAME.values() if binary.name in names]


def missing(binaries: Sequence[Binary]) -> list[Binary]:
    """Those that are not compiled yet."""
    return [binary for binary in binaries if not path_of(binary.name).exists()]


def missing_go() -> str | None:
    """What is missing of a Go that compiles the programs, as a phrase; None when the machine has one."""
    wanted = f"Go {'.'.join(map(str, versions.GO))} or newer"
    if shutil.which("go") is None:
        return f"{wanted} (there is no 'go' on the PATH)"
    answer = subprocess.run(["go", "version"], capture_output=True, text=True, check=False).stdout
    match = _GO_VERSION.search(answer)
    if match is None or (int(match[1]), int(match[2])) < versions.GO:
        return f"{wanted} (found '{answer.strip()}')"
    return None


def build(names: Collection[str] | None, progress: Progress) -> dict[str, Path]:
    """Compile what is not cached of these programs, for None of all that clusters need.

    Returns name → path of every one asked for.
    """
    binaries = select(names)
    if missing(binaries):
        go = missing_go()
        if go:
            raise TestbedError(f"compiling needs {go}; install it from https://go.dev/dl/ and run this again")
        # Two commands at once would compile everything twice; the second waits, then finds it done.
        with locked(cache_dir() / "build.lock"):
            todo = missing(binaries)
            for number, binary in enumerate(todo, 1):
                _compile(binary, f"[{number}/{len(todo)}]", progress)
    return {binary.name: path_of(binary.name) for binary in binaries}


def _compile(binary: Binary, position: str, progress: Progress) -> None:
    target = path_of(binary.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    arguments = ["go", "build", "-v", *binary.flags(), "-o", str(draft), binary.package]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    started = time.monotonic()
    progress.say(f"{position} compiling {binary.name} ({binary.package})")
    with tempfile.TemporaryFile("w+") as output:
        with subprocess.Popen(
            arguments, cwd=MODULES / binary.module, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as child:
            while (status := _wait(child)) is None:
                count = len(os.pread(output.fileno(), 1 << 24, 0).splitlines())
                progress.say(f"{position}   … {time.monotonic() - started:.0f} s, {count} packages compiled")
        output.seek(0)
        log = output.read()
    if status != 0:
        draft.unlink(missing_ok=True)
        raise TestbedError(_failure(binary, log))
    draft.replace(target)
    progress.say(f"{position} {binary.name} done in {time.monotonic() - started:.0f} s")


def _wait(child: subprocess.Popen[bytes]) -> int | None:
    try:
        return child.wait(_HEARTBEAT)
    except subprocess.TimeoutExpired:
        return None


def _failure(binary: Binary, log: str) -> str:
    if tells_full_disk(log):
        return f"the disk is full: compiling {binary.name} needs room in Go's caches and in {cache_dir()}"
    return f"compiling {binary.name} failed:\n" + "\n".join(log.splitlines()[-15:])
