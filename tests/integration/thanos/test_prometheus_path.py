# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Prometheus behind a path and a real sidecar, with the arguments and probes that are rendered for them."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.testbed.build import build
from tests.testbed.process import Command, ProcessGroup
from tests.testbed.progress import Progress

pytestmark = pytest.mark.api
ADDRESS = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}.202"
PORTS = {"web": 9090, "http": 10902, "grpc": 10901}


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[ProcessGroup]:
    """Those that the test has started end with it."""
    group = ProcessGroup(tmp_path)
    yield group
    for name in ("thanos", "prometheus"):
        group.stop(name, grace=0)


def get(path: str, port: int) -> str:
    """A page, or nothing."""
    try:
        with urllib.request.urlopen(f"http://{ADDRESS}:{port}{path}", timeout=10) as answer:
            return str(answer.read(), "utf-8")
    except OSError:
        return ""


def started(processes: ProcessGroup, program: str, args: list[str], own: dict[str, str], probe: dict[str, Any]) -> None:
    """Run a container's arguments, ``own`` in the place of some, until its probe says that it is ready."""
    path = str(build((program,), Progress(quiet=True))[program])
    rest = [arg for arg in args if arg.split("=")[0].removeprefix("--") not in own]
    replaced = [f"--{name}={value}" for name, value in own.items() if value]
    command = (path, *[arg for arg in rest if not arg.startswith("-")], *replaced)
    processes.start(Command(program, (*command, *[arg for arg in rest if arg.startswith("-")]), (), {"POD_NAME": "p"}))
    processes.wait_ready(program, lambda: bool(get(probe["path"], PORTS[probe["port"]])), 60)


def test_prometheus_behind_a_path_is_ready_and_its_sidecar_reaches_it(processes: ProcessGroup, tmp_path: Path) -> None:
    flags = ["--web.external-url=https://metrics.example/prom"]
    stack = parse({"cluster": "eu", "instances": {"sidecar": {"prometheus_extra_args": flags}}})
    (instance,) = stack.instances
    manifests = {m["kind"]: m for m in instance.tier.render(instance, Context(stack, Facts()))}
    containers = {c["name"]: c for c in manifests["StatefulSet"]["spec"]["template"]["spec"]["containers"]}
    config = tmp_path / "prometheus.yml"
    config.write_text(manifests["ConfigMap"]["data"]["prometheus.yml"], encoding="utf-8")
    own = {"config.file": str(config), "storage.tsdb.path": f"{tmp_path}/data", "web.listen-address": f"{ADDRESS}:9090"}
    prometheus, thanos = containers["prometheus"], containers["thanos-sidecar"]
    started(processes, "prometheus", prometheus["args"], own, prometheus["readinessProbe"]["httpGet"])
    (url,) = [arg.partition("=")[2] for arg in thanos["args"] if arg.startswith("--prometheus.url=")]
    own = {
        "prometheus.url": url.replace("localhost", ADDRESS),
        "tsdb.path": f"{tmp_path}/data",
        "reloader.config-file": str(config),
        "http-address": f"{ADDRESS}:10902",
        "grpc-address": f"{ADDRESS}:10901",
        "objstore.config-file": "",
    }
    started(processes, "thanos", thanos["args"], own, thanos["readinessProbe"]["httpGet"])
    assert "\nthanos_sidecar_prometheus_up 1\n" in get("/metrics", PORTS["http"])
    processes.wait_ready("thanos", lambda: "Reload triggered" in processes.log("thanos").read_text(), 30)
    web = next(channel for channel in stack.workloads(instance)[0].channels if channel.name == "web")
    assert "prometheus_build_info" in get(web.plain("/metrics"), PORTS["web"])
