# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook topology over the example of a hub and two edges, whose picture the README shows.

``UPDATE_GOLDEN=1 pytest tests/integration/playbooks/test_topology_playbook.py`` draws it anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from tests.support.playbooks import Play, run_afresh
from tests.tasks.tree import ROOT

EXAMPLE = ROOT / "examples/hub-and-edges/inventory.yml"
PICTURE = ROOT / "docs/topology.svg"
LINES = 40


def play(*arguments: str, cwd: Path) -> Play:
    """Run the playbook."""
    return run_afresh("ansible-playbook", "o11y.thanos.topology", *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the playbook wrote."""
    folder = tmp_path_factory.mktemp("topology")
    done = play("-i", str(EXAMPLE), "-e", f"thanos_report_dir={folder}", cwd=folder)
    assert done.code == 0, done.text
    assert "hub reads eu  not known yet  query.thanos.eu.thanos.internal  mutual" in done.text
    assert "WARNING" not in done.text
    return folder


def test_picture_of_the_readme_is_that_of_the_example(folder: Path) -> None:
    drawn = (folder / "topology.svg").read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        PICTURE.write_text(drawn, encoding="utf-8")
    assert drawn == PICTURE.read_text(encoding="utf-8")


def test_page_and_data_are_kept_too(folder: Path) -> None:
    data = json.loads((folder / "topology.json").read_text(encoding="utf-8"))
    assert {name: told["role"] for name, told in data["hosts"].items()} == {"hub": "hub", "eu": "edge", "us": "edge"}
    assert data["refusals"] == data["warnings"] == []
    assert PICTURE.read_text(encoding="utf-8") in (folder / "topology.html").read_text(encoding="utf-8")


def test_example_is_short() -> None:
    lines = [line.strip() for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    assert len([line for line in lines if line and not line.startswith("#")]) <= LINES


def test_fleet_that_is_refused_is_shown_first_and_fails(tmp_path: Path) -> None:
    hosts = {"eu": {"thanos_cluster": "x"}, "us": {"thanos_cluster": "x", "thanos_context": "{{ nowhere }}"}}
    inventory = {"thanos_hub": {"hosts": {"hub": {"thanos_context": "hub"}}}, "thanos_edge": {"hosts": hosts}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(inventory))
    arguments = ["-i", "inventory.yml"]
    left_out = play(*arguments, "--limit", "hub,eu", cwd=tmp_path)
    assert left_out.code == 0, left_out.text
    assert "Whether us fits the other hosts is not known: us is not part of this run" in left_out.text
    # The groups are looked at as a whole, whatever is played.
    chosen = play(*arguments, "-e", "thanos_hosts=eu", cwd=tmp_path)
    assert chosen.code == 0, chosen.text
    assert "hub reads eu" in chosen.text
    readable = play(*arguments, "-e", "nowhere=us", cwd=tmp_path)
    assert readable.code != 0
    assert readable.text.index("hub reads us") < readable.text.index("fatal: ")
    assert "sidecar of eu and sidecar of us have the same labels {cluster: x}" in readable.text
