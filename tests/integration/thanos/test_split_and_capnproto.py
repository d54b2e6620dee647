# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series that say their tenant themselves, and copies that go to ingestors by Cap'n Proto: through the real Thanos."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.receiving import Receiving, receiving_stack
from tests.support.remote_write import write
from tests.support.waiting import until

ROUTER = "thanos-receive-router-0"
TEAMS = ("blue", "green")


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    """One request for two teams is written to a router before three ingestors."""
    options = {"router": {"replicas": 1}, "replication_protocol": "capnproto", "split_tenant_label": "team"}
    with receiving_stack(tmp_path_factory.mktemp("split"), options) as stack:
        now = int(time.time() * 1000)
        series = [({"__name__": "one", "team": team}, [(now, 1.0)]) for team in TEAMS]
        assert write(stack.address(ROUTER, 19291), series, "nobody") == 200
        yield stack


def test_each_series_is_of_the_tenant_that_its_label_names(receiving: Receiving) -> None:
    until(lambda: len(receiving.query("one")) == len(TEAMS))
    assert sorted(series["metric"]["tenant_id"] for series in receiving.query("one")) == list(TEAMS)


def test_each_copy_arrives_by_capnproto(receiving: Receiving) -> None:
    until(lambda: len(receiving.query('one{tenant_id="blue"}', dedup="false")) == 3)
