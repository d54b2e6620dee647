# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loader gives a controller agrees with what the collection reads."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import KNOWN
from tests.support.controller import judged
from tests.tasks.tree import ROOT

AWX = ROOT / "extensions/awx"
PLAYBOOKS = sorted(path.name for path in (ROOT / "playbooks").glob("*.yml"))
# What AWX lets no credential type set, and what an Ansible of a job reads in another way.
FORBIDDEN = re.compile(r"PATH$|^(ANSIBLE|JOB|INVENTORY|REST_API|VIRTUAL_ENV|TOWER|AWX)_|^ANSIBLE")


class _Anything(defaultdict[str, Any]):
    """Stands for ids that a controller gives."""

    def __init__(self) -> None:
        super().__init__(lambda: 1)

    def values(self) -> Any:
        return [1]


def rows(kind: str) -> list[dict[str, Any]]:
    """The file of a kind as the loader fills it in."""
    environment = Environment(variable_start_string="[[", variable_end_string="]]")
    ids: dict[str, _Anything] = defaultdict(_Anything)
    text = environment.from_string((AWX / f"data/{kind}").read_text())
    found: list[dict[str, Any]] = yaml.safe_load(text.render(awx_prefix="", awx_org=1, awx_ids=ids, awx_slices=2))
    return found


QUESTIONS = {one["variable"]: one for one in rows("questions.yml")}
TEMPLATES = rows("job_templates.yml.j2")


def test_each_playbook_has_a_job_template_and_a_file_in_the_project() -> None:
    assert sorted(one["playbook"] for one in TEMPLATES) == PLAYBOOKS
    for name in PLAYBOOKS:
        (played,) = yaml.safe_load((AWX / "project" / name).read_text())
        assert played["import_playbook"] == f"o11y.thanos.{name.removesuffix('.yml')}"


def test_questions_are_of_variables_that_there_are() -> None:
    assert set(QUESTIONS) <= set(KNOWN)
    assert {name for one in TEMPLATES for name in one["survey"]} == set(QUESTIONS)


@pytest.mark.parametrize("template", [one for one in TEMPLATES if one["survey"]], ids=lambda one: one["name"])
def test_survey_is_one_that_a_controller_takes(template: dict[str, Any]) -> None:
    spec = [{**QUESTIONS[name], "required": name in template.get("answered", [])} for name in template["survey"]]
    judged({"name": "", "description": "", "spec": spec})
    assert template["survey_enabled"]


def test_no_answer_of_a_survey_removes_data_unless_somebody_gives_it() -> None:
    removing = {name: one.get("default") for name, one in QUESTIONS.items() if "teardown" in name}
    assert set(removing.values()) == {"false"}
    (teardown,) = (one for one in TEMPLATES if one["playbook"] == "teardown.yml")
    assert teardown["answered"] == ["thanos_hosts"]
    assert "job_slice_count" not in teardown


@pytest.mark.parametrize("kind", rows("credential_types.yml.j2"), ids=lambda kind: kind["name"])
def test_credential_injects_what_it_asks_for(kind: dict[str, Any]) -> None:
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    injected = str(kind["injectors"])
    assert all(f"{{{{ {name} }}}}" in injected for name in fields)
    assert set(kind["inputs"]["required"]) <= set(fields)
    assert any(field.get("secret") for field in fields.values())
    assert [name for name in kind["injectors"]["env"] if FORBIDDEN.search(name)] == []


def test_workflow_asks_somebody_between_check_and_deploy() -> None:
    nodes = [one["identifier"] for one in rows("workflow_job_template_nodes.yml.j2")]
    assert nodes == ["topology", "check", "approve", "deploy", "verify"]
