# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repeated range query of 24 hours over 200 series: through the frontend as rendered, and of the querier alone."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from tests.benchmarks.measure import ROUNDS
from tests.benchmarks.table import Table, Target
from tests.support.as_rendered import Running, running, upload
from tests.support.waiting import until

SERIES, HOURS = 200, 24
# Expression → step and whether the target is for it: a larger answer is mostly a matter of writing it down, which the
# frontend has to do, too.
QUERIES = {"sum(rate(load_total[5m]))": ("120", True), "sum by (job) (rate(load_total[5m]))": ("300", False)}
TIMES_FASTER = 5


def took(asked: Running, expression: str, step: str, end: int) -> float:
    """Seconds of one query, whose answer has to have something in it."""
    begun = time.perf_counter()
    query = {"query": expression, "start": str(end - HOURS * 3600), "end": str(end), "step": step}
    answer = asked.get("/api/v1/query_range", None, **query)
    seconds = time.perf_counter() - begun
    assert len(answer["data"]["result"]) in (1, 10)
    return seconds


def test_repeated_query_through_the_frontend_beside_the_querier_alone(tmp_path: Path) -> None:
    end = int(time.time()) // 3600 * 3600 - 3600
    upload(tmp_path, "load", SERIES, HOURS + 1, end)
    table = Table("frontend", "Repeated 24 h query over 200 series, ms", ("query", "querier", "frontend", "times"))
    with running("store", {}, tmp_path / "store") as store:
        assert store.until_ready(), store.log.read_text()
        endpoints = {"endpoints": [f"127.0.0.1:{store.grpc}"], "sd_reload_interval": "1s"}
        with (
            running("query", endpoints, tmp_path / "query") as querier,
            running("query_frontend", {"downstream_url": querier.url}, tmp_path / "front") as front,
        ):
            assert querier.until_ready()
            assert front.until_ready()
            until(lambda: querier.get("/api/v1/stores")["data"].get("store"))
            for expression, (step, aimed) in QUERIES.items():
                took(front, expression, step, end)
                pairs = [
                    (took(querier, expression, step, end), took(front, expression, step, end))
                    for _round in range(2 * ROUNDS)
                ]
                alone, cached = (statistics.median(each) * 1000 for each in zip(*pairs, strict=True))
                table.add(expression, alone, cached, alone / cached)
                if aimed:
                    table.targets.append(Target("times faster", alone / cached, at_least=TIMES_FASTER))
                assert front.counted("cortex_cache_hits_total") >= len(pairs)
    table.publish()
