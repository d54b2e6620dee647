# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which object stores of this machine are ours to handle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testbed.stores import store
from tests.testbed.stores.base import Place


def test_store_of_a_kind_that_only_another_checkout_knows_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("O11Y_THANOS_STATE", str(tmp_path))
    for kind in ("minio", "newer"):
        Place(kind, kind, tmp_path / "stores" / kind, "127.0.0.1", 1, False, "key", "secret").save()
    assert [one.name for one in store.existing()] == ["minio"]
