# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The container images of the testbed, under the names that production uses, with the programs compiled here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tests.testbed import oci, versions
from tests.testbed.binaries import path_of
from tests.testbed.files import locked
from tests.testbed.paths import cache_dir

BUSYBOX = Path("/bin/busybox")
_ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\nthanos:x:1001:1001::/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
_GROUPS = "root:x:0:\nthanos:x:1001:\nnobody:x:65534:\n"
_APPLETS = ("sh", "mkdir", "rm", "ls", "cat", "sleep", "chmod", "wget", "nslookup", "true", "false", "touch", "echo")
# Present in the official image, so that the program starts without a configuration of the user.
_ALERTMANAGER_CONFIG = 'route: {receiver: "nowhere"}\nreceivers: [{name: "nowhere"}]\n'
_PROMETHEUS_CONFIG = "scrape_configs: []\n"


@dataclass(frozen=True)
class Image:
    """A name and what is in it: path in the image → compiled program; user, command and folders as upstream's."""

    name: str
    programs: tuple[tuple[str, str], ...]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...] = ()
    user: str = ""
    folder: str = "/"
    files: tuple[tuple[str, str], ...] = ()
    # Folders that the user of the image may write.
    writable: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


PAUSE = Image(f"registry.k8s.io/pause:{versions.PAUSE}", (("/pause", "pause"),), ("/pause",), user="65535:65535")
COREDNS = Image(
    f"registry.k8s.io/coredns/coredns:v{versions.COREDNS}",
    (("/coredns", "coredns"),),
    ("/coredns",),
)
PROVISIONER = Image(
    f"docker.io/rancher/local-path-provisioner:v{versions.PROVISIONER}",
    (("/usr/bin/local-path-provisioner", "local-path-provisioner"),),
    ("/usr/bin/local-path-provisioner",),
)
HELPER = Image(
    f"docker.io/library/busybox:{versions.BUSYBOX}",
    (("/bin/busybox", "busybox"),),
    (),
    ("sh",),
    links=tuple((f"/bin/{applet}", "busybox") for applet in _APPLETS),
)
THANOS = Image(
    f"quay.io/thanos/thanos:v{versions.THANOS}",
    (("/bin/thanos", "thanos"),),
    ("/bin/thanos",),
    user="1001",
)
PROMETHEUS = Image(
    f"quay.io/prometheus/prometheus:v{versions.PROMETHEUS}",
    (("/bin/prometheus", "prometheus"), ("/bin/promtool", "promtool")),
    ("/bin/prometheus",),
    ("--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"),
    user="nobody",
    folder="/prometheus",
    files=(("/etc/prometheus/prometheus.yml", _PROMETHEUS_CONFIG),),
    writable=("/prometheus",),
)
ALERTMANAGER = Image(
    f"quay.io/prometheus/alertmanager:v{versions.ALERTMANAGER}",
    (("/bin/alertmanager", "alertmanager"),),
    ("/bin/alertmanager",),
    ("--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"),
    user="nobody",
    folder="/alertmanager",
    files=(("/etc/alertmanager/alertmanager.yml", _ALERTMANAGER_CONFIG),),
    writable=("/alertmanager",),
)
# Upstream's entrypoint is a shell script that hands its arguments to this program.
VERSITYGW = Image(
    f"ghcr.io/versity/versitygw:v{versions.VERSITYGW}",
    (("/usr/local/bin/versitygw", "versitygw"),),
    ("/usr/local/bin/versitygw",),
)

# What a node needs before its first pod, and what tests deploy.
SYSTEM: tuple[Image, ...] = (PAUSE, COREDNS, PROVISIONER, HELPER)
WORKLOADS: tuple[Image, ...] = (THANOS, PROMETHEUS, ALERTMANAGER, VERSITYGW)


def source(program: str) -> Path:
    """The file of a program in an image: compiled here, busybox from Debian."""
    return BUSYBOX if program == "busybox" else path_of(program)


def key(image: Image) -> str:
    """Changes whenever the content of the image would."""
    digest = hashlib.sha256(repr((oci.FORMAT, image, _ACCOUNTS, _GROUPS)).encode())
    for _unused, program in image.programs:
        status = source(program).stat()
        digest.update(f"{source(program)} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def archive(image: Image) -> Path:
    """The image as an OCI archive in the cache; written when it is not there."""
    path = cache_dir() / "images" / f"{key(image)}.tar"
    if not path.exists():
        with locked(path.with_suffix(".lock")):
            if not path.exists():
                draft = path.with_suffix(".draft")
                oci.write_archive(draft, image.name, layer(image), config(image))
                draft.replace(path)
        path.with_suffix(".lock").unlink(missing_ok=True)
    return path


def layer(image: Image) -> list[oci.Entry]:
    """What is in the image's file system."""
    owner = 65534 if image.user == "nobody" else 0
    return [
        oci.Folder("tmp", 0o1777, 0),
        oci.Text("etc/passwd", _ACCOUNTS),
        oci.Text("etc/group", _GROUPS),
        *(oci.Folder(path.lstrip("/"), 0o775, owner) for path in image.writable),
        *(oci.Text(path.lstrip("/"), text) for path, text in image.files),
        *(oci.Program(path.lstrip("/"), source(program)) for path, program in image.programs),
        *(oci.Link(path.lstrip("/"), target) for path, target in image.links),
    ]


def config(image: Image) -> dict[str, object]:
    """The part of the image's configuration that says how to run it."""
    wanted: dict[str, object] = {
        "Entrypoint": list(image.entrypoint),
        "Cmd": list(image.command),
        "User": image.user,
        "WorkingDir": image.folder,
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        "Volumes": {path: {} for path in image.writable},
    }
    return {name: value for name, value in wanted.items() if value}
