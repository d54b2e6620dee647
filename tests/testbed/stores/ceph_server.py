# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One-node Ceph as one process: monitor, OSD and radosgw as children that end with it.

    python -m tests.testbed.stores.ceph_server FOLDER TREE LISTEN

LISTEN is how radosgw writes where it listens. The root's keys come in the environment as CEPH_ACCESS_KEY and
CEPH_SECRET_KEY. Objects are in memory: every start is that of a new cluster.
"""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from pathlib import Path

from tests.testbed.files import write_file
from tests.testbed.ports import ephemeral
from tests.testbed.shell import run
from tests.testbed.stores.ceph import CONFIGURATION, Admin
from tests.testbed.stores.ceph_tree import Tree
from tests.testbed.stores.children import Children

# One copy of everything in as few parts as there can be, and decisions of the one monitor that wait for nobody: the
# defaults make the pools of radosgw in ten seconds, these in one.
_CONFIGURATION = """\
[global]
fsid = {cluster}
mon_host = v2:127.0.0.1:{port}
public_addr = 127.0.0.1
ms_bind_msgr1 = false
keyring = {folder}/keyring
mon_data = {folder}/mon
osd_data = {folder}/osd
run_dir = {folder}
admin_socket =
log_file =
log_to_file = false
log_to_stderr = true
err_to_stderr = true
mon_cluster_log_to_file = false
debug_rocksdb = 1
plugin_dir = {libraries}/ceph
erasure_code_dir = {libraries}/ceph/erasure-code
osd_class_dir = {libraries}/rados-classes
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_crush_chooseleaf_type = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
rgw_rados_pool_pg_num_min = 1
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
paxos_propose_interval = 0.05
paxos_min_wait = 0.02
client_mount_timeout = 60
rgw_frontends = beast {listen}
"""
# Who may do what inside of the cluster; the accounts of radosgw are something else.
_MEMBERS = {
    "mon.": ("--cap", "mon", "allow *"),
    "osd.0": ("--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"),
    "client.admin": ("--cap", "mon", "allow *", "--cap", "osd", "allow *"),
}


def configure(tree: Tree, folder: Path, listen: str) -> None:
    """Write the configuration of a new cluster, the keys of its members, and the first maps and data of both."""
    for name in ("mon", "osd"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    cluster, port = str(uuid.uuid4()), ephemeral(1)[0]
    values = {"cluster": cluster, "port": port, "folder": folder, "libraries": tree.libraries, "listen": listen}
    write_file(folder / CONFIGURATION, _CONFIGURATION.format(**values))
    keyring, monmap, osdmap = (str(folder / name) for name in ("keyring", "monmap", "osdmap"))
    write_file(Path(keyring), "")
    for name, capabilities in _MEMBERS.items():
        run(*tree.program("ceph-authtool"), keyring, "--gen-key", "--name", name, *capabilities)
    monitor = ("--addv", "a", f"[v2:127.0.0.1:{port}/0]")
    run(*tree.program("monmaptool"), "--create", "--clobber", "--fsid", cluster, *monitor, monmap)
    run(*tree.program("osdmaptool"), "--createsimple", "1", "--clobber", osdmap)
    maps = ("--monmap", monmap, "--osdmap", osdmap)
    run(*member(tree, folder, "ceph-mon", "a"), "--mkfs", "--keyring", keyring, *maps)
    run(*member(tree, folder, "ceph-osd", "0"), "--mkfs", "--no-mon-config")


def member(tree: Tree, folder: Path, program: str, name: str) -> tuple[str, ...]:
    """The command line of a daemon that stays in the foreground."""
    return (*tree.program(program), "--conf", str(folder / CONFIGURATION), "--id", name, "-f")


def main() -> int:
    """Run until a child ends or somebody asks for the end."""
    folder, tree, listen = Path(sys.argv[1]), Tree(Path(sys.argv[2])), sys.argv[3]
    keys = os.environ.pop("CEPH_ACCESS_KEY"), os.environ.pop("CEPH_SECRET_KEY")
    with Children() as children:
        configure(tree, folder, listen)
        children.start(*member(tree, folder, "ceph-mon", "a"))
        children.start(*member(tree, folder, "ceph-osd", "0"))
        Admin(tree, folder).create_user(*keys)
        # Last, so that whoever reaches the port finds the accounts.
        children.start(*member(tree, folder, "radosgw", "admin"))
        return children.wait()


if __name__ == "__main__":
    sys.exit(main())
