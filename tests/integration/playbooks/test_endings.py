# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that ends before any cluster was verified ends in a report all the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbooks import run_afresh

STORE = {"type": "S3", "endpoint": "s3.example.org"}
MISTAKE = {"regoin": "eu"}


def run(folder: Path, *arguments: str, edges: tuple[str, ...] = ("eu",), more: Mapping[str, str] | None = None) -> str:
    """What a deploy of a hub and edges says, whose clusters cannot be reached; it fails."""
    own = {"ansible_python_interpreter": sys.executable, "thanos_kubeconfig": "missing"}
    found = {
        name: {**own, "thanos_context": name, "thanos_objstore": {**STORE, "bucket": name, **(more or {})}}
        for name in ("hub", *edges)
    }
    groups = {
        "thanos_hub": {"hosts": {"hub": found["hub"]}},
        "thanos_edge": {"hosts": {name: found[name] for name in edges}},
    }
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"children": groups}}))
    where = ("-i", "inventory.yml", "-e", f"thanos_report_dir={folder}")
    done = run_afresh("ansible-playbook", *where, "o11y.thanos.deploy", *arguments, cwd=folder)
    assert done.code != 0
    return done.text


def clusters(folder: Path) -> dict[str, dict[str, Any]]:
    """Host → what was reported of it."""
    return {one["host"]: one for one in json.loads((folder / "fleet.json").read_text())["clusters"]}


@pytest.mark.parametrize("arguments", [(), ("--check", "--tags", "objstore")], ids=["", "check of a part"])
def test_report_is_written_where_every_cluster_failed(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    text = run(tmp_path, *arguments, more=MISTAKE)
    assert "2 clusters   fail 2" in text
    found = clusters(tmp_path)
    assert {name: (one["role"], one["status"]) for name, one in found.items()} == {
        "hub": ("hub", "fail"),
        "eu": ("edge", "fail"),
    }
    (line,) = found["eu"]["lines"]
    assert "thanos_objstore.regoin: there is no such key" in line["message"]
    assert "<html" in (tmp_path / "fleet.html").read_text()


@pytest.mark.parametrize(
    ("batches", "failed"),
    [
        ("1", {"eu"}),
        ("[2, 1]", {"eu", "us"}),
        ("", {"eu", "hub", "us"}),
    ],
)
def test_batches_are_edges_before_hubs_and_end_where_all_of_one_failed(
    tmp_path: Path, batches: str, failed: set[str]
) -> None:
    # Without the checks, which would find that no cluster can be reached.
    arguments = ("--skip-tags", "check,objstore,pki", "-e", f'{{"thanos_serial": {batches or "null"}}}')
    text = run(tmp_path, *arguments, edges=("eu", "us"))
    assert "thanos_kubeconfig" in text
    found = clusters(tmp_path)
    assert {name for name, one in found.items() if one["status"] == "fail"} == failed
    assert {one["note"] for name, one in found.items() if name not in failed} <= {"not asked"}
