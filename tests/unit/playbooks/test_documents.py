# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents show is what there is."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import role
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import KNOWN
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.tasks.tree import ROOT
from tests.unit.playbooks.playing import run

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("roles/*/README.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_readme_shows_the_example_as_it_is() -> None:
    assert (ROOT / "examples/one-cluster/inventory.yml").read_text() in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    assert [link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()] == []


def test_every_variable_is_described() -> None:
    text = (ROOT / "docs/inventory.md").read_text()
    tiers = re.compile("|".join(f"thanos_{tier}" for tier in TIERS))
    missing = {tiers.sub("thanos_<tier>", name) for name in KNOWN}
    assert [name for name in sorted(missing) if f"`{name}`" not in text and f"{name}:" not in text] == []


def test_no_document_names_a_variable_that_nothing_reads() -> None:
    allowed = {*KNOWN, "thanos_build_info"}
    named = {
        (name_of(path), name) for path in DOCUMENTS for name in re.findall(r"\bthanos_[a-z_]*[a-z]\b", path.read_text())
    }
    assert {found for found in named if found[1] not in allowed} == set()


def test_command_of_the_page_about_rights_makes_the_role_of_a_host(tmp_path: Path) -> None:
    text = (ROOT / "docs/rights.md").read_text()
    commands = shlex.split(text.partition("```shell")[2].partition("```")[0], comments=True)
    variables = {"thanos_enabled": ["query", "store"], "thanos_namespace": "ops"}
    hosts = {"eu": {**variables, "ansible_python_interpreter": sys.executable}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    done = run(*commands[: commands.index("kubectl")], cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert yaml.safe_load((tmp_path / "rights-eu.yml").read_text()) == role(variables)
