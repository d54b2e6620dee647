# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rendered, given to the real Thanos and Prometheus: they start with it, and listen on both families."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts, Manifest
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.as_rendered import free_port
from tests.support.waiting import answers, until
from tests.testbed.binaries import path_of


def render(tier: str, options: dict[str, Any]) -> list[Manifest]:
    """Every object of an instance."""
    stack = parse({"cluster": "eu", "instances": {tier: options}})
    return stack.instances[0].tier.render(stack.instances[0], Context(stack, Facts()))


def args_of(objects: list[Manifest], name: str) -> list[str]:
    """The arguments of a container."""
    (workload,) = [m for m in objects if m["kind"] in ("Deployment", "StatefulSet")]
    (found,) = [c for c in workload["spec"]["template"]["spec"]["containers"] if c["name"] == name]
    return list(found["args"])


@contextlib.contextmanager
def started(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ended with the test."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            process.kill()


def says_healthy(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether a program says that it is healthy, before it ends."""
    until(lambda: process.poll() is not None or answers(f"{url}/-/healthy"))
    return process.poll() is None


def store(options: dict[str, Any], directory: Path, port: int) -> list[str]:
    """The command of a store with these options, over a bucket that is a directory."""
    objects = render("store", options)
    (config,) = [m["data"] for m in objects if m["kind"] == "ConfigMap"]
    for name, text in config.items():
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "objstore.yml").write_text(f"type: FILESYSTEM\nconfig: {{directory: {directory}}}", encoding="utf-8")
    args = args_of(objects, "thanos-store")
    places = {
        "/etc/thanos/config": str(directory),
        "/etc/thanos/objstore": str(directory),
        "/var/thanos": str(directory / "data"),
        ":10902": f":{port}",
        ":10901": ":0",
    }
    for place, instead in places.items():
        args = [arg.replace(place, instead) for arg in args]
    return [str(path_of("thanos")), *args]


CACHES: list[dict[str, Any]] = [
    {"caching_bucket": {}},
    {"caching_bucket": {"max_size": "1GB"}},
    {"caching_bucket": {"max_item_size": "64MiB"}},
    {"index_cache": {"max_size": "100MB"}},
    {"index_cache": {"max_size": "1.5KB"}, "caching_bucket": {"max_size": "0MB"}},
    {"index_cache": {"max_size": "100MB", "max_item_size": "100MB"}},
]


@pytest.mark.parametrize("options", CACHES, ids=str)
def test_store_starts_with_these_caches(tmp_path: Path, options: dict[str, Any]) -> None:
    port = free_port()
    log = tmp_path / "log"
    with started(store(options, tmp_path, port), log) as process:
        assert says_healthy(process, f"http://127.0.0.1:{port}"), log.read_text(encoding="utf-8")


@pytest.mark.parametrize("cache", ["index_cache", "caching_bucket"])
def test_store_does_not_start_with_the_caches_that_are_refused(tmp_path: Path, cache: str) -> None:
    sizes = {"max_size": "100MB", "max_item_size": "100.5MB"}
    sentence = rf"{cache}\.max_item_size: 100.5MB is larger than max_size \(100MB\), with which Thanos does not start"
    with pytest.raises(InvalidInput, match=sentence):
        render("store", {cache: sizes})
    command = store({cache: {"max_size": "100MB", "max_item_size": "99MB"}}, tmp_path, free_port())
    for file in tmp_path.glob("*.yaml"):
        file.write_text(file.read_text(encoding="utf-8").replace("99MB", "100.5MB"), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "cannot be bigger than overall cache size" in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_store_listens_on_addresses_of_both_families(tmp_path: Path, host: str) -> None:
    port = free_port()
    with started(store({}, tmp_path, port), tmp_path / "log") as process:
        assert says_healthy(process, f"http://{host}:{port}")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_prometheus_listens_on_addresses_of_both_families(tmp_path: Path, host: str) -> None:
    port = free_port()
    (listen,) = [a for a in args_of(render("sidecar", {}), "prometheus") if a.startswith("--web.listen-address=")]
    file = tmp_path / "prometheus.yml"
    file.write_text("{}", encoding="utf-8")
    own = [f"--config.file={file}", f"--storage.tsdb.path={tmp_path / 'data'}", listen.replace(":9090", f":{port}")]
    with started([str(path_of("prometheus")), *own], tmp_path / "log") as process:
        assert says_healthy(process, f"http://{host}:{port}")
