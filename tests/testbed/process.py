# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long-running processes, each with a pid file that names exactly one process.

A pid alone is not a name: the kernel gives it to another process later. A record therefore also holds the process'
start time, the boot it belongs to and its arguments, and nothing is signalled unless all of them still match.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.testbed.errors import TestbedError, tells_full_disk
from tests.testbed.files import write_file
from tests.testbed.shell import environment

PROC = Path("/proc")
# Prefix of a process that the kernel ends when we end, however that happens.
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
_ADDRESS_IN_USE = re.compile(r"listen tcp\S* (\S+): bind: address already in use")


@dataclass(frozen=True)
class Command:
    """A process to run.

    ``prefix`` is what sets the scene (nsenter, setpriv) and then executes ``argv``; ``files`` are configuration that
    the process reads once.
    """

    name: str
    argv: tuple[str, ...]
    prefix: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    def digest(self) -> str:
        """Changes when one of ``files`` does."""
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in self.files)).hexdigest()


@dataclass(frozen=True)
class Record:
    """The content of a pid file. ``started`` is in clock ticks since the boot named ``boot``."""

    pid: int
    started: int
    boot: str
    argv: tuple[str, ...]
    digest: str


def boot_id() -> str:
    """Identifies this boot of the machine."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of ``pid``; None when it is gone or a zombie."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The second field is the command in brackets and may hold anything, brackets included.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def command_line(pid: int) -> tuple[str, ...]:
    """The arguments of ``pid``; empty when it is gone."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ()
    return tuple(part.decode(errors="replace") for part in raw.rstrip(b"\0").split(b"\0")) if raw else ()


def is_alive(record: Record) -> bool:
    """Whether the recorded process still runs, and is not another one with its number."""
    if record.boot != boot_id() or start_time(record.pid) != record.started:
        return False
    # While the process executes its prefix, the arguments still start with that, hence the comparison of the tail; in
    # the moment of executing, the kernel shows none.
    arguments = command_line(record.pid)
    return not arguments or arguments[-len(record.argv) :] == record.argv


class ProcessGroup:
    """The processes of one folder: ``pids/NAME.json`` and ``logs/NAME.log`` beneath it."""

    def __init__(self, directory: Path) -> None:
        self._pids = directory / "pids"
        self._logs = directory / "logs"

    def log(self, name: str) -> Path:
        """Path of the log of process ``name``."""
        return self._logs / f"{name}.log"

    def record(self, name: str) -> Record | None:
        """What the pid file says; None without a (readable) one."""
        try:
            raw = json.loads((self._pids / f"{name}.json").read_text())
            digest = str(raw.get("digest", ""))
            return Record(int(raw["pid"]), int(raw["started"]), str(raw["boot"]), tuple(raw["argv"]), digest)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def names(self) -> list[str]:
        """Names of all recorded processes, in the order in which they were started."""
        if not self._pids.is_dir():
            return []
        return [path.stem for path in sorted(self._pids.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)]

    def running(self, name: str) -> bool:
        """Whether the recorded process ``name`` is alive."""
        record = self.record(name)
        return record is not None and is_alive(record)

    def start(self, command: Command) -> bool:
        """Start ``command`` unless it already runs with the same arguments and configuration.

        Returns whether a process was started. A process of that name that differs is stopped first.
        """
        record = self.record(command.name)
        if record is not None and is_alive(record):
            if (record.argv, record.digest) == (command.argv, command.digest()):
                return False
            self.stop(command.name)
        self._logs.mkdir(parents=True, exist_ok=True)
        if self.log(command.name).exists():
            self.log(command.name).replace(self._logs / f"{command.name}.previous.log")
        with self.log(command.name).open("ab") as log:
            child = subprocess.Popen(
                [*command.prefix, *command.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**environment(), **command.environment},
            )
        _CHILDREN[child.pid] = child
        new = Record(child.pid, start_time(child.pid) or 0, boot_id(), command.argv, command.digest())
        write_file(self._pids / f"{command.name}.json", json.dumps(asdict(new)))
        return True

    def stop(self, name: str, grace: float = 5.0) -> None:
        """Stop process ``name``: SIGTERM, after ``grace`` seconds SIGKILL; no process is not an error."""
        record = self.record(name)
        if record is not None and is_alive(record):
            _signal(record, signal.SIGTERM if grace > 0 else signal.SIGKILL)
            if not _gone(record, grace):
                _signal(record, signal.SIGKILL)
                if not _gone(record, 10.0):
                    raise TestbedError(f"process {name} (pid {record.pid}) does not end, not even when killed")
        (self._pids / f"{name}.json").unlink(missing_ok=True)

    def wait_ready(self, name: str, ready: Callable[[], bool], timeout: float) -> None:
        """Wait up to ``timeout`` seconds for ``ready()``; raises as soon as process ``name`` has ended instead."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.running(name):
                raise TestbedError(f"{name} ended while it was starting: {self.explain(name)}")
            if time.monotonic() > deadline:
                raise TestbedError(f"{name} is not ready after {timeout:.0f} s: {self.explain(name)}")
            time.sleep(0.05)

    def explain(self, name: str) -> str:
        """The end of the log of process ``name``, or the cause where the log shows a well-known one."""
        log = self.log(name)
        text = log.read_text(errors="replace")[-8000:] if log.exists() else ""
        taken = _ADDRESS_IN_USE.search(text)
        if taken:
            return f"another process already listens on {taken[1]}"
        if tells_full_disk(text):
            return f"the disk that holds {log.parent.parent} is full"
        return "\n".join(["see " + str(log), *text.splitlines()[-8:]])


def _signal(record: Record, number: signal.Signals) -> None:
    try:
        os.kill(record.pid, number)
    except ProcessLookupError:
        return


def _gone(record: Record, timeout: float) -> bool:
    """Wait up to ``timeout`` seconds for the end of the process; reaps it where it is our child."""
    deadline = time.monotonic() + timeout
    while is_alive(record):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    child = _CHILDREN.pop(record.pid, None)
    if child is not None:
        child.wait()
    return True
