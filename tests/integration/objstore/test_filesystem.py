# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories as object stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.modules import Result, run_module

BLOCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def bucket(path: Path, check: bool = False, prefix: str = "", **options: object) -> Result:
    store = {"type": "FILESYSTEM", "directory": str(path), "prefix": prefix}
    return run_module("bucket", {"store": store, **options}, check=check)


def test_absent_check_present_check_present_absent(tmp_path: Path) -> None:
    path = tmp_path / "a/b"
    assert bucket(path, check=True)["changed"]
    assert not path.exists()
    assert bucket(path)["changed"]
    assert path.is_dir()
    assert not bucket(path)["changed"]
    assert bucket(path, state="absent")["changed"]
    assert not path.exists()


def test_blocks_need_a_second_word(tmp_path: Path) -> None:
    path = tmp_path / "a"
    meta = path / BLOCK / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text("{}")
    assert "is not empty" in bucket(path, state="absent")["msg"]
    assert BLOCK in bucket(path, state="absent", force=True)["msg"]
    assert meta.exists()
    assert bucket(path, state="absent", force=True, delete_blocks=True)["changed"]
    assert not path.exists()


def test_what_lies_outside_of_the_prefix_is_kept(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "a", tmp_path / "b"
    for folder in (path / "eu" / BLOCK, elsewhere):
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text("{}")
    (path / "us").symlink_to(elsewhere)
    everything: dict[str, Any] = {"state": "absent", "force": True, "delete_blocks": True}
    assert "holds objects outside of prefix 'eu' (us); it is kept" in bucket(path, prefix="eu", **everything)["msg"]
    (path / "us").unlink()
    (path / "us").write_text("theirs")
    assert "holds objects outside of prefix 'eu' (us); it is kept" in bucket(path, prefix="eu", **everything)["msg"]
    assert (path / "eu" / BLOCK / "meta.json").exists()
    (path / "us").unlink()
    assert bucket(path, prefix="eu", **everything)["changed"]
    assert not path.exists()


def test_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert "is there already and is not a directory" in bucket(tmp_path / "a")["msg"]
    assert "could not be made" in bucket(tmp_path / "a" / "b")["msg"]
