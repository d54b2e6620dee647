# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection's plugins import is compiled once, and not by each ansible-playbook.

Ansible has a loader of its own for the files of a collection, which compiles each of them in each process; that is a
third of what loading the plugin ``stack`` costs. Plugins themselves it loads with Python's loader, which keeps what it
compiled in ``__pycache__``, if it may write there. Importing this module has Python's loader load the rest as well.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

_OURS = f"{__package__.rpartition('.')[0]}."


class _Finder(MetaPathFinder):
    """Finds modules of this collection; folders, which Ansible makes packages of, are left to Ansible."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - Python gives it
    ) -> ModuleSpec | None:
        """See MetaPathFinder. ``path``: the folders of the package."""
        if not fullname.startswith(_OURS):
            return None
        for folder in path or ():
            spec = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(fullname)
            if spec and spec.loader:
                return spec
        return None


sys.meta_path.insert(0, _Finder())
