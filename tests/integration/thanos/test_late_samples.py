# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ingestors take beside new samples, through the real receive: late ones within a window, and exemplars."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.receiving import Receiving, receiving_stack
from tests.support.remote_write import send, with_exemplar, write
from tests.support.waiting import until

ROUTER = "thanos-receive-router-0"
ONE = {"router": {"replicas": 1}, "replicas": 1, "replication_factor": 1}
MINUTE = 60_000


@pytest.fixture(scope="module", params=[{}, {"out_of_order_window": "1h", "max_exemplars": 100}], ids=["plain", "both"])
def receiving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    """A router and an ingestor, without and with the options."""
    with receiving_stack(tmp_path_factory.mktemp("late"), {**ONE, **request.param}) as stack:
        yield stack


def written(receiving: Receiving, metric: str, when: int) -> int:
    return write(receiving.address(ROUTER, 19291), [({"__name__": metric}, [(when, 1.0)])], "shop")


def takes_more(receiving: Receiving) -> bool:
    return bool(receiving.params["instances"]["receive"].get("max_exemplars"))


def test_late_sample_is_taken_within_the_window_and_read_back(receiving: Receiving) -> None:
    now = int(time.time() * 1000)
    assert written(receiving, "late", now) == 200
    codes = [written(receiving, "late", now - minutes * MINUTE) for minutes in (30, 90)]
    wanted = {now, now - 30 * MINUTE} if takes_more(receiving) else {now}
    assert codes == [200 if takes_more(receiving) else 409, 409]

    def times() -> set[int]:
        found = receiving.query("late[2h]")
        return {round(float(at) * 1000) for series in found for at, _value in series["values"]}

    until(lambda: times() == wanted, missing=times)


def exemplars(receiving: Receiving) -> list[dict[str, Any]]:
    span = {"query": "traced", "start": str(time.time() - 600), "end": str(time.time() + 60)}
    url = f"http://{receiving.address('thanos-query-0')}/api/v1/query_exemplars?{urllib.parse.urlencode(span)}"
    with urllib.request.urlopen(url, timeout=30) as reply:
        return list(json.load(reply)["data"])


def test_exemplar_is_kept_where_that_is_asked_for(receiving: Receiving) -> None:
    body = with_exemplar({"__name__": "traced"}, int(time.time() * 1000), 1.0, "abc")
    assert send(receiving.address(ROUTER, 19291), body, "shop") == 200
    until(lambda: receiving.query("traced"))
    if takes_more(receiving):
        (found,) = until(lambda: exemplars(receiving))
        assert found["seriesLabels"]["tenant_id"] == "shop"
        assert found["exemplars"][0]["labels"] == {"trace_id": "abc"}
    else:
        assert exemplars(receiving) == []
