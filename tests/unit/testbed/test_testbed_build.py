# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs are compiled by the tool of their language, once, and a machine without it is told where to get it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.testbed import binaries, build, compilers
from tests.testbed.errors import TestbedError
from tests.testbed.progress import Progress

CRATE = binaries.Crate("tiny", "1.2.3", ("one", "two"), (("CARGO_PROFILE_RELEASE_LTO", "off"),))
# As cargo does: a program for the crate in the folder that --root names.
CARGO = """#!/bin/sh
if [ "$1" = --version ]; then echo "cargo 1.95.0 (f2d3ce0bd 2026-03-21)"; exit; fi
echo "$@" "$CARGO_PROFILE_RELEASE_LTO" "${CARGO_TARGET_DIR##*/}" >> "$CALLS"
while [ "$1" != --root ]; do shift; done
mkdir -p "$CARGO_TARGET_DIR" "$2/bin"
%s
"""


@pytest.fixture
def cargo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program on the PATH beside those of every system; it notes what it was asked in ``calls``."""
    program = tmp_path / "bin/cargo"
    program.parent.mkdir()
    program.write_text(CARGO % 'echo program > "$2/bin/tiny"')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("O11Y_THANOS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(binaries.BY_NAME, "tiny", CRATE)
    return program


def make() -> Path:
    return build.build(["tiny"], Progress(quiet=True))["tiny"]


@pytest.mark.usefixtures("cargo")
def test_a_crate_is_compiled_once_as_it_is_pinned(tmp_path: Path) -> None:
    made = make()
    assert make() == made
    assert made.read_text() == "program\n"
    calls = (tmp_path / "calls").read_text().splitlines()
    root = made.with_name(".tiny.draft")
    pinned = "install tiny --version 1.2.3 --locked --no-default-features --features one,two"
    assert calls == [f"{pinned} --root {root} --no-track off target"]
    assert [path.name for path in made.parent.iterdir()] == ["tiny"]


def test_a_crate_that_does_not_compile_leaves_nothing_and_says_why(cargo: Path) -> None:
    cargo.write_text(CARGO % "echo 'error: no such crate'; exit 101")
    with pytest.raises(TestbedError, match=r"compiling tiny failed:\nerror: no such crate"):
        make()
    assert list(binaries.path_of("tiny").parent.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [("cargo 1.63.0", "Rust 1.89 or newer (found 'cargo 1.63.0')"), ("", "Rust 1.89 or newer (found '')")],
)
def test_a_cargo_that_is_too_old_is_refused_with_where_to_get_one(cargo: Path, answer: str, told: str) -> None:
    cargo.write_text(f"#!/bin/sh\necho {answer}\n")
    with pytest.raises(TestbedError) as refused:
        make()
    assert f"compiling needs {told}; install it from https://rustup.rs/" in str(refused.value)


def test_only_what_is_compiled_needs_a_compiler() -> None:
    go, rust = compilers.COMPILERS.values()
    assert compilers.compilers_of(binaries.BINARIES) == [go]
    assert compilers.compilers_of([CRATE]) == [rust]
    assert compilers.compilers_of([]) == []


def test_the_key_of_a_crate_changes_with_all_that_changes_its_program() -> None:
    others = [
        replace(CRATE, version="1.2.4"),
        replace(CRATE, features=("one",)),
        replace(CRATE, settings=()),
    ]
    assert len({binaries.crate_hash(crate) for crate in (CRATE, *others)}) == 4
