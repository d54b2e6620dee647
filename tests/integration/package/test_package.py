# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users install: the archive holds what they need, installs offline, and works from where it was installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.tasks.release import MADE_BY_GALAXY, SHIPPED
from tests.tasks.tree import ROOT

PROGRAMS = Path(sys.executable).parent
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


def run(program: str, *arguments: str, collections: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of Ansible away from the checkout, with the installed collection as the only one."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_NOCOLOR": "1"}
    command = [str(PROGRAMS / program), *arguments]
    return subprocess.run(command, cwd="/", env=environment, check=False, capture_output=True, text=True)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    built = run("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(folder))
    assert built.returncode == 0, built.stderr
    return next(folder.glob("o11y-thanos-*.tar.gz"))


@pytest.fixture(scope="session")
def installed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    done = run(
        "ansible-galaxy", "collection", "install", str(archive), "--offline", "-p", str(folder), collections=folder
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_archive_holds_what_users_need_and_nothing_of_the_workshop(archive: Path) -> None:
    with tarfile.open(archive) as content:
        names = content.getnames()
    assert {name.split("/")[0] for name in names} == SHIPPED | MADE_BY_GALAXY
    assert [name for name in names if name.startswith("extensions/molecule")] == []
    assert [name for name in names if "__pycache__" in name] == []


def test_every_module_can_be_read_about(installed: Path) -> None:
    told = run("ansible-doc", "--json", "--list", "-t", "module", "o11y.thanos", collections=installed)
    assert sorted(json.loads(told.stdout)) == [f"o11y.thanos.{name}" for name in MODULES]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_is_found_and_parsed(installed: Path, playbook: str) -> None:
    parsed = run("ansible-playbook", "-i", "eu,", f"o11y.thanos.{playbook}", "--syntax-check", collections=installed)
    assert parsed.returncode == 0, parsed.stderr


def test_playbook_runs_from_there_and_says_what_is_wrong(installed: Path) -> None:
    variables = {"thanos_objstore": {"type": "S3", "bucket": "Not A Bucket", "endpoint": "127.0.0.1:1"}}
    options = ("-e", json.dumps(variables))
    ended = run("ansible-playbook", "-i", "eu,", "o11y.thanos.check", *options, collections=installed)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "Not A Bucket" in said
    assert "Traceback" not in said
