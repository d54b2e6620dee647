# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered objects as text, one file per case that a user would recognise.

``UPDATE_GOLDEN=1 pytest tests/unit/thanos/test_golden.py`` writes them anew; the change is then reviewed as text.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from .cases import ENVIRONMENT, FACTS, FIVE_TIERS, IDENTITY, render

GOLDEN = Path(__file__).parent / "golden"
CASES: dict[str, dict[str, Any]] = {
    "sidecar": {"sidecar": {}},
    "store": {"store": {}},
    "query": {"query": {}, "sidecar": {"state": "absent"}},
    "compact": {"compact": {}},
    "ruler": {"ruler": FIVE_TIERS["ruler"]},
    "compact-paused": {"compact": {"paused": True, "paused_reason": "repair of block 01ABC"}},
    "store-one-replica-node-port": {"store": {"replicas": 1, "service": {"type": "NodePort", "http_node_port": 30901}}},
    "query-two-instances": {"query": {}, "query-eu": {"tier": "query", "endpoints": ["edge.example:10901"]}},
    "ruler-test-alert": {"ruler": {**FIVE_TIERS["ruler"], "test_alert": True, "replicas": 1}},
    "store-identity": {"store": {}},
    "compact-environment": {"compact": {"env": [{"name": "GOMEMLIMIT", "value": "1GiB"}]}},
}
GATHERED = {"store-identity": IDENTITY, "compact-environment": ENVIRONMENT}


@pytest.mark.parametrize("case", CASES)
def test_rendered_objects_are_as_reviewed(case: str) -> None:
    text = yaml.safe_dump_all(render(CASES[case], facts=GATHERED.get(case, FACTS)), sort_keys=False)
    file = GOLDEN / f"{case}.txt"  # ansible-test lets no .yaml hold several documents
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_rendering_the_same_stack_twice_gives_the_same_text() -> None:
    assert yaml.safe_dump_all(render(FIVE_TIERS)) == yaml.safe_dump_all(render(FIVE_TIERS))
