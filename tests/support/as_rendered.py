# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiers as plain processes on loopback, with the arguments and files that are rendered for their pods."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.waiting import answers, until
from tests.testbed.binaries import path_of

_STEP = 30


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Running:
    """A tier that runs: its process, the ports of its HTTP and gRPC servers, and its log."""

    process: subprocess.Popen[bytes]
    http: int
    grpc: int
    log: Path

    @property
    def url(self) -> str:
        """Where its HTTP server is."""
        return f"http://127.0.0.1:{self.http}"

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: str) -> Any:
        """What an API answers, or the text of a page that is no JSON. Raises OSError where it does not."""
        request = urllib.request.Request(
            f"{self.url}{path}?{urllib.parse.urlencode(query)}", headers=dict(headers or {})
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            text = reply.read().decode()
        return json.loads(text) if text.startswith("{") else text

    def counted(self, metric: str, *holding: str) -> float:
        """The sum over a metric's series that hold these words."""
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith((f"{metric}{{", f"{metric} "))]
        return sum(float(line.rpartition(" ")[2]) for line in lines if all(word in line for word in holding))

    def until_ready(self) -> bool:
        """Whether it says that it is ready, before it ends."""
        until(lambda: self.process.poll() is not None or answers(f"{self.url}/-/ready"), missing=self.log.read_text)
        return self.process.poll() is None


@contextlib.contextmanager
def running(
    tier: str,
    options: Mapping[str, Any],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    program: str = "thanos",
) -> Iterator[Running]:
    """A tier with these options; its bucket is the folder ``bucket`` beside its own."""
    folder.mkdir(parents=True)
    stack = parse({"cluster": "eu", "instances": {tier: dict(options)}})
    objects = stack.instances[0].tier.render(stack.instances[0], Context(stack, Facts()))
    for text in (m["data"] for m in objects if m["kind"] == "ConfigMap" and "grafana" not in m["metadata"]["name"]):
        for name, content in text.items():
            (folder / name).write_text(content, encoding="utf-8")
    bucket = {"type": "FILESYSTEM", "config": {"directory": str(folder.parent / "bucket")}}
    (folder / "objstore.yml").write_text(json.dumps(bucket), encoding="utf-8")
    (workload,) = [m for m in objects if m["kind"] in ("Deployment", "StatefulSet")]
    args = [str(each) for each in workload["spec"]["template"]["spec"]["containers"][0]["args"]]
    http, grpc, log = free_port(), free_port(), folder / "log"
    places = {
        "/etc/thanos/config": str(folder),
        "/etc/thanos/objstore": str(folder),
        "/var/thanos": str(folder / "data"),
        "=:10902": f"=127.0.0.1:{http}",
        "=:10901": f"=127.0.0.1:{grpc}",
    }
    for place, instead in places.items():
        args = [arg.replace(place, instead) for arg in args]
    with log.open("wb") as output:
        command = [str(path_of(program)), *args]
        with subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        ) as process:
            try:
                yield Running(process, http, grpc, log)
            finally:
                process.kill()


def upload(folder: Path, metric: str, series: int, hours: int, end: int) -> None:
    """Put blocks of a counter into the folder ``bucket``: so many series, a sample each half minute, until ``end``."""
    (folder / "bucket").mkdir(parents=True, exist_ok=True)
    text, blocks = folder / "samples.txt", folder / "blocks"
    with text.open("w", encoding="utf-8") as out:
        out.write(f"# TYPE {metric} counter\n")
        for number in range(series):
            labels = f'{{job="job-{number % 10}",pod="pod-{number}"}}'
            out.writelines(
                f"{metric}_total{labels} {(end - at) % 97 + i} {at}\n"
                for i, at in enumerate(range(end - hours * 3600, end, _STEP))
            )
        out.write("# EOF\n")
    promtool = [str(path_of("promtool")), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=24h"]
    subprocess.run([*promtool, str(text), str(blocks)], check=True, capture_output=True)
    bucket = json.dumps({"type": "FILESYSTEM", "config": {"directory": str(folder / "bucket")}})
    send = [str(path_of("thanos")), "tools", "bucket", "upload-blocks", f"--path={blocks}", '--label=cluster="eu"']
    subprocess.run([*send, f"--objstore.config={bucket}"], check=True, capture_output=True)
