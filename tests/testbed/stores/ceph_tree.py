# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of Ceph, from the packages of a Debian release of their own, whatever release this machine runs.

The packages are unpacked into a folder of the cache and nothing of them is configured or started, so that neither root
nor chroot nor mounts are needed: the programs run with the release's own loader and libraries.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.testbed import apt
from tests.testbed.errors import TestbedError, tells_full_disk
from tests.testbed.files import locked, write_file
from tests.testbed.host import require_room
from tests.testbed.paths import cache_dir
from tests.testbed.shell import run

RELEASE = "trixie"
VERSION = "18.2.7"
PACKAGES = ("ceph-mon", "ceph-osd", "radosgw")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Bytes: what is unpacked, and the packages while they are.
_ROOM = 1 << 30
_CONFIGURATION = """\
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
APT::Sandbox::User "";
"""


@dataclass(frozen=True)
class Tree:
    """The unpacked packages beneath ``root``."""

    root: Path

    @property
    def libraries(self) -> Path:
        """Folder of the shared libraries; Ceph's plugins are beneath it too."""
        return self._one("usr/lib/*/ceph").parent

    def program(self, name: str) -> tuple[str, ...]:
        """The beginning of a command line that runs ``name``."""
        path = f"{self.libraries}:{self.libraries / 'ceph'}"
        return (str(self._one("usr/lib*/ld-linux*.so.*")), "--library-path", path, str(self.root / "usr/bin" / name))

    def _one(self, pattern: str) -> Path:
        found = next(iter(sorted(self.root.glob(pattern))), None)
        if found is None:
            raise TestbedError(f"{self.root} has no {pattern}: remove the folder and run this again")
        return found


def install() -> Tree:
    """The tree; unpacked when it is not in the cache, which takes about half a minute."""
    root = _root()
    if not installed():
        with locked(root.with_name(f"{root.name}.lock")):
            if not installed():
                _unpack(root)
    return Tree(root)


def installed() -> bool:
    """Whether :func:`install` has nothing to do."""
    return _root().exists()


def _root() -> Path:
    return cache_dir() / f"ceph-{VERSION}-{RELEASE}"


def _unpack(root: Path) -> None:
    apt.require("Ceph")
    require_room(root.parent, _ROOM, "Ceph", "O11Y_THANOS_CACHE")
    draft = root.with_name(f"{root.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configuration = _configure(folder)
        _apt_get(configuration, "update")
        _apt_get(configuration, "install", "--download-only", *(f"{package}={VERSION}*" for package in PACKAGES))
        for package in sorted((folder / "archives").glob("*.deb")):
            run("dpkg-deb", "--extract", package, draft)
    # Manuals, translations and the like: no program reads them.
    shutil.rmtree(draft / "usr/share", ignore_errors=True)
    draft.rename(root)


def _configure(folder: Path) -> Path:
    """Files for an apt that knows the one release, takes nothing for installed and keeps everything in ``folder``."""
    if not _KEYRING.exists():
        raise TestbedError(f"Ceph comes from packages that {_KEYRING} vouches for: install debian-archive-keyring")
    mirror = apt.debian_mirror()
    if mirror is None:
        raise TestbedError(
            "Ceph comes from Debian's archive, and apt knows of none here: name it in /etc/apt and run 'apt-get update'"
        )
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True)
    write_file(folder / "status", "")
    write_file(folder / "sources.list", f"deb [signed-by={_KEYRING}] {mirror} {RELEASE} main\n")
    configuration = folder / "apt.conf"
    write_file(configuration, _CONFIGURATION.format(folder=folder) + apt.network_settings())
    return configuration


def _apt_get(configuration: Path, verb: str, *arguments: str) -> None:
    done = apt.apt_get(verb, *arguments, configuration=configuration)
    if done.returncode == 0:
        return
    if tells_full_disk(done.stderr):
        raise TestbedError(f"the disk is full: Ceph's packages need room in {configuration.parent}")
    raise TestbedError(
        f"Ceph {VERSION} cannot be had from Debian {RELEASE}: apt-get {verb} says {done.stderr.strip()[-600:]}"
    )
