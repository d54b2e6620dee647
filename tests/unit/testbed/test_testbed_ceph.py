# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ceph's programs: what is said where they cannot be had, and how they are run from their folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.testbed import apt, debian_tree
from tests.testbed.errors import TestbedError
from tests.testbed.stores import ceph_tree


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("O11Y_THANOS_CACHE", str(tmp_path))
    return tmp_path


def fake_apt(folder: Path, script: str) -> str:
    """A PATH on which apt-get is this script."""
    folder.mkdir()
    for name in ("apt-get", "apt-config"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_programs_run_with_the_loader_and_libraries_of_their_folder(tmp_path: Path) -> None:
    for name in ("usr/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/ceph/libceph-common.so.2"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    libraries = tmp_path / "usr/lib/x86_64-linux-gnu"
    loader = (str(tmp_path / "usr/lib64/ld-linux-x86-64.so.2"), "--library-path", f"{libraries}:{libraries}/ceph")
    assert ceph_tree.Tree(tmp_path).program("radosgw") == (*loader, str(tmp_path / "usr/bin/radosgw"))


def test_half_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(TestbedError, match="remove the folder and run this again"):
        ceph_tree.Tree(tmp_path).program("radosgw")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "Ceph needs apt-get of Debian, and there is none here"),
        ("exit 0", "apt knows of none here"),
        ("echo Debian Debian-Security main http://archive/security/", "apt knows of none here"),
        (
            'test "$1" = indextargets && echo Debian Debian main http://a/ || { echo no route >&2; exit 1; }',
            "cannot be had from Debian trixie: apt-get update says no route",
        ),
    ],
)
def test_what_is_missing_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, sentence: str
) -> None:
    monkeypatch.setenv("PATH", fake_apt(tmp_path / "bin", script) if script else str(tmp_path))
    monkeypatch.setattr(debian_tree, "_KEYRING", tmp_path)
    with pytest.raises(TestbedError, match=sentence):
        ceph_tree.install()
    assert not ceph_tree.installed()


def test_no_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceph_tree, "PACKAGES", replace(ceph_tree.PACKAGES, room=1 << 60))
    with pytest.raises(TestbedError, match=r"and Ceph takes .* set O11Y_THANOS_CACHE to a folder on another disk"):
        ceph_tree.install()


def test_mirror_is_the_one_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("Other Other main http://other/", "Debian Debian contrib http://a/", "Debian Debian main http://b/")
    monkeypatch.setenv("PATH", fake_apt(tmp_path / "bin", "\n".join(f"echo {line}" for line in lines)))
    assert apt.debian_mirror() == "http://b/"
