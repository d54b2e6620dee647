# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto: an S3 server in Python that knows every setting of a bucket. Whatever the credential, it lets everybody in.

It answers 404 to encryption and public access block of a new bucket, where Amazon has both set.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.testbed.errors import TestbedError
from tests.testbed.process import Command
from tests.testbed.stores.base import Kind, Place


def command(place: Place, _binaries: Mapping[str, Path]) -> Command:
    """The server; it keeps everything in memory."""
    secured: tuple[str, ...] = ()
    if place.tls:
        pair = place.certificate()
        secured = ("--ssl", "--ssl-cert", str(pair.certificate), "--ssl-key", str(pair.key))
    argv = (sys.executable, "-m", "moto.server", "--host", place.address, "--port", str(place.port), *secured)
    return Command("moto", argv)


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, _secret_key: str) -> None:
    """Accounts of moto get their keys from moto, through its IAM API."""
    raise TestbedError(f"moto at {place.endpoint} takes every credential, {access_key} among them")


KIND = Kind(binaries=(), port=7071, tls_port=7471, command=command, add_user=add_user)
