# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""gcp-storage-emulator: Google Cloud Storage in Python. Whatever the credential, it lets everybody in.

A new bucket gets nothing but its name, always in the location US; what else it shall be has to be written afterwards.
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
    if place.tls:
        raise TestbedError("gcp-storage-emulator has no TLS; take versitygw")
    program = str(Path(sys.executable).parent / "gcp-storage-emulator")
    argv = (sys.executable, program, "start", "--host", place.address, "--port", str(place.port), "--in-memory")
    return Command("gcs", argv)


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, _secret_key: str) -> None:
    """There are no accounts."""
    raise TestbedError(f"gcp-storage-emulator at {place.endpoint} takes every credential, {access_key} among them")


KIND = Kind(binaries=(), port=7073, tls_port=7473, command=command, add_user=add_user)
