# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One node's containerd: the images in it, and the removal of all that containers leave on the host."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path

from tests.testbed import images, node
from tests.testbed.files import read_json, write_json
from tests.testbed.images import Image
from tests.testbed.plan import NodePlan
from tests.testbed.process import PROC, command_line
from tests.testbed.shell import attempt, run

# Folders of the host that kubelet, containerd and the CNI library use whatever their configuration says.
_LOG_LINKS = Path("/var/log/containers")
_CNI_RESULTS = Path("/var/lib/cni/results")
_SHIM_SOCKETS = Path("/run/containerd/s")
_DEVICE_PLUGINS = Path("/var/lib/kubelet/device-plugins")


def serves(plan: NodePlan) -> bool:
    """Whether containerd answers."""
    return node.socket(plan).exists() and _ctr(plan, "version") == 0


def import_images(plan: NodePlan, wanted: Iterable[Image]) -> list[str]:
    """Import those that the node does not have in this version; returns their names."""
    record = plan.directory / "images.json"
    have: dict[str, str] = read_json(record) or {}
    imported = []
    for image in wanted:
        key = images.key(image)
        if have.get(image.name) != key:
            archive = images.archive(image)
            run("ctr", "--address", node.socket(plan), "--namespace", "k8s.io", "images", "import", archive)
            have[image.name] = key
            write_json(record, have)
            imported.append(image.name)
    return imported


def remove_containers(plan: NodePlan) -> None:
    """End the shims of the node's containers and unmount what they mounted; their processes are the cgroup's."""
    for pid in _shims(node.socket(plan)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for address in plan.directory.glob("run/containerd/io.containerd.runtime.v2.task/*/*/address"):
        Path(address.read_text().removeprefix("unix://")).unlink(missing_ok=True)
    for mount in sorted(_mounts_below(plan.directory), reverse=True):
        attempt("umount", "--lazy", mount)


def remove_traces(plan: NodePlan) -> None:
    """Remove files outside the node's folder."""
    if _LOG_LINKS.is_dir():
        for link in _LOG_LINKS.iterdir():
            if link.is_symlink() and str(link.readlink()).startswith(f"{plan.directory}/"):
                link.unlink()
    for result in _CNI_RESULTS.glob("*"):
        # Named after network and container; every container of ours was in a namespace below the node's folder.
        if f'"{plan.directory}/' in result.read_text(errors="replace"):
            result.unlink()


def remove_host_folders() -> None:
    """After the last node: the folders of those files, unless somebody else's are in them."""
    (_DEVICE_PLUGINS / "kubelet.sock").unlink(missing_ok=True)
    for folder in (_LOG_LINKS, _CNI_RESULTS, _SHIM_SOCKETS, _DEVICE_PLUGINS):
        _remove_if_empty(folder)
        if folder.parent.name in ("cni", "containerd", "kubelet"):
            _remove_if_empty(folder.parent)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Absent or in use.
        return


def _ctr(plan: NodePlan, *arguments: str) -> int:
    return attempt("ctr", "--address", node.socket(plan), *arguments).returncode


def _shims(socket: Path) -> list[int]:
    """Processes that were started as containerd's shim for this very socket."""
    found = []
    for folder in PROC.glob("[0-9]*"):
        arguments = command_line(int(folder.name))
        if arguments and "containerd-shim" in arguments[0] and str(socket) in arguments:
            found.append(int(folder.name))
    return found


def _mounts_below(directory: Path) -> list[str]:
    lines = (PROC / "self/mountinfo").read_text().splitlines()
    points = [line.split(" ")[4].replace("\\040", " ") for line in lines]
    return [point for point in points if point.startswith(f"{directory}/")]
