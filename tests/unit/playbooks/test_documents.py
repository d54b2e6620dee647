# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents show is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import instances, objstores
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.roles import EDGES, HUBS
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import KNOWN
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import mistakes
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.versions import DEFAULT_THANOS
from tests.tasks.tree import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    # What lies in docsite links to pages as the site has them.
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "docsite"),
    *sorted(ROOT.glob("roles/*/README.md")),
]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_readme_shows_the_example_as_it_is() -> None:
    assert (ROOT / "examples/one-cluster/inventory.yml").read_text() in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    assert [link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()] == []


def test_inventory_of_the_tutorial_has_no_mistakes() -> None:
    text = (ROOT / "docs/tutorial.md").read_text().partition("```yaml\n")[2].partition("```")[0]
    (variables,) = yaml.safe_load(text)["all"]["hosts"].values()
    stack = parse({"cluster": "tutorial", "instances": instances(variables)})
    assert [instance.tier.name for instance in stack.instances] == ["sidecar", "store", "query", "compact", "ruler"]
    store = objstores(variables)["default"]
    # A lookup stands in its place, and Ansible resolves it.
    told = [str(one) for one in mistakes({**store, "service_account": "{}"}, DEFAULT_THANOS)]
    assert [one for one in told if "service_account" not in one] == []


def test_every_variable_is_described() -> None:
    text = (ROOT / "docs/inventory.md").read_text()
    tiers = re.compile("|".join(f"thanos_{tier}" for tier in sorted(TIERS, key=len, reverse=True)))
    missing = {tiers.sub("thanos_<tier>", name) for name in KNOWN}
    assert [name for name in sorted(missing) if f"`{name}`" not in text and f"{name}:" not in text] == []


def test_no_document_names_a_variable_that_nothing_reads() -> None:
    metrics = {"thanos_build_info", "thanos_receive_hashring_nodes", "thanos_rule_evaluation_with_warnings_total"}
    allowed = {*KNOWN, HUBS, EDGES, *metrics}
    named = {
        (name_of(path), name) for path in DOCUMENTS for name in re.findall(r"\bthanos_[a-z_]*[a-z]\b", path.read_text())
    }
    assert {found for found in named if found[1] not in allowed} == set()
