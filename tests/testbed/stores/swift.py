# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenStack Swift with its own accounts (tempauth), on one node. Its S3 side is the most dangerous S3 server there is.

A DELETE of a bucket's lifecycle, encryption or ownership, which it does not know, removes the bucket.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.testbed.errors import TestbedError
from tests.testbed.process import Command
from tests.testbed.stores.base import Kind, Place

ACCOUNT = "testbed"
_NEEDED = "memcached"


def user_of(place: Place) -> str:
    """``account:user``, the name to log in with."""
    return f"{ACCOUNT}:{place.access_key}"


def command(place: Place, _binaries: Mapping[str, Path]) -> Command:
    """The server; its password goes by the environment."""
    require(place)
    return serve(place, "swift", Path(sys.executable), user_of(place))


def require(place: Place) -> None:
    """Refuse what no Swift of the testbed can do."""
    if place.tls:
        raise TestbedError("Swift is started without TLS here; take versitygw")
    if shutil.which(_NEEDED) is None:
        raise TestbedError(f"Swift needs {_NEEDED}: apt-get install {_NEEDED}")


def serve(place: Place, name: str, python: Path, user: str) -> Command:
    """The module of this package that serves ``name``, with the password of ``user`` in its environment."""
    module = f"{__package__}.{name.removeprefix('swift-')}_server"
    argv = (str(python), "-m", module, str(place.directory), place.endpoint, user)
    root = str(Path(__file__).parents[3])
    return Command(name, argv, environment={"OWNER_PASSWORD": place.secret_key, "PYTHONPATH": root})


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, _secret_key: str) -> None:
    """Accounts of tempauth are in its configuration; there is one without rights, ``other``."""
    raise TestbedError(f"Swift at {place.endpoint} has the account {ACCOUNT}:other, not {access_key}")


KIND = Kind(binaries=(), port=7072, tls_port=7472, command=command, add_user=add_user, patience=90)
