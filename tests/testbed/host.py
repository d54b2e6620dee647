# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine must have before it can carry clusters, and what the testbed changes on it and puts back."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from tests.testbed import images
from tests.testbed.errors import TestbedError
from tests.testbed.files import read_json, write_json
from tests.testbed.node import CNI_PLUGINS
from tests.testbed.process import boot_id

STILL_WORKS = "without that, 'make check' and a cluster of your own (make demo KUBECONFIG=…) still work"
# File that a Debian package brings → the package.
PACKAGES: dict[str, str] = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    str(CNI_PLUGINS / "ptp"): "containernetworking-plugins",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "openssl": "openssl",
    str(images.BUSYBOX): "busybox-static",
}
# What the slower object stores, compiling Garage and the browser that looks at reports need besides; clusters do not.
STORE_PACKAGES = {
    "memcached": "memcached",
    "node": "nodejs",
    "npm": "npm",
    "chromium": "chromium",
    "cc": "gcc",
    "make": "make",
}
# Bytes: what a cluster with its images takes, and a control plane.
CLUSTER_ROOM = 2 << 30
CONTROL_PLANE_ROOM = 200 << 20
# Kernel settings of the whole machine that a kubelet overwrites.
_SETTINGS = ("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops")
# The usual limit for the whole machine, 128, is too low for a handful of clusters.
_RAISED = {"fs/inotify/max_user_instances": 2048, "fs/inotify/max_user_watches": 524288}
# A socket's path may have 107 bytes; this much is appended to the state folder.
_LONGEST_STATE = 60


def missing_packages(*, stores: bool = False) -> list[str]:
    """Debian packages whose programs are not there."""
    wanted = {**PACKAGES, **(STORE_PACKAGES if stores else {})}
    return sorted({package for program, package in wanted.items() if shutil.which(program) is None})


def is_root() -> bool:
    """Whether we may do everything on this machine."""
    return os.geteuid() == 0


def require_linux_root(what: str) -> None:
    """Raise a sentence unless this is Linux and we are root."""
    if platform.system() != "Linux":
        raise TestbedError(f"{what} needs Linux, and this is {platform.system()}; {STILL_WORKS}")
    if not is_root():
        raise TestbedError(f"{what} needs root: run it again with sudo; {STILL_WORKS}")


def require_ready(state: Path) -> None:
    """Raise a sentence unless clusters can run here."""
    require_linux_root("a testbed cluster")
    packages = missing_packages()
    if packages:
        raise TestbedError(f"missing Debian packages {', '.join(packages)}: run 'python3 -m tests.testbed prepare'")
    if len(str(state)) > _LONGEST_STATE:
        raise TestbedError(
            f"O11Y_THANOS_STATE={state} is too long for the sockets in it: use at most {_LONGEST_STATE} characters"
        )


def require_room(folder: Path, needed: int, user: str, variable: str = "O11Y_THANOS_STATE") -> None:
    """Raise a sentence unless the disk of ``folder``, which ``variable`` chooses, has ``needed`` bytes for ``user``."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise TestbedError(
            f"the disk that holds {folder} has {free / 2**30:.1f} GiB free, and {user} takes {needed / 2**30:.1f} GiB: "
            f"make room, or set {variable} to a folder on another disk"
        )


def prepare_settings(state: Path) -> None:
    """Raise the kernel settings that are too low, and remember those that this or a kubelet changes."""
    file = state / "settings.json"
    if (read_json(file) or {}).get("boot") != boot_id():
        values = {name: (Path("/proc/sys") / name).read_text().strip() for name in (*_SETTINGS, *_RAISED)}
        write_json(file, {"boot": boot_id(), "values": values})
    for name, least in _RAISED.items():
        setting = Path("/proc/sys") / name
        if int(setting.read_text()) < least:
            setting.write_text(str(least))


def restore_settings(state: Path) -> None:
    """Put back the kernel settings that :func:`prepare_settings` saw; those of an earlier boot are gone anyway."""
    file = state / "settings.json"
    saved = read_json(file) or {}
    if saved.get("boot") == boot_id():
        for name, value in saved["values"].items():
            (Path("/proc/sys") / name).write_text(value)
    file.unlink(missing_ok=True)
