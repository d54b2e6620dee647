# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements of a bucket's policy: whose they are, and answers that are no policy."""

from __future__ import annotations

import json

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.s3_policy import (
    TLS_SID,
    is_grant,
    mark_of,
    statements,
)

EU, US = mark_of("eu"), mark_of("us")


@pytest.mark.parametrize("mark", ["", EU])
def test_statements_of_ones_own_prefix_are_ones_own(mark: str) -> None:
    assert is_grant({"Sid": f"O11yThanosReaderList{mark}"}, mark)
    assert is_grant({"Sid": f"O11yThanosCompactorObjects{mark}"}, mark)


@pytest.mark.parametrize("sid", [f"O11yThanosReaderList{US}", "O11yThanosReaderList", "Theirs", TLS_SID, "", None])
def test_statements_of_others_are_not(sid: str | None) -> None:
    assert not is_grant({"Sid": sid}, EU)


def test_without_a_prefix_those_of_a_prefix_are_others() -> None:
    assert not is_grant({"Sid": f"O11yThanosReaderList{EU}"}, "")


@pytest.mark.parametrize("found", [[], None, {"Sid": "a"}, [{"Sid": "a"}]])
def test_a_policy_has_a_statement_or_a_list_of_them(found: object) -> None:
    wanted = [found] if isinstance(found, dict) else found or []
    assert statements(json.dumps({"Statement": found})) == wanted


@pytest.mark.parametrize(
    "text", ["", "<a/>", "[]", "{}", "1", '{"Statement": "x"}', '{"Statement": ["x"]}', "[" * 100_000]
)
def test_what_is_no_policy_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no policy"):
        statements(text)
