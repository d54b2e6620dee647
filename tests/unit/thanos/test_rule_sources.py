# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rule files that cannot be read get a sentence with their path."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import rule_sources as module
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_sources import rule_sources
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

NOBODY = cast(Client, SimpleNamespace())


def problems(*patterns: Path) -> tuple[str, ...]:
    """The mistakes of a ruler with these ``rule_files``."""
    options = {"rule_files": [str(pattern) for pattern in patterns]}
    stack = parse({"cluster": "eu", "instances": {"ruler": options}})
    with pytest.raises(InvalidInput) as raised:
        rule_sources(NOBODY, stack)
    return raised.value.problems


def test_what_cannot_be_read_is_named_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "latin.yaml").write_bytes("groups: [] # \xfc".encode("latin-1"))
    (tmp_path / "none.yaml").symlink_to(tmp_path / "gone")
    pattern = tmp_path / "*.yaml"
    reasons = {"folder": "Is a directory", "latin": "it is not UTF-8", "none": "No such file or directory"}
    assert problems(pattern) == tuple(
        f"instances.ruler.rule_files: the file {path}, which '{pattern}' matches, cannot be read: {reasons[path.stem]}."
        for path in sorted(tmp_path.iterdir())
    )


def test_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("groups: []")

    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise PermissionError(13, os.strerror(13))

    # Tests run as root too, who may read everything.
    monkeypatch.setattr(module, "open", refuse, raising=False)
    assert problems(tmp_path / "a.yaml")[0].endswith("cannot be read: Permission denied.")
