# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stranger looks for before trusting a collection, and what tools leave behind in a checkout."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.tasks.tree import ROOT, project_files

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text())
README = (ROOT / "README.md").read_text()
TREE = f"{GALAXY['repository']}/blob/main/"
# The order that certified collections keep.
SECTIONS = [
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
]


@pytest.mark.parametrize("key", ["repository", "homepage", "documentation", "issues", "license", "tags", "authors"])
def test_galaxy_is_told_where_to_look(key: str) -> None:
    assert GALAXY[key]


@pytest.mark.parametrize(
    "name",
    ["CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "LICENSE", "SECURITY.md", "docs/docsite/links.yml"],
)
def test_file_that_a_stranger_looks_for_is_there(name: str) -> None:
    assert (ROOT / name).read_text().strip()


def test_license_is_one_text() -> None:
    assert (ROOT / "LICENSES/GPL-3.0-or-later.txt").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_readme_has_the_sections_of_certified_content_in_their_order() -> None:
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == SECTIONS


def test_readme_begins_with_commands_that_work_in_a_fresh_checkout() -> None:
    first = README.partition("```shell\n")[2].partition("```")[0]
    assert [line.split("  ")[0] for line in first.splitlines()] == ["make demo", "make test"]


def test_readme_links_lead_somewhere_also_where_galaxy_shows_it() -> None:
    links = re.findall(r"^\[.+\]: (\S+)$|\]\(([^)\s]+)\)", README, re.MULTILINE)
    found = [link for pair in links for link in pair if link]
    assert [link for link in found if not link.startswith(("https://", "#"))] == []
    inside = [link.removeprefix(TREE) for link in found if link.startswith(TREE)]
    assert inside
    assert [path for path in inside if not (ROOT / path).exists()] == []
    used = re.findall(r"\]\[([^\]]+)\]|(?<!\])\[([^\]]+\.\w+)\](?![\[(:])", README)
    assert {name for pair in used for name in pair if name} == set(re.findall(r"^\[(.+)\]: ", README, re.MULTILINE))


@pytest.mark.parametrize(
    "path", ["changelogs/.plugin-cache.yaml", "tests/output/junit", ".venv", ".build/x", "a.tar.gz"]
)
def test_what_tools_leave_behind_is_no_part_of_the_project(path: str) -> None:
    done = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", path], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_every_document_is_led_to_by_another_one() -> None:
    """Whoever begins with the README finds each page."""
    pages = {path for path in project_files() if re.match(r"docs/(?!docsite/).+\.md", path)}
    link = re.compile(r"\]\((?!https?:)([^)#]+)|^\[[^\]]+\]: " + re.escape(TREE) + r"(\S+)", re.MULTILINE)
    reached, left = set[str](), ["README.md"]
    while left:
        page = left.pop()
        if page in reached or not page.endswith(".md"):
            continue
        reached.add(page)
        for near, far in link.findall((ROOT / page).read_text()):
            target = ROOT / far if far else (ROOT / page).parent / near
            left.append(str(Path(target).resolve().relative_to(ROOT)))
    assert pages - reached == set()


def test_documentation_for_the_site_of_ansible_is_well_formed() -> None:
    """Plugins are rendered by ``make docs``; here is what stands beside them."""
    program = str(Path(sys.executable).with_name("antsibull-docs"))
    done = subprocess.run([program, "lint-collection-docs", str(ROOT)], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_document_has_a_place_on_the_site() -> None:
    listed = re.findall(r"^([a-z-]+(?:/[a-z0-9-]+)?)$", (ROOT / "docs/docsite/index.md").read_text(), re.MULTILINE)
    pages = {
        path.removeprefix("docs/").removesuffix(".md") for path in project_files() if re.match(r"docs/.+\.md", path)
    }
    assert {*listed} - {"reference/index"} == pages - {"docsite/index"}
