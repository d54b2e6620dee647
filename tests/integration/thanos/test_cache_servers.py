# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches on real memcached, Redis and Valkey: they are filled, others read them, and nobody needs them to answer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.caches import RESPONSES, cache_file
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.rounds import verify
from tests.support.as_rendered import Running, free_port, running, upload
from tests.support.authorities import Authority
from tests.support.guides import section
from tests.support.loopback import FRONT_CACHE, Stack
from tests.support.pods_server import ApiServer
from tests.support.waiting import until
from tests.tasks.tree import ROOT
from tests.testbed.build import build
from tests.testbed.cache_servers import DB, KINDS, PASSWORD, CacheServer, cache_server, redis_cli
from tests.testbed.progress import Progress
from tests.testbed.shell import run

pytestmark = pytest.mark.slow  # the servers are packages that only `make test-full` fetches
PAGE = ROOT / "docs" / "query-frontend.md"
END = int(time.time()) // 3600 * 3600 - 3600
# The variables from which the pods' Secret would be read, for every cache that is tried.
ENVIRONMENT = {f"{name}_PASSWORD": PASSWORD for name in ("QUERY_RANGE_CACHE", "INDEX_CACHE", "CACHING_BUCKET")}
NAME = "memcached.nowhere.invalid"
NOWHERE = {
    "memcached": {"type": "MEMCACHED", "addresses": ["127.0.0.1:9"]},
    "memcached by a name": {"type": "MEMCACHED", "addresses": [f"{NAME}:11211"]},
    "redis": {"type": "REDIS", "addr": "127.0.0.1:9"},
}
QUERIER, FRONT = "thanos-query-5d9c7b-0", "thanos-query-frontend-7f6c9d-0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``bucket`` in it has three hours of four series."""
    made: Path = tmp_path_factory.mktemp("caches")
    upload(made, "load", 4, 3, END)
    return made


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CacheServer]:
    """An empty server."""
    with cache_server(request.param, tmp_path / "server", "127.0.0.1", free_port()) as found:
        yield found


def cache_at(server: CacheServer) -> dict[str, Any]:
    """The option for a cache on the server."""
    if server.kind == "memcached":
        return {"type": "MEMCACHED", "addresses": [server.address]}
    return {"type": "REDIS", "addr": server.address, "db": DB, "password": {"secret": "redis"}}


def total(asked: Running) -> list[list[Any]]:
    """What a range query gives; nothing where no store is found yet."""
    query = {"query": "sum(load_total)", "start": str(END - 7200), "end": str(END - 120), "step": "60"}
    return [series["values"] for series in asked.get("/api/v1/query_range", None, **query)["data"]["result"]]


@contextmanager
def querier_of_store(folder: Path, name: str, **caches: Any) -> Iterator[tuple[Running, Running]]:
    """A querier that has found the store gateway of the bucket, and that one."""
    with running("store", {"sync_block_duration": "5s", **caches}, folder / f"{name}-store", ENVIRONMENT) as gateway:
        assert gateway.until_ready(), gateway.log.read_text()
        options = {"endpoints": [f"127.0.0.1:{gateway.grpc}"], "sd_reload_interval": "1s"}
        with running("query", options, folder / f"{name}-query") as querier:
            until(lambda: total(querier))
            yield querier, gateway


@pytest.fixture(scope="module")
def querier(folder: Path) -> Iterator[Running]:
    """A querier of the bucket without a cache."""
    with querier_of_store(folder, "plain") as (found, _gateway):
        yield found


@contextmanager
def front(querier: Running, folder: Path, cache: Mapping[str, Any], **environment: str) -> Iterator[Running]:
    """A frontend that is ready."""
    options = {"downstream_url": querier.url, "query_range_cache": dict(cache)}
    with running("query_frontend", options, folder, {**ENVIRONMENT, **environment}) as found:
        assert found.until_ready(), found.log.read_text()
        yield found


def test_frontend_answers_from_what_another_one_put_on_the_server(
    querier: Running, server: CacheServer, tmp_path: Path
) -> None:
    with front(querier, tmp_path / "one", cache_at(server)) as one:
        wanted = total(one)
        until(server.entries)
    asked = querier.counted("http_requests_total", 'handler="query_range"')
    with front(querier, tmp_path / "other", cache_at(server)) as other:
        assert total(other) == wanted
        assert other.counted("cortex_cache_hits_total") > 0
    assert querier.counted("http_requests_total", 'handler="query_range"') == asked


def test_frontend_answers_when_its_server_is_killed(querier: Running, server: CacheServer, tmp_path: Path) -> None:
    with front(querier, tmp_path / "front", cache_at(server)) as found:
        wanted = total(found)
        until(server.entries)
        server.kill()
        assert [total(found), total(found)] == [wanted, wanted]


@pytest.fixture
def caches(server: CacheServer) -> dict[str, Any]:
    """Both caches of a store on one server."""
    return {"index_cache": cache_at(server), "caching_bucket": cache_at(server)}


@pytest.fixture
def store(folder: Path, tmp_path: Path) -> Path:
    """Folder of a store whose bucket holds the blocks."""
    (tmp_path / "bucket").symlink_to(folder / "bucket")
    return tmp_path


def test_store_reads_what_another_one_put_on_the_server(
    store: Path, server: CacheServer, caches: dict[str, Any]
) -> None:
    with querier_of_store(store, "one", **caches) as (querier, _gateway):
        wanted = total(querier)
        until(server.entries)
    with querier_of_store(store, "other", **caches) as (querier, gateway):
        assert total(querier) == wanted
        assert gateway.counted("thanos_store_index_cache_hits_total") > 0
        assert gateway.counted("thanos_store_bucket_cache_operation_hits_total") > 0


def test_store_answers_when_its_server_is_killed(store: Path, server: CacheServer, caches: dict[str, Any]) -> None:
    with querier_of_store(store, "one", **caches) as (querier, _gateway):
        wanted = total(querier)
        until(server.entries)
        server.kill()
        assert total(querier) == wanted


def test_ways_of_the_page_empty_a_cache(querier: Running, server: CacheServer, tmp_path: Path) -> None:
    shown = section(PAGE, "Emptying a cache")
    with front(querier, tmp_path / "front", cache_at(server)) as found:
        total(found)
        until(server.entries)
        if server.kind == "memcached":
            assert "`flush_all`" in shown
            assert server.tell("flush_all\r\nquit\r\n") == "OK\r\n"
        else:
            (command,) = re.findall(r"`redis-cli (-n [^`]+)`", shown)
            host, port = server.address.split(":")
            told = run(*redis_cli(), "-h", host, "-p", port, *command.split(), variables={"REDISCLI_AUTH": PASSWORD})
            assert (told.strip(), server.entries()) == ("OK", 0)
        asked = querier.counted("http_requests_total", 'handler="query_range"')
        total(found)
        assert querier.counted("http_requests_total", 'handler="query_range"') > asked


def test_redis_with_a_private_ca_is_used_as_the_page_shows(querier: Running, tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(thanos_query_frontend:\n.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    shown = yaml.safe_load(text)["thanos_query_frontend"]
    (variable,) = [each["name"] for each in shown["env"]]
    authority, files = Authority("of the cache"), [tmp_path / name for name in ("ca.crt", "tls.crt", "tls.key")]
    for file, content in zip(files, (authority.certificate, *authority.issue("localhost")), strict=True):
        file.write_text(content)
    port = free_port()
    cache = {**shown["query_range_cache"], "addr": f"localhost:{port}"}
    with cache_server("redis", tmp_path / "server", "127.0.0.1", port, (files[1], files[2])):
        environment = {variable: str(files[0])}
        with front(querier, tmp_path / "one", cache, **environment) as one:
            wanted = total(one)
            until(lambda: one.counted("cortex_cache_value_size_bytes_count", "store"))
        with front(querier, tmp_path / "other", cache, **environment) as other:
            assert total(other) == wanted
            assert other.counted("cortex_cache_hits_total") > 0
        options = {"downstream_url": querier.url, "query_range_cache": cache}
        with running("query_frontend", options, tmp_path / "without", ENVIRONMENT) as found:
            assert not found.until_ready()
            assert "certificate signed by unknown authority" in found.log.read_text()


@pytest.mark.parametrize(
    ("cache", "tier", "option", "said"),
    [
        ("memcached", "store", "index_cache", ""),
        ("memcached", "query_frontend", "query_range_cache", ""),
        ("memcached by a name", "store", "index_cache", NAME),
        ("memcached by a name", "store", "caching_bucket", NAME),
        ("memcached by a name", "query_frontend", "query_range_cache", ""),
        ("redis", "store", "index_cache", "connection refused"),
        ("redis", "query_frontend", "query_range_cache", "connection refused"),
    ],
)
def test_what_starts_without_its_server_and_what_does_not(
    folder: Path, querier: Running, tmp_path: Path, cache: str, tier: str, option: str, said: str
) -> None:
    (tmp_path / "bucket").symlink_to(folder / "bucket")
    options = {option: NOWHERE[cache], **({"downstream_url": querier.url} if tier == "query_frontend" else {})}
    with running(tier, options, tmp_path / "pod") as found:
        assert found.until_ready() is not bool(said)
        assert said in found.log.read_text()


def test_verify_tells_that_a_frontend_has_lost_its_server(server: CacheServer, tmp_path: Path) -> None:
    params = {"cluster": "eu", "instances": {"query": {}, "query_frontend": {"query_range_cache": cache_at(server)}}}
    parsed = parse(params)
    cache = next(i for i in parsed.instances if i.tier.name == "query_frontend")["query_range_cache"]
    stack = Stack(tmp_path, build(("thanos",), Progress(quiet=True)))
    (tmp_path / "endpoints.yml").write_text('{"endpoints": []}')
    (tmp_path / "cache.yml").write_text(cache_file(cache, RESPONSES, "").replace("$()", PASSWORD))
    stack.add_pod(QUERIER, "query", 50)
    stack.add_pod(FRONT, "query-frontend", 60)
    api = ApiServer(stack)

    def told() -> tuple[str, str, str]:
        client = connect({"host": api.url, "api_key": "none"})
        (line,) = verify(client, expectations(parsed), ("cache",), 0).lines
        return line.severity, line.what, line.found

    try:
        stack.start_pod(QUERIER)
        stack.start_pod(FRONT, (FRONT_CACHE,), (f"--query-range.response-cache-config-file={tmp_path / 'cache.yml'}",))
        until(lambda: told()[0] == "pass")
        server.kill()
        severity, what, found = told()
    finally:
        api.stop()
        stack.stop()
    assert (severity, what) == ("fail", f"asks the querier again for what it was asked before; cache {cache['type']}")
    assert f"its log says: {'server=' * (server.kind == 'memcached')}" in found
    assert server.address in found
