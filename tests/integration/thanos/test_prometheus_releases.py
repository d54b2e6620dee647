# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Prometheus that is deployed by default and an earlier one: what we render runs, and the sidecar beside it."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.as_rendered import Running, free_port, running
from tests.support.prometheus import prometheus
from tests.support.waiting import answers, until
from tests.testbed import versions
from tests.testbed.binaries import path_of
from tests.testbed.build import build
from tests.testbed.progress import Progress

RELEASES = {"prometheus": versions.PROMETHEUS, "prometheus-earlier": versions.PROMETHEUS_EARLIER}
LABELS = {"cluster": "eu", "prometheus_replica": "main-0"}
SETTINGS = {"global": {"external_labels": LABELS}, "scrape_configs": []}
# What the tests have in the place of what the pod has.
PLACES = ("config.file", "storage.tsdb.path", "web.listen-address")


@pytest.fixture(params=["prometheus", pytest.param("prometheus-earlier", marks=pytest.mark.slow)])
def program(request: pytest.FixtureRequest) -> str:
    """A program that is compiled."""
    name = str(request.param)
    build((name, "thanos"), Progress(quiet=True))
    return name


def rendered(**options: Any) -> tuple[dict[str, Any], list[str]]:
    """The configuration and the arguments of the Prometheus that the collection deploys."""
    stack = parse({"cluster": "eu", "instances": {"sidecar": options}})
    (instance,) = stack.instances
    made = {m["kind"]: m for m in instance.tier.render(instance, Context(stack, Facts()))}
    containers = made["StatefulSet"]["spec"]["template"]["spec"]["containers"]
    args = next(c["args"] for c in containers if c["name"] == "prometheus")
    own = [arg for arg in args if arg.removeprefix("--").partition("=")[0] not in PLACES]
    return json.loads(made["ConfigMap"]["data"]["prometheus.yml"]), own


def status(port: int, what: str) -> dict[str, Any]:
    """What it says of itself."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/status/{what}", timeout=10) as reply:
        return dict(json.load(reply)["data"])


def ready(port: int) -> None:
    until(lambda: answers(f"http://127.0.0.1:{port}/-/ready"))


@contextmanager
def sidecar(port: int, folder: Path) -> Iterator[Running]:
    """A sidecar beside it; its bucket is the folder ``bucket``."""
    http, grpc, log = free_port(), free_port(), folder / "sidecar.log"
    bucket = json.dumps({"type": "FILESYSTEM", "config": {"directory": str(folder / "bucket")}})
    command = [
        str(path_of("thanos")),
        "sidecar",
        f"--prometheus.url=http://127.0.0.1:{port}",
        f"--tsdb.path={folder / 'data'}",
        f"--objstore.config={bucket}",
        f"--http-address=127.0.0.1:{http}",
        f"--grpc-address=127.0.0.1:{grpc}",
    ]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield Running(process, http, grpc, log)
        finally:
            process.kill()


def test_what_is_rendered_is_taken(program: str, tmp_path: Path) -> None:
    received = {"retention_size": "1GB", "otlp_receiver": True, "remote_write_receiver": True}
    config, args = rendered(prometheus_version=RELEASES[program], native_histograms=True, **received)
    with prometheus(config, tmp_path, *args, program=program) as port:
        ready(port)
        assert status(port, "buildinfo")["version"] == RELEASES[program]
        flags = status(port, "flags")
        assert flags["storage.tsdb.retention.size"].startswith("1G")
        assert (flags["web.enable-otlp-receiver"], flags["web.enable-remote-write-receiver"]) == ("true", "true")
        assert "scrape_native_histograms: true" in status(port, "config")["yaml"]
        with sidecar(port, tmp_path) as beside:
            assert beside.until_ready(), beside.log.read_text()
            assert beside.counted("thanos_sidecar_prometheus_up") == 1


@pytest.mark.slow
def test_block_that_it_writes_is_read_by_thanos(program: str, tmp_path: Path) -> None:
    begin = time.time()
    with scraping(tmp_path, program) as port:
        until(lambda: len(samples(port)) > 5)
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/admin/tsdb/snapshot", method="POST")
        with urllib.request.urlopen(request, timeout=60) as reply:
            name = json.load(reply)["data"]["name"]
        held = samples(port)
    bucket = json.dumps({"type": "FILESYSTEM", "config": {"directory": str(tmp_path / "bucket")}})
    command = [str(path_of("thanos")), "tools", "bucket", "upload-blocks", f"--objstore.config={bucket}"]
    snapshot = tmp_path / "data" / "snapshots" / name
    subprocess.run([*command, f"--path={snapshot}", '--label=cluster="eu"'], check=True, capture_output=True)
    with querying(tmp_path) as asked:
        question = {"query": 'up{cluster="eu"}[10m]', "time": str(time.time())}
        (found,) = until(lambda: asked.get("/api/v1/query", None, **question)["data"]["result"])
    read = {float(at) for at, _value in found["values"]}
    assert len(read) > 5
    assert {at for at in held if at <= max(read)} == read
    assert min(read) >= begin - 1


@pytest.mark.slow
def test_earlier_release_opens_what_the_default_wrote(tmp_path: Path) -> None:
    build(RELEASES, Progress(quiet=True))
    with scraping(tmp_path, "prometheus") as port:
        until(lambda: len(samples(port)) > 5)
        held = samples(port)
    with scraping(tmp_path, "prometheus-earlier") as port:
        assert held <= samples(port)
        until(lambda: len(samples(port)) > len(held))


@contextmanager
def scraping(folder: Path, program: str) -> Iterator[int]:
    """One that looks each second for a target that is not there; it is killed in the end."""
    job = {
        "job_name": "self",
        "scrape_interval": "1s",
        "static_configs": [{"targets": ["127.0.0.1:1"], "labels": {"instance": "self"}}],
    }
    with prometheus({**SETTINGS, "scrape_configs": [job]}, folder, "--web.enable-admin-api", program=program) as port:
        ready(port)
        yield port


def samples(port: int) -> set[float]:
    """When it has a sample of the only target."""
    asked = f"http://127.0.0.1:{port}/api/v1/query?query=up%5B10m%5D"
    with urllib.request.urlopen(asked, timeout=10) as reply:
        result = json.load(reply)["data"]["result"]
    return {float(at) for series in result for at, _value in series["values"]}


@contextmanager
def querying(folder: Path) -> Iterator[Running]:
    """A querier over a store of the folder's bucket."""
    with running("store", {"sync_block_duration": "5s"}, folder / "store") as store:
        assert store.until_ready(), store.log.read_text()
        options = {"endpoints": [f"127.0.0.1:{store.grpc}"], "sd_reload_interval": "1s"}
        with running("query", options, folder / "query") as asked:
            yield asked
