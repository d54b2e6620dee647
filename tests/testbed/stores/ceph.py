# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ceph: one monitor, one OSD and radosgw, which speaks S3 and Swift. It looks at signatures and at bucket policies.

It answers a GET of a bucket's ownership, which it does not know, with 200 and nothing; and a DELETE of it removes the
bucket.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.testbed.process import Command
from tests.testbed.shell import run
from tests.testbed.stores import ceph_tree
from tests.testbed.stores.base import Kind, Place

CONFIGURATION = "ceph.conf"
SWIFT = "swift"


def principal_of(access_key: str) -> str:
    """What a bucket policy calls the account of this access key."""
    return f"arn:aws:iam:::user/{access_key}"


def swift_user_of(access_key: str) -> str:
    """The account's name on the Swift side, where the password is the secret key."""
    return f"{access_key}:{SWIFT}"


def command(place: Place, _binaries: Mapping[str, Path]) -> Command:
    """The server, which keeps everything in memory. Its credentials go by the environment."""
    listen = f"endpoint={place.endpoint}"
    if place.tls:
        pair = place.certificate()
        listen = f"ssl_endpoint={place.endpoint} ssl_certificate={pair.certificate} ssl_private_key={pair.key}"
    module = "tests.testbed.stores.ceph_server"
    argv = (sys.executable, "-m", module, str(place.directory), str(ceph_tree.install().root), listen)
    credentials = {"CEPH_ACCESS_KEY": place.access_key, "CEPH_SECRET_KEY": place.secret_key}
    return Command("ceph", argv, environment={**credentials, "PYTHONPATH": str(Path(__file__).parents[3])})


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, secret_key: str) -> None:
    """An account named like its access key: it owns nothing and may do what bucket policies let it."""
    Admin(ceph_tree.install(), place.directory).create_user(access_key, secret_key)


class Admin:
    """radosgw-admin, of a running Ceph. Secrets go by the environment, where other users of the host see none."""

    def __init__(self, tree: ceph_tree.Tree, folder: Path) -> None:
        self._program = (*tree.program("radosgw-admin"), "--conf", str(folder / CONFIGURATION))

    def create_user(self, access_key: str, secret_key: str) -> None:
        """An account with these keys on both sides."""
        uid = f"--uid={access_key}"
        keys = f"--access-key={access_key} --secret-key={secret_key}"
        self._run("user", "create", uid, f"--display-name={access_key}", CEPH_ARGS=keys)
        named = (uid, f"--subuser={swift_user_of(access_key)}", "--access=full", "--key-type=swift")
        self._run("subuser", "create", *named, CEPH_ARGS=f"--secret-key={secret_key}")

    def _run(self, *arguments: str, **variables: str) -> None:
        run(*self._program, *arguments, variables=variables)


KIND = Kind(
    binaries=(), port=7075, tls_port=7475, command=command, add_user=add_user, patience=90, principal=principal_of
)
