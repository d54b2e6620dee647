# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""versitygw: an S3 server over a folder, with accounts, bucket policies and versioning.

It answers NotImplemented to lifecycle, encryption and public access block: the polite refusal that a client must bear.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.testbed.process import Command
from tests.testbed.shell import run
from tests.testbed.stores.base import REGION, Kind, Place

BINARY = "versitygw"


def command(place: Place, binaries: Mapping[str, Path]) -> Command:
    """The server. Its credentials go by the environment, where other users of the host do not see them."""
    folders = {name: place.directory / name for name in ("buckets", "versions", "accounts")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    secured: tuple[str, ...] = ()
    if place.tls:
        certificate = place.certificate()
        secured = ("--cert", str(certificate.certificate), "--key", str(certificate.key))
    argv = (
        str(binaries[BINARY]),
        *("--port", place.endpoint),
        *("--region", REGION),
        *("--iam-dir", str(folders["accounts"])),
        # So that a change of an account counts at once.
        "--iam-cache-disable",
        *secured,
        "posix",
        *("--versioning-dir", str(folders["versions"])),
        str(folders["buckets"]),
    )
    credentials = {"ROOT_ACCESS_KEY_ID": place.access_key, "ROOT_SECRET_ACCESS_KEY": place.secret_key}
    return Command(BINARY, argv, environment=credentials)


def add_user(place: Place, binaries: Mapping[str, Path], access_key: str, secret_key: str) -> None:
    """An account of the role ``user``: it owns nothing and may do what bucket policies let it."""
    trust = ("--allow-insecure",) if place.tls else ()
    root = ("--access", place.access_key, "--secret", place.secret_key, "--endpoint-url", place.url, *trust)
    user = ("--access", access_key, "--secret", secret_key, "--role", "user")
    run(binaries[BINARY], "admin", *root, "create-user", *user)


KIND = Kind(binaries=(BINARY,), port=7070, tls_port=7443, command=command, add_user=add_user)
