# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run phases one after the other, tell how long each took, and sum up. Knows no particular phase."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.tasks.tree import ROOT


@dataclass(frozen=True)
class Phase:
    """One heading in the output: commands that run in order until one fails."""

    title: str
    commands: tuple[tuple[str, ...], ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    needed: bool = False
    """Nothing after this phase makes sense when it fails, other than tidying up."""
    tidies: bool = False
    """Runs in any case, also after a needed phase has failed."""
    beside: bool = False
    """The phases after it run at the same time; what it prints is shown when all have ended."""


@dataclass(frozen=True)
class Result:
    """How a phase ended; ``passed`` is None for one that was not run."""

    title: str
    passed: bool | None
    seconds: float = 0.0

    def __str__(self) -> str:
        verdict = {True: "ok", False: "FAILED", None: "not run"}[self.passed]
        return f"{self.title:<32} {verdict:<8} {clock(self.seconds)}"


def run(phases: Sequence[Phase]) -> int:
    """Run the phases in order. Returns the exit code: 0 when each of them passed."""
    started = time.monotonic()
    results: list[Result | Future[Result]] = []
    blocked = False
    with ThreadPoolExecutor() as beside, tempfile.TemporaryDirectory() as kept:
        for number, phase in enumerate(phases):
            if blocked and not phase.tidies:
                results.append(Result(phase.title, None))
                continue
            if phase.beside:
                print(f"\n== {phase.title}: started, beside what follows", flush=True)
                results.append(beside.submit(_run_beside, phase, Path(kept) / str(number)))
                continue
            result = _run(phase)
            results.append(result)
            blocked = blocked or (phase.needed and not result.passed)
        ended = [
            _shown(each.result(), Path(kept) / str(number)) if isinstance(each, Future) else each
            for number, each in enumerate(results)
        ]
    failed = [result.title for result in ended if not result.passed]
    print("\n" + "\n".join(str(result) for result in ended))
    total = clock(time.monotonic() - started)
    print(f"{'FAILED: ' + ', '.join(failed) if failed else 'all passed'} in {total}", flush=True)
    return 1 if failed else 0


def _run(phase: Phase, output: IO[bytes] | None = None) -> Result:
    started = time.monotonic()
    if output is None:
        print(f"\n== {phase.title}", flush=True)
    passed = all(_command(command, phase.environment, output) for command in phase.commands)
    result = Result(phase.title, passed, time.monotonic() - started)
    if output is None:
        _tell_end(result)
    return result


def _run_beside(phase: Phase, file: Path) -> Result:
    """Run a phase whose output waits in a file, so that it does not mix with that of the phases beside it."""
    with file.open("wb") as output:
        return _run(phase, output)


def _shown(result: Result, file: Path) -> Result:
    """The result of a phase that ran beside others, once its output is printed."""
    print(f"\n== {result.title}, beside the phases above", flush=True)
    print(file.read_text(errors="replace"), end="")
    _tell_end(result)
    return result


def _tell_end(result: Result) -> None:
    print(f"== {result.title}: {'ok' if result.passed else 'FAILED'} in {clock(result.seconds)}", flush=True)


def _command(command: tuple[str, ...], environment: Mapping[str, str], output: IO[bytes] | None) -> bool:
    """Whether the command succeeded; ``output`` takes what it prints, errors too, None leaves both where they go."""
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            env={**os.environ, **environment},
        )
    except FileNotFoundError:
        print(f"{command[0]} is not installed", file=sys.stderr)
        return False
    return ended.returncode == 0


def clock(seconds: float) -> str:
    """A duration for people: ``4.2 s`` below a minute, ``3 min 07 s`` above."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"
