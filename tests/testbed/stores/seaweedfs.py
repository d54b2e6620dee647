# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SeaweedFS: master, volume server, filer and S3 gateway in one process.

Users get policies of the server in its own shell, ``weed shell``, which asks no credential of whoever reaches it. The
master may leave a socket in ``/tmp``, whose place nobody can choose.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.testbed import ports
from tests.testbed.binaries import path_of
from tests.testbed.files import read_json, write_json
from tests.testbed.process import Command
from tests.testbed.shell import run
from tests.testbed.stores.base import Kind, Place

BINARY = "weed"
# Ports beside that of S3. Those of gRPC would be 10000 higher, where the kernel has ports for outgoing connections.
_INNER = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port.grpc",
)
_LOOPBACK = "127.0.0.1"


def command(place: Place, binaries: Mapping[str, Path]) -> Command:
    """The server; only S3 is reached from elsewhere. Its credentials go by the environment."""
    data = place.directory / "data"
    data.mkdir(parents=True, exist_ok=True)
    flags = {
        "dir": str(data),
        "ip": _LOOPBACK,
        "ip.bind": _LOOPBACK,
        **_inner_ports(place),
        "volume.preStopSeconds": "0",
        # A bucket takes volumes of its own: many small ones, so that there can be many buckets.
        "master.volumeSizeLimitMB": "64",
        "volume.max": "2000",
        "master.telemetry": "false",
        "filer.localSocket": str(place.directory / "filer.sock"),
        "s3": "true",
        "s3.ip.bind": place.address,
        "s3.port": str(place.port),
        "s3.localSocket": str(place.directory / "s3.sock"),
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
    }
    if place.tls:
        pair = place.certificate()
        flags.update({"s3.cert.file": str(pair.certificate), "s3.key.file": str(pair.key)})
    argv = (
        str(binaries[BINARY]),
        "-logtostderr=true",
        "server",
        *(f"-{name}={value}" for name, value in flags.items()),
    )
    owner = {"AWS_ACCESS_KEY_ID": place.access_key, "AWS_SECRET_ACCESS_KEY": place.secret_key}
    return Command("seaweedfs", argv, environment={**owner, "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"})


def principal_of(access_key: str) -> str:
    """What a bucket policy calls the user of this access key."""
    return f"arn:aws:iam::000000000000:user/{access_key}"


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, secret_key: str) -> None:
    """A user named like its access key, without any right; :func:`let` gives it some."""
    keys = f"-access_key {access_key} -secret_key {secret_key}"
    shell(place, f"s3.user.create -name {access_key} {keys}")


def let(place: Place, user: str, statements: Sequence[Mapping[str, Any]]) -> None:
    """Give a user the rights of these statements, which name no principal, as a policy of the user's name."""
    file = place.directory / f"{user}.json"
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [dict(one) for one in statements]}))
    put = f"s3.policy -put -name={user} -file={file}"
    shell(place, put, f"s3.policy.attach -policy {user} -user {user}")


def shell(place: Place, *lines: str) -> str:
    """Have the server's shell do this. Returns what it printed."""
    return run(
        path_of(BINARY), "-logtostderr=true", "shell", f"-master={master_of(place)}", data="\n".join((*lines, "exit\n"))
    )


def master_of(place: Place) -> str:
    """What ``weed shell`` calls ``-master``."""
    inner = _inner_ports(place)
    return f"{_LOOPBACK}:{inner['master.port']}.{inner['master.port.grpc']}"


def _inner_ports(place: Place) -> dict[str, str]:
    """Flag → port of loopback, chosen once."""
    file = place.directory / "ports.json"
    known = read_json(file)
    if known is None:
        chosen = ports.choose(len(_INNER), ports.FOR_STORES, [place.port])
        known = {name: str(port) for name, port in zip(_INNER, chosen, strict=True)}
        write_json(file, known)
    return dict(known)


KIND = Kind(
    binaries=(BINARY,),
    port=7079,
    tls_port=7479,
    command=command,
    add_user=add_user,
    patience=60,
    principal=principal_of,
)
