# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loader makes in a controller, tried on a stand-in of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.controller import HIDDEN, Controller
from tests.support.playbooks import Play, play
from tests.tasks.tree import ROOT

# Some hundred requests, each in a process of its own.
pytestmark = pytest.mark.slow
AWX = ROOT / "extensions/awx"
LOADER = str(AWX / "load.yml")
TOKEN = "a-token-of-the-controller"
KUBECONFIG = "a kubeconfig with a password"
SETTINGS = {
    "awx_project_url": "https://git.example.org/thanos.git",
    "awx_image": "registry.example.org/o11y-thanos:s3",
    "awx_slices": "3",
    "awx_notify_url": "https://chat.example.org/hook",
    "awx_delay": 0,
    "awx_credentials": [
        {"name": "all clusters", "type": "clusters", "inputs": {"kubeconfig": KUBECONFIG}},
        {"name": "bucket", "type": "object store S3", "inputs": {"access_key": "id", "secret_key": "s3cr3t"}},
    ],
}


def load(controller: Controller, folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Play:
    """Run the loader as people do, at a verbosity that shows what modules were given."""
    monkeypatch.setenv("CONTROLLER_HOST", controller.server.url)
    monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", TOKEN)
    file = folder / "settings.json"
    file.write_text(json.dumps({**SETTINGS, **settings}))
    (folder / "none.yml").write_text("all: {}")
    return play(LOADER, folder / "none.yml", folder, "-e", f"@{file}", "-vvv")


@pytest.fixture
def controller() -> Iterator[Controller]:
    made = Controller(TOKEN, {path.name for path in (AWX / "project").glob("*.yml")})
    with made.server:
        yield made


def test_everything_is_made_once_and_a_second_run_changes_nothing(
    controller: Controller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = load(controller, tmp_path, monkeypatch)
    assert done.code == 0, done.text
    templates = controller.kinds["job_templates"].values()
    assert [one["name"].removeprefix("Thanos: ") for one in templates] == [
        "topology",
        "check",
        "deploy",
        "verify",
        "teardown",
    ]
    slices = {one["playbook"]: one.get("job_slice_count", 1) for one in templates}
    assert slices == {"topology.yml": 1, "check.yml": 3, "deploy.yml": 3, "verify.yml": 3, "teardown.yml": 1}
    assert {one["playbook"] for one in templates if one.get("extra_vars") == '{"thanos_part_of_fleet": true}'} == {
        name for name, count in slices.items() if count > 1
    }
    assert way(controller) == ["topology", "check", "approve", "deploy", "verify"]
    (clusters,) = (one for one in controller.kinds["credentials"].values() if one["name"] == "Thanos: all clusters")
    assert clusters["inputs"] == {"kubeconfig": HIDDEN}
    assert controller.secrets[clusters["id"]] == {"kubeconfig": KUBECONFIG}
    injected = controller.named("credential_types", "Thanos: clusters")["injectors"]
    assert injected["env"] == {"K8S_AUTH_KUBECONFIG": "{{ tower.filename }}"}
    assert injected["file"] == {"template": "{{ kubeconfig }}"}
    for one in templates:
        assert controller.lists[f"job_templates/{one['id']}/credentials/"] == list(controller.kinds["credentials"])
        assert len(controller.lists[f"job_templates/{one['id']}/notification_templates_error/"]) == 1
    surveys = [[one["variable"] for one in survey["spec"] if one["required"]] for survey in controller.surveys.values()]
    assert [names for names in surveys if names] == [["thanos_hosts"]]
    before = len(controller.writes())
    again = load(controller, tmp_path, monkeypatch)
    assert again.recap() == {"localhost": (0, 0)}, again.text
    assert len(controller.writes()) == before
    for secret in (TOKEN, KUBECONFIG, "s3cr3t"):
        assert secret not in done.text + again.text
    # What somebody changed by hand, or another release ships, is brought back.
    controller.named("job_templates", "Thanos: deploy")["diff_mode"] = False
    assert load(controller, tmp_path, monkeypatch).recap()["localhost"][0] == 1
    assert controller.named("job_templates", "Thanos: deploy")["diff_mode"] is True


def test_what_the_controller_refuses_is_told(
    controller: Controller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = [{"name": "clusters", "type": "clusters", "inputs": {"kubeconfg": KUBECONFIG}}]
    done = load(controller, tmp_path, monkeypatch, awx_credentials=wrong)
    assert done.code != 0
    assert "credentials: Thanos: clusters HTTP 400 {'inputs': ['kubeconfg', 'kubeconfig']}" in done.plain()
    assert KUBECONFIG not in done.text


def test_loader_without_what_it_needs_asks_for_it(
    controller: Controller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = load(controller, tmp_path, monkeypatch, awx_image="")
    assert done.code != 0
    assert "awx_image is missing" in done.plain()
    assert controller.writes() == []


def way(controller: Controller) -> list[str]:
    """The nodes of the workflow in the order in which they follow each other."""
    nodes = controller.kinds["workflow_job_template_nodes"]
    after = {
        number: controller.lists.get(f"workflow_job_template_nodes/{number}/success_nodes/", []) for number in nodes
    }
    (here,) = (number for number in nodes if all(number not in others for others in after.values()))
    found = []
    while True:
        assert nodes[here]["unified_job_template"]
        found.append(nodes[here]["identifier"])
        if not after[here]:
            return found
        (here,) = after[here]
