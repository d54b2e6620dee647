# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs from the packages of a Debian release of their own, whatever release this machine runs.

The packages are unpacked into a folder of the cache and nothing of them is configured or started, so that neither root
nor chroot nor mounts are needed: the programs run with the release's own loader and libraries.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.testbed import apt
from tests.testbed.errors import TestbedError, tells_full_disk
from tests.testbed.files import locked, write_file
from tests.testbed.host import require_room
from tests.testbed.paths import cache_dir
from tests.testbed.shell import run

RELEASE = "trixie"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
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
        """Folder of the shared libraries."""
        return self.one("usr/lib/*/libc.so.6").parent

    @property
    def loader(self) -> Path:
        """What starts a program with them."""
        return self.one("usr/lib*/ld-linux*.so.*")

    def one(self, pattern: str) -> Path:
        """The file that has such a path. Raises a sentence where there is none."""
        found = next(iter(sorted(self.root.glob(pattern))), None)
        if found is None:
            raise TestbedError(f"{self.root} has no {pattern}: remove the folder and run this again")
        return found


@dataclass(frozen=True)
class Packages:
    """What is unpacked: ``wanted`` as apt-get takes it, with what it depends on, in ``room`` bytes.

    ``finish`` is given the draft and the folder that it becomes, before it does.
    """

    title: str
    version: str
    wanted: tuple[str, ...]
    room: int
    finish: Callable[[Path, Path], None]

    def install(self) -> Tree:
        """The tree; unpacked when it is not in the cache, which takes less than a minute."""
        if not self.installed():
            with locked(self._root.with_name(f"{self._root.name}.lock")):
                if not self.installed():
                    self._unpack()
        return Tree(self._root)

    def installed(self) -> bool:
        """Whether :meth:`install` has nothing to do."""
        return self._root.exists()

    @property
    def _root(self) -> Path:
        return cache_dir() / f"{self.title.lower()}-{self.version}-{RELEASE}"

    def _unpack(self) -> None:
        apt.require(self.title)
        require_room(self._root.parent, self.room, self.title, "O11Y_THANOS_CACHE")
        draft = self._root.with_name(f"{self._root.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            configuration = self._configure(folder)
            self._apt_get(configuration, "update")
            self._apt_get(configuration, "install", "--download-only", *self.wanted)
            for package in sorted((folder / "archives").glob("*.deb")):
                run("dpkg-deb", "--extract", package, draft)
        self.finish(draft, self._root)
        draft.rename(self._root)

    def _configure(self, folder: Path) -> Path:
        """Files for an apt that knows the one release, takes nothing for installed and keeps everything in there."""
        if not _KEYRING.exists():
            raise TestbedError(
                f"{self.title} comes from packages that {_KEYRING} vouches for: install debian-archive-keyring"
            )
        mirror = apt.debian_mirror()
        if mirror is None:
            raise TestbedError(
                f"{self.title} comes from Debian's archive, and apt knows of none here: "
                "name it in /etc/apt and run 'apt-get update'"
            )
        for name in ("lists/partial", "archives/partial"):
            (folder / name).mkdir(parents=True)
        write_file(folder / "status", "")
        write_file(folder / "sources.list", f"deb [signed-by={_KEYRING}] {mirror} {RELEASE} main\n")
        configuration = folder / "apt.conf"
        write_file(configuration, _CONFIGURATION.format(folder=folder) + apt.network_settings())
        return configuration

    def _apt_get(self, configuration: Path, verb: str, *arguments: str) -> None:
        done = apt.apt_get(verb, *arguments, configuration=configuration)
        if done.returncode == 0:
            return
        if tells_full_disk(done.stderr):
            raise TestbedError(f"the disk is full: {self.title}'s packages need room in {configuration.parent}")
        raise TestbedError(
            f"{self.title} {self.version} cannot be had from Debian {RELEASE}: "
            f"apt-get {verb} says {done.stderr.strip()[-600:]}"
        )
