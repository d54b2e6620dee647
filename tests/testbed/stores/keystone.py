# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenStack Swift whose users are Keystone's, as in nearly every cloud. Its place is that of Keystone, version 3.

Swift is on another port, and found by the catalogue that comes with a token. Both run in a virtual environment of their
own, since Keystone brings eighty packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.testbed.pip_environment import PipEnvironment
from tests.testbed.process import Command
from tests.testbed.stores.base import Kind, Place
from tests.testbed.stores.keystone_api import ADMIN, READER, Keystone, Login
from tests.testbed.stores.swift import require, serve

VERSION = "30.0.0"
# Some 90 MB to fetch, a minute.
ENVIRONMENT = PipEnvironment(
    "keystone", VERSION, (f"keystone=={VERSION}", "keystonemiddleware==13.0.1", "swift==2.38.3")
)


def auth_url_of(place: Place) -> str:
    """Where to log in."""
    return f"{place.url}/v3"


def log_in(place: Place, name: str = "", password: str = "") -> Keystone:
    """As the owner of the project, or as one of its users."""
    return Keystone(auth_url_of(place), Login(name or place.access_key, password or place.secret_key))


def command(place: Place, _binaries: Mapping[str, Path]) -> Command:
    """The servers; the password of the owner, and of the cloud's administrator, goes by the environment."""
    require(place)
    return serve(place, "swift-keystone", ENVIRONMENT.install(), place.access_key)


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, secret_key: str) -> None:
    """A user of the project with a role that Swift gives no rights to; without one there would be no token."""
    admin = Keystone(auth_url_of(place), Login(ADMIN, place.secret_key, ADMIN))
    admin.add_user(access_key, secret_key, READER)


KIND = Kind(binaries=(), port=7076, tls_port=7476, command=command, add_user=add_user, patience=180)
