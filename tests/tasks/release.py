# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make release VERSION=1.2.3``: changelog, checks, archive, commit and tag. Pushes and publishes nothing.

What fails leaves the checkout as it was, with a sentence about it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.tasks.__main__ import CHECK, STATIC
from tests.tasks.phases import run
from tests.tasks.tree import BUILD, GIT_TRUSTS, ROOT, VENV, collections_path, run_told

# What an archive holds at its top.
SHIPPED = {
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSES",
    "README.md",
    "SECURITY.md",
    "changelogs",
    "docs",
    "examples",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
MADE_BY_GALAXY = {"FILES.json", "MANIFEST.json"}
# antsibull-changelog leaves this behind.
LEFT_BEHIND = "changelogs/.plugin-cache.yaml"
_CHANGED = ("CHANGELOG.md", "changelogs", "galaxy.yml")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class ReleaseError(Exception):
    """The release cannot be made. ``str(e)`` is a sentence for the person who wants it."""


def release(root: Path, version: str, checked: Callable[[], bool], folder: Path) -> Path:
    """Release the checkout ``root``. Returns the archive, in ``folder``; raises ReleaseError, the checkout as before.

    ``checked`` runs the checks over the tree that is about to be released.
    """
    _refuse(root, version)
    try:
        _change(root, version)
        if not checked():
            raise ReleaseError("a check failed, as it says above; nothing was released")
        _git(root, "add", "--all", *_CHANGED)
        _git(root, "commit", "--quiet", "--message", f"Release {version}")
    except BaseException:
        _git(root, "reset", "--quiet", "--", *_CHANGED)
        _git(root, "checkout", "--quiet", "HEAD", "--", *_CHANGED)
        raise
    try:
        archive = build(root, folder)
        inspect(archive, version)
        _git(root, "tag", "--annotate", version, "--message", f"o11y.thanos {version}")
    except BaseException:
        _git(root, "reset", "--quiet", "--hard", "HEAD~1")
        raise
    return archive


def build(root: Path, folder: Path) -> Path:
    """Build the archive of what is committed, and of nothing that lies beside it. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as clean:
        _git(root, "archive", "--output", f"{clean}/tree.tar", "HEAD")
        with tarfile.open(f"{clean}/tree.tar") as tree:
            tree.extractall(f"{clean}/tree", filter="data")
        told = _run(
            Path(clean), "ansible-galaxy", "collection", "build", "tree", "--force", "--output-path", str(folder)
        )
    return Path(told.strip().rsplit(" ", 1)[-1])


def inspect(archive: Path, version: str) -> None:
    """Look into an archive. Raises ReleaseError for what must not be, or is not, in it."""
    with tarfile.open(archive) as content:
        names = content.getnames()
        page = content.extractfile("CHANGELOG.md")
        text = page.read().decode() if page else ""
    strange = {name.split("/")[0] for name in names} - SHIPPED - MADE_BY_GALAXY
    strange |= {name for name in names if name == LEFT_BEHIND or "__pycache__" in name}
    if strange:
        raise ReleaseError(f"the archive holds {', '.join(sorted(strange))}, which users do not need: see build_ignore")
    # In Markdown's way, with a backslash before a dot.
    if f"## v{version}" not in text.replace("\\", ""):
        raise ReleaseError(f"CHANGELOG.md of the archive says nothing of {version}")


def _refuse(root: Path, version: str) -> None:
    """Everything for which a release is not begun."""
    wanted = _VERSION.fullmatch(version)
    if wanted is None:
        raise ReleaseError(f"VERSION={version!r} is not a version such as 1.2.3")
    if _git(root, "status", "--porcelain"):
        raise ReleaseError("the checkout has changes that are not committed; commit them, or put them aside")
    if _git(root, "tag", "--list", version):
        raise ReleaseError(f"there is a tag {version} already")
    released = yaml.safe_load((root / "changelogs/changelog.yaml").read_text())["releases"] or {}
    last = max((_parts(name) for name in released), default=(0, 0, 0))
    parts = _parts(version)
    if parts <= last:
        raise ReleaseError(f"{version} is not newer than {'.'.join(map(str, last))}, the last release")
    sections = _sections(root)
    if not sections:
        raise ReleaseError("changelogs/fragments is empty: there is nothing to release")
    # Semantic versions: before 1.0.0 the minor number is the one that may break.
    breaks = parts[:1] > last[:1] or (parts[0] == 0 and parts[:2] > last[:2])
    broken = sections & {"breaking_changes", "removed_features"}
    if last != (0, 0, 0) and broken and not breaks:
        raise ReleaseError(f"there are {' and '.join(sorted(broken))}, which {version} may not bring after {last}")


def _change(root: Path, version: str) -> None:
    """Write the version, and make the changelog of the fragments."""
    galaxy = root / "galaxy.yml"
    galaxy.write_text(re.sub(r"(?m)^version: .*$", f"version: {version}", galaxy.read_text()))
    _run(root, "antsibull-changelog", "lint")
    _run(root, "antsibull-changelog", "release")
    (root / LEFT_BEHIND).unlink(missing_ok=True)


def _sections(root: Path) -> set[str]:
    """The sections that the fragments have."""
    fragments = [yaml.safe_load(path.read_text()) for path in (root / "changelogs/fragments").glob("*.y*ml")]
    return {section for fragment in fragments for section in fragment}


def _parts(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    return tuple(map(int, found.groups())) if found else (0, 0, 0)


def _git(root: Path, *arguments: str) -> str:
    return _run(root, "git", *arguments)


def _run(root: Path, *command: str) -> str:
    """What a command printed. Raises ReleaseError with it when the command fails."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment: dict[str, Any] = {**os.environ, **GIT_TRUSTS, "PATH": path, "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise ReleaseError(f"{' '.join(command)} failed: {(done.stderr + done.stdout).strip()}")
    return done.stdout


def main(arguments: list[str]) -> int:
    """Release this checkout. Returns the exit code."""
    if not arguments:
        print("make release VERSION=1.2.3", file=sys.stderr)
        return 2
    collections_path()
    os.environ.update(GIT_TRUSTS, PATH=f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}")
    try:
        archive = release(ROOT, arguments[0], lambda: run((*CHECK, *STATIC)) == 0, BUILD / "release")
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print(f"\n{arguments[0]} is committed and tagged, and nothing is published. To publish it:")
    print(f"  git push --follow-tags && ansible-galaxy collection publish {archive}")
    return 0


if __name__ == "__main__":
    sys.exit(run_told(lambda: main(sys.argv[1:])))
