# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of Ceph, from the packages of a Debian release of their own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.testbed import debian_tree

VERSION = "18.2.7"


@dataclass(frozen=True)
class Tree(debian_tree.Tree):
    """Ceph's programs; its plugins have a folder of their own."""

    def program(self, name: str) -> tuple[str, ...]:
        """The beginning of a command line that runs ``name``."""
        plugins = self.one("usr/lib/*/ceph")
        return (
            *(str(self.loader), "--library-path", f"{plugins.parent}:{plugins}"),
            str(self.root / "usr/bin" / name),
        )


def _finish(draft: Path, _root: Path) -> None:
    # Manuals, translations and the like: no program reads them.
    shutil.rmtree(draft / "usr/share", ignore_errors=True)


PACKAGES = debian_tree.Packages(
    "Ceph", VERSION, tuple(f"{name}={VERSION}*" for name in ("ceph-mon", "ceph-osd", "radosgw")), 1 << 30, _finish
)


def install() -> Tree:
    """The tree, unpacked when it is not in the cache."""
    return Tree(PACKAGES.install().root)


def installed() -> bool:
    """Whether :func:`install` has nothing to do."""
    return PACKAGES.installed()
