# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""apt-get: for the packages of this machine, or with a configuration of its own that leaves the machine alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.testbed.errors import TestbedError


def apt_get(verb: str, *arguments: str, configuration: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run it without questions; ``configuration`` is read before (and, where it says so, instead of) the machine's."""
    chosen = {"APT_CONFIG": str(configuration)} if configuration else {}
    return subprocess.run(
        ["apt-get", verb, "-q", "-y", "--no-install-recommends", *arguments],
        # With the proxies of the environment: its servers are elsewhere.
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", **chosen},
        capture_output=True,
        text=True,
        check=False,
    )


def require(user: str) -> None:
    """Raise a sentence unless this is a Debian with apt-get, which ``user`` needs."""
    if shutil.which("apt-get") is None:
        raise TestbedError(f"{user} needs apt-get of Debian, and there is none here")


def debian_mirror() -> str | None:
    """The archive of Debian that this machine installs from; None when apt knows of none."""
    form = "$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)"
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    uris = [line.rpartition(" ")[2] for line in listed.splitlines() if line.startswith("Debian Debian main ")]
    return uris[0] if uris else None


def network_settings() -> str:
    """What this machine's configuration says about proxies and repeats, in apt's own syntax."""
    dumped = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=False).stdout
    return "".join(
        f"{line}\n" for line in dumped.splitlines() if line.startswith(("Acquire::http", "Acquire::Retries"))
    )
