# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sender that knows what was taken repeats what was refused, and misses each sample that is not read back."""

from __future__ import annotations

import pytest

from tests.support.http_server import CUT, Answer, HttpServer
from tests.support.steady_sender import SERIES, SteadySender, steady_sender
from tests.support.waiting import until


def read_back(sender: SteadySender, *lost: int) -> dict[str, list[int]]:
    """What is missing where these samples of the third series are lost."""

    def read(metric: str, tenant: str) -> dict[str, set[int]]:
        assert metric == "steady"
        return {str(n): sender.taken[tenant] - (set(lost) if n == 3 else set()) for n in range(SERIES)}

    return sender.missing(read)


def test_single_lost_sample_of_one_series_is_missed() -> None:
    with HttpServer(lambda _request: Answer(200)) as server, steady_sender([server.endpoint], "shop") as sender:
        until(lambda: len(sender.taken["shop"]) > 2)
    gone = sorted(sender.taken["shop"])[1]
    assert read_back(sender) == {}
    assert read_back(sender, gone) == {"shop/3": [gone]}


@pytest.mark.parametrize(("answer", "told"), [(Answer(503), "503"), (CUT, "RemoteDisconnected")])
def test_refused_write_is_repeated_as_it_was_and_counted(answer: Answer | str, told: str) -> None:
    def rule(request: object) -> Answer | str:
        return answer if getattr(request, "number", 0) == 1 else Answer(200)

    with HttpServer(rule) as server, steady_sender([server.endpoint], "shop") as sender:
        until(lambda: sender.taken["shop"])
    assert sender.refused == {told: 1}
    assert server.requests[0].body == server.requests[1].body
    assert sender.wrong == []


def test_answer_after_which_prometheus_drops_samples_is_wrong() -> None:
    with HttpServer(lambda _request: Answer(409)) as server, steady_sender([server.endpoint], "shop") as sender:
        until(lambda: sender.wrong)
    assert set(sender.wrong) == {409}
