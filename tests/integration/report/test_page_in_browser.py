# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the report in a real Chromium, as wide as a desktop and as a phone."""

from __future__ import annotations

import json
import re
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import topology
from ansible_collections.o11y.thanos.plugins.module_utils._report.fleet import Told, fleet, line
from ansible_collections.o11y.thanos.plugins.module_utils._report.page import page
from ansible_collections.o11y.thanos.plugins.module_utils._report.topology_page import page as topology_page

pytestmark = pytest.mark.slow  # Chromium is a large package, which only `make test-full` installs

LONG = "x509: certificate signed by unknown authority (possibly because of rsa: verification error) " * 3
URL = "https://thanos-query-published.monitoring.svc.cluster.local:10901/" + "a-path-without-a-place-to-break" * 6
# The report is shown in a frame of that width, without scripts, as it is mailed; the page around it measures.
HARNESS = """<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre>
<iframe id="page" style="border: 0" width="%d" height="900" sandbox="allow-same-origin" srcdoc="%s"></iframe>
<script>
addEventListener("load", () => {
  const shown = document.getElementById("page").contentDocument;
  const boxes = [...shown.querySelectorAll("h1, h2, p, li, dl, summary")].filter((one) => one.checkVisibility());
  const sizes = boxes.map((one) => parseFloat(shown.defaultView.getComputedStyle(one).fontSize));
  document.getElementById("found").textContent = JSON.stringify({
    content: shown.documentElement.scrollWidth,
    outside: boxes.filter((one) => one.getBoundingClientRect().right > %d + 1).map((one) => one.textContent),
    smallest: Math.min(...sizes),
    order: [...shown.querySelectorAll("section h2")].map((one) => one.innerText.trim()),
    seen: [...shown.querySelectorAll("li")].filter((one) => one.checkVisibility()).map((one) => one.innerText),
  });
});
</script>"""


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    lost = line(
        "endpoints", "fail", LONG, subject="thanos-query-5d9c8b7f6d-x2x4z", expected="eu", found=URL, next_step="look"
    )
    lines = [line("pods", "pass", "all ready"), line("upload", "pending", "due at 11:00"), lost]
    verified = {"summary": {"title": "hub · stack thanos in monitoring · Thanos 0.42.4"}, "lines": lines}
    pages = [{"page": "Query UI", "url": URL}]
    well = {"summary": {"title": "eu"}, "lines": lines[:1]}
    return fleet([Told("eu", "edge", report=well), Told("hub", "hub", report=verified, addresses=pages)])


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_page_fits_and_shows_what_fails_first(tmp_path: Path, report: dict[str, Any], width: int) -> None:
    found = measured(tmp_path, page(report), width)
    assert found["content"] <= width
    assert found["outside"] == []
    assert found["smallest"] >= 14  # pixels, on a phone too
    assert found["order"] == ["✗ fail hub", "✓ pass eu"]
    assert [re.split(r"\s+", text)[:2] for text in found["seen"]] == [["✗", "fail"], ["…", "pending"]]


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_page_of_the_topology_fits(tmp_path: Path, width: int) -> None:
    """A picture or a table that is wider than a phone moves in a frame of its own, and the page does not."""
    names = ["hub", *(f"edge-{number}.a-long-domain.example.org" for number in range(6))]
    groups = {name: ["thanos_hub" if name == "hub" else "thanos_edge"] for name in names}
    alike = {"thanos_context": "the-same-context", "thanos_kubeconfig": f"/{URL.replace(':', '')}"}
    found = measured(tmp_path, topology_page(topology({n: {"group_names": groups[n], **alike} for n in names})), width)
    assert found["content"] <= width
    assert found["outside"] == []
    assert found["smallest"] >= 14


def measured(folder: Path, text: str, width: int) -> dict[str, Any]:
    """What the browser made of the page."""
    file = folder / "harness.html"
    file.write_text(HARNESS % (width, escape(text), width), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=5000", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        check=True,
    )
    match = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert match, done.stderr
    result: dict[str, Any] = json.loads(unescape(match[1]))
    return result
