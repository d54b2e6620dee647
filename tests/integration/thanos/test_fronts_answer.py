# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The query frontend and the bucket UI that are rendered, as processes of the real Thanos."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.support.as_rendered import Running, running, upload
from tests.support.waiting import until

HITS = "cortex_cache_hits_total"
ASKED = "http_requests_total"
END = int(time.time()) // 3600 * 3600 - 3600


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``bucket`` in it has three hours of four series."""
    made: Path = tmp_path_factory.mktemp("fronts")
    upload(made, "load", 4, 3, END)
    return made


@pytest.fixture(scope="module")
def querier(folder: Path) -> Iterator[Running]:
    """A querier over a store of that bucket."""
    with running("store", {"sync_block_duration": "5s"}, folder / "store") as store:
        assert store.until_ready(), store.log.read_text()
        tenancy = ["--query.enforce-tenancy", "--query.tenant-label-name=job", "--query.tenant-header=X-Scope-OrgID"]
        options = {"endpoints": [f"127.0.0.1:{store.grpc}"], "sd_reload_interval": "1s", "extra_args": tenancy}
        with running("query", options, folder / "query") as found:
            assert found.until_ready(), found.log.read_text()
            until(lambda: len(series(found, "job-1")) == 1)
            yield found


def series(asked: Running, tenant: str, header: str = "X-Scope-OrgID") -> list[str]:
    """The pods that a tenant sees in a range query."""
    query = {"query": "load_total", "start": str(END - 7200), "end": str(END - 120), "step": "60"}
    answer = asked.get("/api/v1/query_range", {header: tenant}, **query)
    return [each["metric"]["pod"] for each in answer["data"]["result"]]


@contextmanager
def front(querier: Running, folder: Path, options: Mapping[str, Any], **environment: str) -> Iterator[Running]:
    """A frontend that is ready."""
    given = {"downstream_url": querier.url, "tenant_header": "X-Scope-OrgID", **options}
    with running("query_frontend", given, folder, environment) as found:
        assert found.until_ready(), found.log.read_text()
        yield found


def test_repeated_query_is_answered_from_the_cache_and_the_querier_is_not_asked(
    querier: Running, tmp_path: Path
) -> None:
    with front(querier, tmp_path / "front", {}) as found:
        first = series(found, "job-1")
        asked, hits = querier.counted(ASKED, 'handler="query_range"'), found.counted(HITS)
        assert series(found, "job-1") == first == ["pod-1"]
        assert found.counted(HITS) > hits
        assert querier.counted(ASKED, 'handler="query_range"') == asked


def test_tenants_do_not_get_the_answers_of_others_from_the_cache(querier: Running, tmp_path: Path) -> None:
    with front(querier, tmp_path / "front", {}) as found:
        for _twice in range(2):
            assert [series(found, f"job-{number}") for number in (1, 2)] == [["pod-1"], ["pod-2"]]


def test_frontend_whose_querier_is_away_is_not_ready(tmp_path: Path) -> None:
    with running("query_frontend", {"downstream_url": "http://127.0.0.1:9"}, tmp_path / "front") as found:
        until(lambda: "changing probe status" in found.log.read_text())
        with pytest.raises(HTTPError, match="503"):
            found.get("/-/ready")


def test_every_option_of_a_frontend_is_taken_by_thanos(querier: Running, tmp_path: Path) -> None:
    options = {
        "query_range_cache": {"max_size_items": 100, "validity": "1h"},
        "labels_cache": "IN-MEMORY",
        "cache_compression_type": "none",
        "downstream_tripper": {"idle_conn_timeout": "1d", "max_conns_per_host": 9, "tls_config": {"server_name": "a"}},
        "min_split_interval": "1h",
        "max_split_interval": "1d",
        "horizontal_shards": 4,
        "vertical_shards": 2,
        "instant_max_retries_per_request": 1,
        "max_query_length": "90d",
        "response_cache_max_freshness": "0",
        "labels_default_time_range": "7d",
        "log_queries_longer_than": "10s",
        "slow_query_logs_user_header": "X-User",
        "force_query_stats": True,
    }
    with front(querier, tmp_path / "front", options) as found:
        assert series(found, "job-3") == ["pod-3"]


def test_memcached_that_is_away_keeps_no_frontend_from_answering(querier: Running, tmp_path: Path) -> None:
    cache = {"type": "MEMCACHED", "addresses": ["127.0.0.1:9"], "timeout": "100ms", "max_item_size": "2MiB"}
    with front(querier, tmp_path / "front", {"query_range_cache": cache}) as found:
        assert series(found, "job-1") == ["pod-1"]


@pytest.mark.parametrize(
    ("options", "path"),
    [({}, ""), ({"external_prefix": "/bucket"}, "/bucket"), ({"external_prefix": "/bucket", "route_prefix": "/"}, "")],
)
def test_bucket_ui_shows_the_blocks_behind_its_prefix(folder: Path, options: dict[str, str], path: str) -> None:
    name = f"web{len(options)}"
    with running("bucket_web", {"label": "cluster", **options}, folder / name) as found:
        assert found.until_ready(), found.log.read_text()
        until(lambda: found.get(f"{path}/api/v1/blocks", view="global")["data"]["blocks"])
        view = found.get(f"{path}/api/v1/blocks", view="global")["data"]
        assert (view["label"], view["err"]) == ("cluster", None)
        assert '<div id="root">' in found.get(f"{path}/blocks")
