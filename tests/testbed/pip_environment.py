# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python programs with packages of their own, which the tests' virtual environment must not have."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.files import locked
from tests.testbed.paths import cache_dir
from tests.testbed.shell import run

# That of Debian 12 has no limit to its search.
_PIP = "pip>=23.1"


@dataclass(frozen=True)
class PipEnvironment:
    """A virtual environment in the cache, by ``name`` and ``version``; ``packages`` are as pip takes them."""

    name: str
    version: str
    packages: tuple[str, ...]

    def install(self) -> Path:
        """Its Python; made when it is not in the cache."""
        python = self._folder / "bin/python"
        with locked(self._folder.with_name(f"{self._folder.name}.lock")):
            if not self.installed():
                run(sys.executable, "-m", "venv", "--clear", self._folder)
                pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
                for what in ((_PIP,), self.packages):
                    run(*pip, *what)
                self._stamp.write_text(self._wanted)
        return python

    def installed(self) -> bool:
        """Whether :meth:`install` has nothing to do."""
        return self._stamp.is_file() and self._stamp.read_text() == self._wanted

    @property
    def _wanted(self) -> str:
        return "\n".join(self.packages)

    @property
    def _stamp(self) -> Path:
        return self._folder / "installed"

    @property
    def _folder(self) -> Path:
        return cache_dir() / f"{self.name}-{self.version}-python{sys.version_info.major}.{sys.version_info.minor}"
