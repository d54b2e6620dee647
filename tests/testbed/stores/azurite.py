# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azurite: the blob service of Azure, on Node. It knows containers and access; the account's settings it does not.

It lags behind the SDK, hence the flag that lets it answer to versions of the API that it does not know. Thanos reaches
it by a connection string only, since it wants TLS otherwise.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.testbed.errors import TestbedError
from tests.testbed.files import locked
from tests.testbed.paths import cache_dir
from tests.testbed.process import Command
from tests.testbed.shell import run
from tests.testbed.stores.base import Kind, Place

# The newest one that Node 20 runs.
VERSION = "3.35.0"
ACCOUNT = "testbedmetrics"


def key_of(place: Place) -> str:
    """The account's key."""
    return base64.b64encode(place.secret_key.encode()).decode()


def connection_string(place: Place) -> str:
    """What SDKs and Thanos take."""
    endpoint = f"BlobEndpoint={place.url}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key_of(place)};{endpoint};"


def install() -> Path:
    """The program, from the npm registry, kept in the cache."""
    folder = cache_dir() / f"azurite-{VERSION}"
    program = folder / "node_modules/.bin/azurite-blob"
    if not program.exists():
        if shutil.which("npm") is None:
            raise TestbedError("Azurite needs npm and Node 20: apt-get install npm")
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            run("npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), f"azurite@{VERSION}")
    return program


def command(place: Place, _binaries: Mapping[str, Path]) -> Command:
    """The server; it keeps everything in memory."""
    if place.tls:
        raise TestbedError("Azurite is started without TLS here; take versitygw")
    node = shutil.which("node")
    if node is None:
        raise TestbedError("Azurite needs Node 20: apt-get install nodejs")
    listen = ("--blobHost", place.address, "--blobPort", str(place.port))
    flags = ("--skipApiVersionCheck", "--inMemoryPersistence", "--silent", "--disableTelemetry")
    accounts = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key_of(place)}"}
    return Command("azurite", (node, str(install().resolve()), *listen, *flags), environment=accounts)


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, _secret_key: str) -> None:
    """There is the account only."""
    raise TestbedError(f"Azurite at {place.endpoint} has the account {ACCOUNT}, not {access_key}")


KIND = Kind(binaries=(), port=7074, tls_port=7474, command=command, add_user=add_user)
