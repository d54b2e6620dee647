# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run phases one after the other, tell how long each took, and sum up. Knows no particular phase."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
    results: list[Result] = []
    blocked = False
    for phase in phases:
        if blocked and not phase.tidies:
            results.append(Result(phase.title, None))
            continue
        results.append(_run(phase))
        blocked = blocked or (phase.needed and not results[-1].passed)
    failed = [result.title for result in results if not result.passed]
    total = clock(sum(result.seconds for result in results))
    print("\n" + "\n".join(str(result) for result in results))
    print(f"{'FAILED: ' + ', '.join(failed) if failed else 'all passed'} in {total}", flush=True)
    return 1 if failed else 0


def _run(phase: Phase) -> Result:
    print(f"\n== {phase.title}", flush=True)
    started = time.monotonic()
    passed = all(_command(command, phase.environment) for command in phase.commands)
    result = Result(phase.title, passed, time.monotonic() - started)
    print(f"== {phase.title}: {'ok' if passed else 'FAILED'} in {clock(result.seconds)}", flush=True)
    return result


def _command(command: tuple[str, ...], environment: Mapping[str, str]) -> bool:
    try:
        ended = subprocess.run(
            command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **environment}
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
