# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release is one command: tried in a clone that has no remote, in the order in which releases follow each other."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.tasks.release import LEFT_BEHIND, ReleaseError, release
from tests.tasks.tree import GIT_TRUSTS, ROOT, VENV

SOMEBODY = {f"GIT_{who}_{what}": "nobody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, **GIT_TRUSTS, **SOMEBODY}
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "clone"
    git(ROOT, "clone", "--quiet", "--no-hardlinks", "--depth", "1", ROOT.as_uri(), str(folder))
    git(folder, "remote", "remove", "origin")
    return folder


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SOMEBODY.items():
        monkeypatch.setenv(name, value)


def fragment(clone: Path, section: str, text: str) -> None:
    (clone / "changelogs/fragments/next.yml").write_text(yaml.safe_dump({section: [text]}))
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "A change")


def test_releases_follow_each_other(clone: Path, tmp_path: Path) -> None:
    wanted = {text for path in (clone / "changelogs/fragments").glob("*.yml") for text in texts(path)}
    before = git(clone, "rev-parse", "HEAD")
    with pytest.raises(ReleaseError, match="a check failed"):
        release(clone, "0.1.0", lambda: False, tmp_path)
    assert git(clone, "status", "--porcelain") == git(clone, "tag") == ""
    archive = release(clone, "0.1.0", lambda: clean_of_licences(clone), tmp_path)
    assert git(clone, "tag").split() == ["0.1.0"]
    assert git(clone, "rev-parse", "0.1.0^{commit}~1") == before
    assert git(clone, "status", "--porcelain") == ""
    assert not list((clone / "changelogs/fragments").glob("*.yml"))
    with tarfile.open(archive) as content:
        said = yaml.safe_load(content.extractfile("changelogs/changelog.yaml") or "")["releases"]["0.1.0"]
        assert LEFT_BEHIND not in content.getnames()
    told = {
        text for entries in said["changes"].values() for text in ([entries] if isinstance(entries, str) else entries)
    }
    assert told >= wanted
    for version, refusal in {"0.1.0": "there is a tag", "0.0.9": "not newer", "0.2": "not a version"}.items():
        with pytest.raises(ReleaseError, match=refusal):
            release(clone, version, lambda: True, tmp_path)
    with pytest.raises(ReleaseError, match="there is nothing to release"):
        release(clone, "0.2.0", lambda: True, tmp_path)
    fragment(clone, "breaking_changes", "query - something else.")
    with pytest.raises(ReleaseError, match=r"breaking_changes, which 0\.1\.1 may not bring"):
        release(clone, "0.1.1", lambda: True, tmp_path)
    assert release(clone, "0.2.0", lambda: True, tmp_path).name == "o11y-thanos-0.2.0.tar.gz"
    (clone / "stray").touch()
    with pytest.raises(ReleaseError, match="not committed"):
        release(clone, "0.3.0", lambda: True, tmp_path)


def texts(path: Path) -> list[str]:
    """The entries of a fragment."""
    entries = yaml.safe_load(path.read_text())
    return [text for section in entries.values() for text in ([section] if isinstance(section, str) else section)]


def clean_of_licences(folder: Path) -> bool:
    """Whether every file says its licence, with what the making of the changelog left behind."""
    done = subprocess.run([str(VENV / "bin/reuse"), "lint", "--lines"], cwd=folder, check=False, capture_output=True)
    return done.returncode == 0
