# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the Debian packages that clusters need."""

from __future__ import annotations

import shutil

from tests.testbed import cache_servers
from tests.testbed.apt import apt_get
from tests.testbed.binaries import BINARIES, OPTIONAL
from tests.testbed.build import missing
from tests.testbed.compilers import compilers_of, lacks
from tests.testbed.errors import TestbedError
from tests.testbed.host import STILL_WORKS, missing_packages, require_linux_root
from tests.testbed.progress import Progress
from tests.testbed.stores import ceph_tree, keystone


def prepare(progress: Progress, *, stores: bool = False) -> list[str]:
    """Check the machine and install what is missing; with ``stores`` what every object store and cache needs.

    Returns the names of the packages that were installed.
    """
    require_linux_root("the testbed")
    programs = (*BINARIES, *OPTIONAL) if stores else BINARIES
    for lack in map(lacks, compilers_of(missing(programs))):
        if lack:
            raise TestbedError(f"the testbed needs {lack}; {STILL_WORKS}")
    packages = _install_packages(missing_packages(stores=stores), progress)
    if stores and not ceph_tree.installed():
        with progress.step(f"unpacked Ceph {ceph_tree.VERSION}"):
            ceph_tree.install()
    if stores and not cache_servers.PACKAGES.installed():
        with progress.step("unpacked memcached, Redis and Valkey"):
            cache_servers.PACKAGES.install()
    if stores and not keystone.ENVIRONMENT.installed():
        with progress.step(f"installed Keystone {keystone.VERSION}"):
            keystone.ENVIRONMENT.install()
    return packages


def _install_packages(packages: list[str], progress: Progress) -> list[str]:
    if not packages:
        progress.say("all Debian packages are there")
        return []
    if shutil.which("apt-get") is None:
        raise TestbedError(
            f"missing {', '.join(packages)} (names of Debian packages), and there is no apt-get: install them by hand; "
            + STILL_WORKS
        )
    with progress.step(f"installed {', '.join(packages)}"):
        if apt_get("install", *packages).returncode != 0:
            apt_get("update")
            done = apt_get("install", *packages)
            if done.returncode != 0:
                raise TestbedError(f"apt-get install {' '.join(packages)} failed: {done.stderr.strip()[-600:]}")
    return packages
