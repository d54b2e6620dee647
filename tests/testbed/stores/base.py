# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every object store of the testbed has in common: a place, credentials, one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.testbed.files import read_json, write_json
from tests.testbed.pki import Authority, Certificate
from tests.testbed.process import Command

REGION = "us-east-1"
# Kind of server → the region that it takes for its own when none is configured, where that is another one.
_REGIONS = {"garage": "garage"}


@dataclass(frozen=True)
class Place:
    """A running (or stopped) store: where it listens, its root credentials, its folder."""

    name: str
    kind: str
    directory: Path
    address: str
    port: int
    tls: bool
    access_key: str
    secret_key: str

    @property
    def endpoint(self) -> str:
        """``host:port``, as Thanos writes it."""
        return f"{self.address}:{self.port}"

    @property
    def url(self) -> str:
        """With its scheme, as SDKs write it."""
        return f"{'https' if self.tls else 'http'}://{self.endpoint}"

    @property
    def region(self) -> str:
        """Where it says that it is."""
        return _REGIONS.get(self.kind, REGION)

    @property
    def ca_file(self) -> Path:
        """The private authority of a store with TLS."""
        return self.directory / "pki/ca.crt"

    def certificate(self) -> Certificate:
        """The server's certificate, made when it is not there."""
        authority = Authority(self.directory / "pki")
        authority.create(f"{self.name} authority")
        return authority.issue(f"server-{self.address}", self.name, names=(self.address, "127.0.0.1", "localhost"))

    def save(self) -> None:
        """Write it down before anything of it exists, so that it is found again."""
        write_json(self.directory / "store.json", {**asdict(self), "directory": str(self.directory)})

    def describe(self, running: bool) -> dict[str, Any]:
        """What a user or a test needs, JSON-ready; the credentials are those of this throw-away server."""
        return {
            "name": self.name,
            "kind": self.kind,
            "running": running,
            "endpoint": self.endpoint,
            "url": self.url,
            "insecure": not self.tls,
            "ca_file": str(self.ca_file) if self.tls else None,
            "region": self.region,
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "directory": str(self.directory),
        }


def load(directory: Path) -> Place | None:
    """The store whose folder this is; None when there is none."""
    saved = read_json(directory / "store.json")
    return Place(**{**saved, "directory": directory}) if saved else None


@dataclass(frozen=True)
class Kind:
    """One kind of server. A new one is a file of this package and a row in the table of its kinds.

    ``command`` gives the process to run and makes the folders that it needs; ``add_user`` makes an account without any
    rights, from its access key and secret key. Both get the paths of ``binaries`` by name. ``patience`` is how many
    seconds it may take to listen, ``principal`` what a bucket policy calls the account of an access key.
    """

    binaries: tuple[str, ...]
    port: int
    tls_port: int
    command: Callable[[Place, Mapping[str, Path]], Command]
    add_user: Callable[[Place, Mapping[str, Path], str, str], None]
    patience: float = 20
    principal: Callable[[str], str] = str
