# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One-node OpenStack Swift as one process: memcached and the four daemons as children that end with it.

    python -m tests.testbed.stores.swift_server FOLDER ADDRESS:PORT ACCOUNT:USER

The password comes in the environment as OWNER_PASSWORD. S3 requests are answered too, with ACCOUNT:USER as access key:
politely wrong about much of it, which is why clients are tested against it.
"""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.testbed.ports import ephemeral
from tests.testbed.stores.children import Children

BIN = Path(sys.executable).parent
KINDS = ("account", "container", "object")
_SWIFT = "[swift-hash]\nswift_hash_path_suffix = testbed\n[storage-policy:0]\nname = default\ndefault = yes\n"
_BACKEND = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
workers = 0
fallocate_reserve = 0
log_statsd_host =
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
_PROXY = """[DEFAULT]
bind_ip = {address}
bind_port = {port}
swift_dir = {folder}
user = {user}
workers = 0
[pipeline:main]
pipeline = catch_errors healthcheck cache listing_formats bulk {users.pipeline} copy slo dlo versioned_writes symlink \
proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
{users.filters}"""
_OWN = """\
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{name} = {password} .admin
user_{account}_other = {password}
"""


@dataclass(frozen=True)
class Users:
    """What knows them: names of filters in their order, and the sections that define these."""

    pipeline: str
    filters: str = field(repr=False)


def own_users(user: str, password: str) -> Users:
    """Swift's own accounts: ``account:user`` and ``account:other``, who has no rights. S3 is answered too."""
    account, name = user.split(":")
    return Users("s3api tempauth", _OWN.format(account=account, name=name, password=password))


def configure(folder: Path, listen: str, users: Users, memcached: int, ports: dict[str, int]) -> None:
    """Write swift.conf, a configuration per daemon and the rings (one device, one replica)."""
    (folder / "devices/d1").mkdir(parents=True, exist_ok=True)
    address, port = listen.rsplit(":", 1)
    common = {"folder": folder, "user": getpass.getuser()}
    (folder / "swift.conf").write_text(_SWIFT)
    for kind in KINDS:
        (folder / f"{kind}.conf").write_text(_BACKEND.format(kind=kind, port=ports[kind], **common))
        ring = str(folder / f"{kind}.builder")
        device = f"r1z1-127.0.0.1:{ports[kind]}/d1"
        for arguments in (["create", "4", "1", "1"], ["add", device, "1"], ["rebalance"]):
            builder = [sys.executable, str(BIN / "swift-ring-builder"), ring, *arguments]
            # It ends with 1 for a warning, too.
            subprocess.run(builder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    proxy = folder / "proxy.conf"
    proxy.touch(mode=0o600)
    proxy.write_text(_PROXY.format(address=address, port=port, memcached=memcached, users=users, **common))


def start(children: Children, folder: Path, listen: str, users: Users) -> None:
    """Start the daemons; the proxy listens some seconds later."""
    memcached, *backends = ephemeral(1 + len(KINDS))
    configure(folder, listen, users, memcached, dict(zip(KINDS, backends, strict=True)))
    children.start("memcached", "-l", "127.0.0.1", "-p", str(memcached), "-U", "0", "-u", getpass.getuser())
    for kind in (*KINDS, "proxy"):
        children.start(sys.executable, str(BIN / f"swift-{kind}-server"), str(folder / f"{kind}.conf"), "-v")


def main() -> int:
    """Run until a child ends or somebody asks for the end."""
    folder, listen, user = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    with Children() as children:
        start(children, folder, listen, own_users(user, os.environ["OWNER_PASSWORD"]))
        return children.wait()


if __name__ == "__main__":
    sys.exit(main())
