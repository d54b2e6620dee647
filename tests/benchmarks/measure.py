# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs commands side by side and says what each cost: wall clock, CPU and memory of the command and all it started.

A machine that is shared or warm drifts by a third within minutes, so commands take turns: each round runs all of them
once, every other round backwards, and what is compared are medians and their ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.memory import Watch
from tests.testbed.errors import TestbedError

# Rounds of every comparison; more make it steadier, one is enough to see that it works.
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
# Each of them slows every start of Python or of Ansible down, or says another cluster than the command does.
_UNWANTED = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH", "KUBECONFIG", "ANSIBLE_CONFIG")


def _nothing() -> None:
    """No preparation."""


@dataclass(frozen=True)
class Command:
    """What is measured. ``before`` is called in front of each run and is not part of it.

    With ``watched`` the memory of all processes is sampled, which costs some CPU of its own: leave it out where
    milliseconds count.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    before: Callable[[], None] = _nothing
    watched: bool = False
    code: int = 0
    """How it ends when all is well."""


@dataclass(frozen=True)
class Sample:
    """One run: seconds of wall clock and CPU; MiB of all processes at their highest, and of the first one over time."""

    wall: float
    cpu: float
    peak: float = 0.0
    parent: tuple[float, ...] = ()


@dataclass(frozen=True)
class Cost:
    """The medians of a command's runs."""

    samples: tuple[Sample, ...]

    @property
    def wall(self) -> float:
        """Seconds from start to end."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Seconds of all processors, of the command and of all that it waited for."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def peak(self) -> float:
        """MiB of all its processes together, memory that they share counted once."""
        return statistics.median(sample.peak for sample in self.samples)


def once(command: Command) -> Sample:
    """Run a command to its end. Raises with what it printed when it ends otherwise than it shall."""
    command.before()
    inherited = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    with tempfile.TemporaryFile("w+") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command.argv,
            cwd=command.folder,
            env={**inherited, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        watch = Watch(process.pid) if command.watched else None
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        peak, parent = watch.end() if watch else (0.0, ())
        if process.returncode != command.code:
            output.seek(0)
            raise TestbedError(f"{command.name} ended with {process.returncode}:\n{output.read()[-4000:]}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, peak, parent)


def interleaved(commands: Sequence[Command], rounds: int = ROUNDS, warm: bool = True) -> dict[str, Cost]:
    """Name → cost, of commands that took turns. With ``warm`` each runs once before, uncounted, to fill caches."""
    for command in commands if warm else ():
        once(command)
    samples: dict[str, list[Sample]] = {command.name: [] for command in commands}
    for number in range(rounds):
        for command in commands[:: -1 if number % 2 else 1]:
            samples[command.name].append(once(command))
    return {name: Cost(tuple(each)) for name, each in samples.items()}
