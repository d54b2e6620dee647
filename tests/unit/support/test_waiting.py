# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what comes true by itself."""

from __future__ import annotations

import pytest

from tests.support.waiting import until


def test_what_is_something_at_last_is_returned_and_no_answer_is_asked_for_again() -> None:
    answers = iter([None, OSError("nobody listens"), [], ["found"]])

    def asked() -> list[str] | None:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    assert until(asked, every=0) == ["found"]


def test_what_stays_away_is_told_with_what_is_there_and_the_last_failure() -> None:
    def asked() -> bool:
        raise OSError("nobody listens")

    with pytest.raises(TimeoutError, match="not within 0 s: the log is empty") as caught:
        until(asked, 0, missing=lambda: "the log is empty")
    assert str(caught.value.__cause__) == "nobody listens"
