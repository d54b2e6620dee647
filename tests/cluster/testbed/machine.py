# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The testbed as its users drive it, by its command line, and what it leaves on the machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.testbed.binaries import path_of
from tests.testbed.process import PROC, command_line

# Another prefix keeps two runs on one machine apart.
PREFIX = os.environ.get("O11Y_THANOS_TEST_PREFIX", "tbtest")
NAME = f"{PREFIX}1"
UP = ("up", "--prefix", PREFIX)
ROOT = Path(__file__).parents[3]


def command(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command of the testbed."""
    argv = [sys.executable, "-m", "tests.testbed", *arguments]
    variables = {**os.environ, **(environment or {})}
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, env=variables)


def must(*arguments: str) -> Any:
    """The JSON that a command prints; the test fails when the command does."""
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def interrupt_up(after: float) -> None:
    """Begin ``up`` and kill it after ``after`` seconds, as a crash would: without a word to it."""
    argv = [sys.executable, "-m", "tests.testbed", *UP]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        time.sleep(after)
        child.send_signal(signal.SIGKILL)


def cluster() -> dict[str, Any]:
    """The test cluster as ``status`` describes it."""
    found: list[dict[str, Any]] = [entry for entry in must("status", "--json")["clusters"] if entry["name"] == NAME]
    return found[0]


def kubectl(*arguments: str, data: Any = None, where: str = NAME) -> str:
    """Output of kubectl on the cluster ``where``; ``data`` is a manifest."""
    config = must_text("kubeconfig", where)
    argv = [str(path_of("kubectl")), "--kubeconfig", config, *arguments]
    text = None if data is None else json.dumps(data)
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def must_text(*arguments: str) -> str:
    """What a command prints."""
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def traces(directory: str) -> list[str]:
    """Everything on this machine that belongs to the test cluster whose folder is ``directory``."""
    found = [f"process {folder.name}" for folder in PROC.glob("[0-9]*") if _mentions(int(folder.name), directory)]
    found += [line for line in (PROC / "self/mountinfo").read_text().splitlines() if directory in line]
    candidates = [Path("/run/netns", NAME), Path("/sys/class/net", f"o11y-{NAME}"), Path(directory)]
    candidates += Path("/sys/fs/cgroup").glob(f"**/o11y-{NAME}")
    found += [str(path) for path in candidates if path.exists()]
    for folder in (Path("/var/log/containers"), Path("/var/lib/cni/results")):
        found += [str(path) for path in folder.glob("*") if _belongs(path, directory)]
    return found


def _mentions(pid: int, directory: str) -> bool:
    return pid != os.getpid() and any(directory in argument for argument in command_line(pid))


def _belongs(path: Path, directory: str) -> bool:
    return directory in (str(path.readlink()) if path.is_symlink() else path.read_text(errors="replace"))
