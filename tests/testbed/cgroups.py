# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cgroup of a node's pods: one folder of the same name in each hierarchy, versions 1 and 2."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.errors import TestbedError

MOUNTS = Path("/proc/self/mountinfo")
# What the kubelet wants to account for and limit.
_CONTROLLERS = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")
_CPUSET_FILES = ("cpuset.cpus", "cpuset.mems")


@dataclass(frozen=True)
class Hierarchy:
    """A mounted cgroup file system; ``version`` is 1 or 2."""

    path: Path
    version: int


def hierarchies(mountinfo: str) -> list[Hierarchy]:
    """All cgroup file systems in the text of /proc/self/mountinfo."""
    result = []
    for line in mountinfo.splitlines():
        before, _unused, after = line.partition(" - ")
        kind = after.split(" ", 1)[0]
        if kind in ("cgroup", "cgroup2"):
            result.append(Hierarchy(Path(before.split(" ")[4]), 2 if kind == "cgroup2" else 1))
    return result


def create(name: str) -> None:
    """Make the cgroup ``name`` in every hierarchy that has controllers, ready for a kubelet."""
    found = hierarchies(MOUNTS.read_text())
    if not found:
        raise TestbedError("no cgroup file system is mounted; a node needs one (version 1 or 2)")
    unified = all(hierarchy.version == 2 for hierarchy in found)
    for hierarchy in found:
        group = hierarchy.path / name
        if hierarchy.version == 1:
            group.mkdir(exist_ok=True)
            _copy_cpuset(hierarchy.path, group)
        elif unified:
            _delegate(hierarchy.path)
            group.mkdir(exist_ok=True)
            _delegate(group)


def remove(name: str) -> None:
    """End every process in the cgroup ``name`` and remove it, with all below it; absent is not an error."""
    groups = [hierarchy.path / name for hierarchy in hierarchies(MOUNTS.read_text())]
    deadline = time.monotonic() + 15
    while any(_remove_tree(group) for group in groups):
        if time.monotonic() > deadline:
            raise TestbedError(f"the cgroup {name} cannot be emptied: processes in it do not end when killed")
        time.sleep(0.05)


def _copy_cpuset(parent: Path, group: Path) -> None:
    """A new group of the cpuset hierarchy has no processor, and no process can enter it."""
    for file in _CPUSET_FILES:
        if (parent / file).exists() and not (group / file).read_text().strip():
            (group / file).write_text((parent / file).read_text())


def _delegate(group: Path) -> None:
    """Version 2: let the children of ``group`` be accounted for by the controllers there are."""
    available = (group / "cgroup.controllers").read_text().split()
    wanted = " ".join(f"+{controller}" for controller in _CONTROLLERS if controller in available)
    try:
        (group / "cgroup.subtree_control").write_text(wanted)
    except OSError as error:
        raise TestbedError(
            f"{group} does not delegate its controllers ({error.strerror}): inside a container, move its processes to "
            "a cgroup of their own first"
        ) from error


def _remove_tree(group: Path) -> bool:
    """One attempt; returns whether something is left."""
    if not group.exists():
        return False
    for folder in _deepest_first(group):
        for pid in _processes(folder):
            _kill(pid)
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            # Busy until the kernel has buried the processes; the caller tries again.
            pass
    return group.exists()


def _deepest_first(group: Path) -> Iterator[Path]:
    for folder, _unused, _unused in os.walk(group, topdown=False):
        yield Path(folder)


def _processes(folder: Path) -> list[int]:
    try:
        return [int(pid) for pid in (folder / "cgroup.procs").read_text().split()]
    except OSError:
        return []


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
