# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about receive, done as it is written for a fleet that pushes: its files, its commands, two real servers."""

from __future__ import annotations

import base64
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._pki.x509 import read_certificates
from tests.integration.playbooks.conftest import World
from tests.support.guides import commands, files, section
from tests.support.playbooks import play
from tests.tasks.tree import ROOT

# Beside its own, it checks the deploy of two whole clusters, as other tests do, too.
pytestmark = [pytest.mark.api, pytest.mark.slow]
PAGE = ROOT / "docs" / "receive.md"
HUB, EDGE = "us", "eu"
NAMESPACE = "/namespaces/monitoring"


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """The files of the page, and the inventory that it leaves to its reader."""
    for name, text in files(PAGE).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    shared = {
        "thanos_context": "{{ inventory_hostname }}",
        "thanos_objstore": {**world.objstore("pushed"), "prefix": "{{ inventory_hostname }}"},
        "ansible_python_interpreter": sys.executable,
    }
    groups: dict[str, Any] = {"hub": {"hosts": {HUB: {}}}, "pushers": {"hosts": {EDGE: {}}}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"vars": shared, "children": groups}}))
    return tmp_path


def get(world: World, host: str, path: str) -> dict[str, Any]:
    return dict(world.planes[host].api.must("GET", path))


def held(world: World, host: str, name: str) -> dict[str, str]:
    """What a Secret holds."""
    data = get(world, host, f"/api/v1{NAMESPACE}/secrets/{name}")["data"]
    return {key: base64.b64decode(text).decode() for key, text in data.items()}


def test_fleet_that_pushes_has_the_certificates_that_its_stacks_use(world: World, folder: Path) -> None:
    certificates, deploy = commands(section(PAGE, "A fleet that pushes"))
    first, second = (
        play(str(folder / shlex.split(certificates)[-1]), folder / "inventory.yml", folder) for _twice in range(2)
    )
    assert first.code == 0, first.text
    assert second.recap() == {HUB: (0, 0), EDGE: (0, 0)}, second.text
    server, client = held(world, HUB, "push-grpc-server"), held(world, EDGE, "push-grpc-client")
    (ca,) = read_certificates(client["hub.crt"])
    assert read_certificates(server["tls.crt"])[0].signed_by(ca)
    assert read_certificates(client["tls.crt"])[0].signed_by(read_certificates(server["ca.crt"])[0])
    assert world.planes[EDGE].api.request("GET", f"/api/v1{NAMESPACE}/secrets/push-grpc-server").status == 404

    # Check mode: no pod starts here, and a ring is not written before its ingestors are ready.
    planned = (folder / "inventory.yml", folder, "--check", "--diff")
    done = play(shlex.split(deploy)[-1].rpartition(".")[2], *planned)
    assert done.code == 0, done.text
    for shown in ("THANOS-TENANT", "hub.crt", "push-grpc-client", "push-grpc-server"):
        assert shown in done.text
