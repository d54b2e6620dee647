# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops object stores: lasting ones for people, private ones for tests.

In tests::

    with Store("versitygw") as store:
        client = boto3.client("s3", endpoint_url=store.place.url, ...)
"""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.testbed import network, ports
from tests.testbed.build import build
from tests.testbed.errors import TestbedError
from tests.testbed.files import locked
from tests.testbed.paths import private_name, state_dir, sweep
from tests.testbed.plan import BRIDGE_ADDRESS
from tests.testbed.process import WITH_PARENT, ProcessGroup
from tests.testbed.progress import Progress
from tests.testbed.stores import azurite, base, ceph, garage, gcs, keystone, minio, moto, seaweedfs, swift, versitygw
from tests.testbed.stores.base import Kind, Place

LOOPBACK = "127.0.0.1"
_SUFFIX = re.compile("[a-z0-9]{0,20}")
KINDS: dict[str, Kind] = {
    "versitygw": versitygw.KIND,
    "minio": minio.KIND,
    "seaweedfs": seaweedfs.KIND,
    "garage": garage.KIND,
    "moto": moto.KIND,
    "ceph": ceph.KIND,
    "swift": swift.KIND,
    "swift-keystone": keystone.KIND,
    "gcs": gcs.KIND,
    "azurite": azurite.KIND,
}


class Store:
    """One object store. As a context manager it runs for the block, on a port of its own, and leaves nothing behind.

    Given a ``name`` it is a lasting one: on a port that does not change, running until :meth:`down`. Its ``address``
    defaults to the testbed's bridge, which pods reach, or to loopback where there is none; that of a private store to
    loopback.
    """

    def __init__(
        self, kind: str, *, tls: bool = False, name: str = "", address: str = "", progress: Progress | None = None
    ) -> None:
        if kind not in KINDS:
            raise TestbedError(f"unknown object store '{kind}'; there is {', '.join(KINDS)}")
        self._kind, self._kind_name, self._tls = KINDS[kind], kind, tls
        self._lasting = bool(name)
        self.name = name or private_name()
        self._directory = _home() / self.name
        self._address = address
        self._progress = progress or Progress(quiet=True)

    def __enter__(self) -> Store:
        try:
            return self.up()
        except BaseException:
            self.down()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    @property
    def place(self) -> Place:
        """Address and credentials; raises when it was never brought up."""
        place = base.load(self._directory)
        if place is None:
            raise TestbedError(f"object store {self.name} is not up")
        return place

    def up(self) -> Store:
        """Start it unless it runs, and wait until it listens. Buckets and accounts of an earlier run are kept."""
        binaries = build(self._kind.binaries, self._progress)
        processes = ProcessGroup(self._directory)
        sweep(_home())
        with self._progress.step(f"object store {self.name} ready"), locked(_home() / ".lock"):
            place = self._choose_place()
            command = replace(self._kind.command(place, binaries), name=self._kind_name)
            if not self._lasting:
                command = replace(command, prefix=WITH_PARENT)
            record = processes.record(command.name)
            if not processes.running(command.name) or (record and record.argv != command.argv):
                processes.stop(command.name)
                ports.require_free(place.address, place.port, f"object store {self.name}")
            processes.start(command)
            processes.wait_ready(command.name, lambda: ports.accepts(place.address, place.port), self._kind.patience)
        return self

    def down(self) -> None:
        """Stop it and remove its buckets; not running is not an error."""
        processes = ProcessGroup(self._directory)
        for name in processes.names():
            processes.stop(name, grace=1)
        shutil.rmtree(self._directory, ignore_errors=True)

    def add_user(self, access_key: str) -> dict[str, str]:
        """Create an account that may do what bucket policies let it. Returns its access_key and secret_key."""
        secret_key = secrets.token_hex(20)
        self._kind.add_user(self.place, build(self._kind.binaries, self._progress), access_key, secret_key)
        return {"access_key": access_key, "secret_key": secret_key}

    def principal(self, access_key: str) -> str:
        """What a bucket policy calls the account of this access key."""
        return self._kind.principal(access_key)

    def describe(self) -> dict[str, Any]:
        """Endpoint, region and credentials, JSON-ready."""
        return self.place.describe(ProcessGroup(self._directory).running(self._kind_name))

    def _choose_place(self) -> Place:
        """The place of an earlier run at today's address, or a new one."""
        known = base.load(self._directory)
        address = self._address or (BRIDGE_ADDRESS if self._lasting and network.bridge_exists() else LOOPBACK)
        if known is None:
            port = self._kind.tls_port if self._tls else self._kind.port
            if self.name != _default_name(self._kind_name, self._tls):
                taken = [place.port for place in map(base.load, _folders()) if place]
                port = ports.choose(1, ports.FOR_STORES, taken, address)[0]
            keys = (f"testbed{secrets.token_hex(4)}", secrets.token_hex(20))
            known = Place(self.name, self._kind_name, self._directory, address, port, self._tls, *keys)
        known = replace(known, address=address)
        known.save()
        return known


def well_known(kind: str, tls: bool, suffix: str, progress: Progress) -> Store:
    """The store of this kind for people and the demo; with a ``suffix`` a further one, on a port that is free."""
    if not _SUFFIX.fullmatch(suffix):
        raise TestbedError(f"--suffix '{suffix}' is not valid: use up to 20 of a-z, 0-9")
    name = _default_name(kind, tls)
    return Store(kind, tls=tls, name=f"{name}-{suffix}" if suffix else name, progress=progress)


def existing() -> list[Store]:
    """Every store that was brought up and not down.

    Another checkout on this machine may run a kind that there is not in this one: that one is left to it.
    """
    places = [place for place in map(base.load, _folders()) if place and place.kind in KINDS]
    return [Store(place.kind, tls=place.tls, name=place.name) for place in places]


def _default_name(kind: str, tls: bool) -> str:
    return f"{kind}-tls" if tls else kind


def _home() -> Path:
    return state_dir() / "stores"


def _folders() -> list[Path]:
    return sorted(path.parent for path in _home().glob("*/store.json"))
