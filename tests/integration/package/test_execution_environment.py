# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-builder finds in the collection, and makes of each definition, without building an image."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tasks.tree import ROOT, collections_path

BUILDER = str(Path(sys.executable).with_name("ansible-builder"))
DEFINITIONS = ROOT / "extensions/awx/execution-environment"
# Profile → the files of meta that it has beside those of every one.
PROFILES = {
    "s3": [],
    "gcs": ["requirements-gcs.txt"],
    "azure": ["requirements-azure.txt"],
    "swift": ["requirements-swift.txt"],
    "all": ["requirements-azure.txt", "requirements-gcs.txt", "requirements-swift.txt"],
}
EVERYWHERE = ["ee-requirements.txt", "requirements-s3.txt"]
# Comes with ansible-core; ansible-builder leaves it to that.
OF_ANSIBLE = {"pyyaml"}


def requirements(path: Path) -> set[str]:
    """The requirements that a file lists."""
    return {line.strip() for line in path.read_text().splitlines() if line.strip() and line[0] not in "#-"}


def names(found: set[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement)[0].lower() for requirement in found}


def of_meta(files: list[str]) -> set[str]:
    return set().union(*(requirements(ROOT / "meta" / file) for file in files))


@pytest.fixture(scope="module")
def introspected() -> dict[str, Any]:
    command = [BUILDER, "introspect", str(collections_path())]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = yaml.safe_load(told)
    return found


def test_collection_brings_what_clusters_and_the_example_of_the_readme_need(introspected: dict[str, Any]) -> None:
    found = {line.split("#")[0].strip() for line in introspected["python"]}
    assert names(found) == names(of_meta(EVERYWHERE)) - OF_ANSIBLE
    assert "boto3" in names(found)
    # What a package manager would have to know by name differs from image to image.
    assert introspected["system"] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_profile_becomes_a_context_with_the_packages_of_its_store(profile: str, tmp_path: Path) -> None:
    file = DEFINITIONS / f"{profile}.yml"
    command = [BUILDER, "create", "--file", str(file), "--context", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    made = tmp_path / "_build" / "requirements.txt"
    assert (requirements(made) if made.exists() else set()) == of_meta(PROFILES[profile])
    assert yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text()) == {
        "collections": [{"name": "o11y.thanos"}]
    }


def test_profiles_differ_in_nothing_but_their_packages() -> None:
    assert sorted(path.stem for path in DEFINITIONS.glob("*.yml")) == sorted(PROFILES)
    shared = []
    for profile in PROFILES:
        definition = yaml.safe_load((DEFINITIONS / f"{profile}.yml").read_text())
        definition["dependencies"].pop("python", None)
        shared.append(definition)
    assert all(definition == shared[0] for definition in shared)
    floor = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    assert shared[0]["dependencies"]["ansible_core"]["package_pip"].startswith(f"ansible-core{floor}")
