# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus that waits for uploads before it compacts, as a sidecar beside one of others asks for: it does wait."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.prometheus import prometheus
from tests.support.waiting import until
from tests.testbed.binaries import path_of
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .test_prometheus_releases import SETTINGS, querying, ready, sidecar

pytestmark = pytest.mark.slow
FLAGS = (
    "--storage.tsdb.min-block-duration=2h",
    "--storage.tsdb.max-block-duration=6h",
    "--storage.tsdb.delay-compact-file.path=",
)
HOUR = 3600


def fill(folder: Path, end: int) -> set[str]:
    """Give a database six hours until ``end``, and four more, in blocks of two; their names."""
    text, made = folder / "samples.txt", folder / "made"
    lines = [f'load{{job="a"}} {at % 97} {at}' for at in range(end - 6 * HOUR, end + 4 * HOUR, 60)]
    text.write_text("\n".join(["# TYPE load gauge", *lines, "# EOF", ""]), encoding="utf-8")
    command = [str(path_of("promtool")), "tsdb", "create-blocks-from", "openmetrics", str(text), str(made)]
    subprocess.run(command, check=True, capture_output=True)
    names = blocks(made)
    for name in names:
        (made / name).rename(folder / "data" / name)
    return names


def blocks(folder: Path) -> set[str]:
    """The blocks in a database or a bucket."""
    return {path.parent.name for path in folder.glob("*/meta.json")}


def looked(port: int) -> float:
    """How often it has looked for something to compact, which it does once a minute."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("prometheus_tsdb_reloads_total "))


@pytest.mark.parametrize("program", ["prometheus", "prometheus-earlier"])
def test_blocks_are_compacted_when_they_are_uploaded_and_not_before(program: str, tmp_path: Path) -> None:
    build((program, "promtool", "thanos"), Progress(quiet=True))
    end = int(time.time()) // (6 * HOUR) * 6 * HOUR - 6 * HOUR
    uploaded = tmp_path / "data" / "thanos.shipper.json"
    with prometheus(SETTINGS, tmp_path, *FLAGS[:2], f"{FLAGS[2]}{uploaded}", program=program) as port:
        ready(port)
        with sidecar(port, tmp_path) as beside:
            # From now on it is known that nothing is uploaded.
            until(uploaded.exists, missing=beside.log.read_text)
        made, before = fill(tmp_path, end), looked(port)
        until(lambda: looked(port) > before + 2, 300)
        assert blocks(tmp_path / "data") == made
        with sidecar(port, tmp_path):
            until(lambda: blocks(tmp_path / "bucket") == made, 120)
            # The latest are left as they are.
            until(lambda: len(made & blocks(tmp_path / "data")) == 2, 300)
            assert blocks(tmp_path / "bucket") == made
    with querying(tmp_path) as asked:
        question = {"query": 'count_over_time(load{cluster="eu"}[6h])', "time": str(end - 1)}
        found = until(lambda: asked.get("/api/v1/query", None, **question)["data"]["result"])
    assert [each["value"][1] for each in found] == ["360"]
