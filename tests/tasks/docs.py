# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make docs``: the pages of ``docs`` and a reference of every module, role and filter, as a site in ``.build/docs``.

antsibull-docs writes the reference, Sphinx makes pages of both. A warning of either fails.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from functools import partial
from pathlib import Path

import yaml

from tests.tasks.tree import BUILD, ROOT, VENV, collections_path, run_told

DOCS = ROOT / "docs"
SITE = BUILD / "docs"
# Label of Ansible's own documentation: its page and title. Its own inventory would have to be downloaded.
OF_ANSIBLE = {
    "action_plugins": ("plugins/action.html", "Action plugins"),
    "ansible_collections.ansible.builtin.debug_module": ("collections/ansible/builtin/debug_module.html", "debug"),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible Configuration Settings"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Return Values"),
}
_INVENTORY = """\
# Sphinx inventory version 2
# Project: ansible
# Version: latest
# The remainder of this file is compressed using zlib.
"""
_LINK = re.compile(r"(\]\()(?!https?:|#)([^)#\s]+)")


def main() -> int:
    """Build the site. Returns the exit code: 0 when there was nothing to complain of."""
    source = SITE / "source"
    shutil.rmtree(SITE, ignore_errors=True)
    pages(source)
    reference = source / "reference"
    reference.mkdir()
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--no-breadcrumbs", "--dest-dir")
    told = _run("antsibull-docs", "collection", *options, str(reference), "o11y.thanos")
    if told == 0:
        told = _run("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", str(source), str(SITE / "html"))
    print(f"written to {SITE / 'html' / 'index.html'}" if told == 0 else "not written, as is said above")
    return told


def pages(source: Path) -> None:
    """Copy the pages and pictures, with links that lead out of ``docs`` to where the repository is read."""
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("docsite"))
    for name in ("conf.py", "index.md"):
        shutil.copy(DOCS / "docsite" / name, source / name)
    (source / "ansible.inv").write_bytes(inventory())
    tree = yaml.safe_load((ROOT / "galaxy.yml").read_text())["repository"] + "/blob/main"
    for page in source.rglob("*.md"):
        page.write_text(_LINK.sub(partial(_link, DOCS / page.relative_to(source).parent, tree), page.read_text()))


def inventory() -> bytes:
    """An inventory of intersphinx with the labels of Ansible's documentation, as its format wants it."""
    lines = (f"{label} std:label -1 {page} {title}\n" for label, (page, title) in OF_ANSIBLE.items())
    return _INVENTORY.encode() + zlib.compress("".join(lines).encode())


def _link(here: Path, tree: str, found: re.Match[str]) -> str:
    return found[1] + target(here, found[2], tree)


def target(here: Path, link: str, tree: str) -> str:
    """Where a link of a page in the folder ``here`` leads on the site."""
    there = (here / link).resolve()
    return link if there.is_relative_to(DOCS) else f"{tree}/{there.relative_to(ROOT)}"


def _run(program: str, *arguments: str) -> int:
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path()), "ANSIBLE_NOCOLOR": "1"}
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment['PATH']}"
    return subprocess.run([str(VENV / "bin" / program), *arguments], cwd="/", env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(run_told(main))
