# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Garage: an S3 server in a region of its own name, which knows few settings of a bucket and no policies.

A key may read a bucket, write to it or own it, as Garage's own command line says.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from tests.testbed import ports
from tests.testbed.binaries import path_of
from tests.testbed.errors import TestbedError
from tests.testbed.files import write_file
from tests.testbed.process import Command
from tests.testbed.shell import run
from tests.testbed.stores.base import Kind, Place

BINARY = "garage"
# Access role → what its key has to be given; who may write may delete, too.
RIGHTS = {"reader": ("read",), "writer": ("read", "write"), "compactor": ("read", "write")}
# The region is what Garage calls its own where its configuration names none.
_CONFIGURATION = """metadata_dir = "{folder}/meta"
data_dir = "{folder}/data"
db_engine = "lmdb"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:{rpc}"
rpc_public_addr = "127.0.0.1:{rpc}"
rpc_secret = "{secret}"
[s3_api]
s3_region = "garage"
api_bind_addr = "{endpoint}"
"""


def command(place: Place, binaries: Mapping[str, Path]) -> Command:
    """The server, a cluster of one node. The owner's key goes by the environment; it may make buckets."""
    if place.tls:
        raise TestbedError("garage speaks plain HTTP only: bring it up without TLS")
    file = configuration(place)
    if not file.exists():
        rpc = ports.choose(1, ports.FOR_STORES, [place.port])[0]
        said = {"folder": place.directory, "rpc": rpc, "secret": secrets.token_hex(32), "endpoint": place.endpoint}
        write_file(file, _CONFIGURATION.format(**said))
    argv = (str(binaries[BINARY]), "-c", str(file), "server", "--single-node", "--default-access-key")
    owner = {"GARAGE_DEFAULT_ACCESS_KEY": place.access_key, "GARAGE_DEFAULT_SECRET_KEY": place.secret_key}
    return Command("garage", argv, environment={**owner, "NO_COLOR": "1"})


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, secret_key: str) -> None:
    """A key without any right; :func:`let` gives it some."""
    say(place, "key", "import", "--yes", "-n", access_key, access_key, secret_key)


def let(place: Place, bucket: str, access_key: str, *rights: str) -> None:
    """Give a key these rights, of ``read``, ``write`` and ``owner``, in a bucket that is there."""
    _share(place, bucket)
    say(place, "bucket", "allow", *(f"--{right}" for right in rights), bucket, "--key", access_key)


def _share(place: Place, bucket: str) -> None:
    """Who makes a bucket by S3 is alone in knowing it by its name, until it has that name for everybody."""
    for identity, _created, *names in map(str.split, say(place, "bucket", "list").splitlines()[1:]):
        if names == [f"{place.access_key}:{bucket}"]:
            say(place, "bucket", "alias", identity, bucket)


def say(place: Place, *arguments: str) -> str:
    """Have Garage's command line do this. Returns what it printed."""
    return run(path_of(BINARY), "-c", configuration(place), *arguments)


def configuration(place: Place) -> Path:
    """The file that server and command line read."""
    return place.directory / "garage.toml"


KIND = Kind(binaries=(BINARY,), port=7080, tls_port=7480, command=command, add_user=add_user)
