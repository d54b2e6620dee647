# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about mutual TLS, and the examples of ``pki``, done as they are written: a hub and an edge, real servers."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._pki.x509 import read_certificates
from ansible_collections.o11y.thanos.plugins.modules import pki
from tests.integration.playbooks.conftest import World
from tests.support.guides import commands, files
from tests.support.playbooks import play
from tests.tasks.tree import ROOT
from tests.testbed.binaries import path_of

pytestmark = pytest.mark.api
PAGE = ROOT / "docs" / "tls.md"
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|LS0tLS1CRUdJTiBQUklWQVRF")
HUB, EDGE = "us", "eu"


def held(servers: World, host: str, name: str) -> dict[str, str]:
    """What a Secret holds."""
    answer = servers.planes[host].api.request("GET", f"/api/v1/namespaces/monitoring/secrets/{name}")
    data: dict[str, Any] = answer.body["data"] if answer.status == 200 else {}
    return {key: base64.b64decode(text).decode() for key, text in data.items()}


@pytest.fixture
def folder(servers: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files of the page, and what its reader has in the environment."""
    for name, text in files(PAGE).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = [str(Path(sys.executable).parent), str(path_of("kubectl").parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    monkeypatch.setenv("KUBECONFIG", str(servers.kubeconfig))
    yield tmp_path
    for plane in servers.planes.values():
        for name in ("client-ca", "server-ca", "grpc-client", "grpc-server"):
            plane.api.request("DELETE", f"/api/v1/namespaces/monitoring/secrets/thanos-{name}")
        plane.api.request("DELETE", "/api/v1/namespaces/monitoring/configmaps/o11y-thanos-thanos")


def do(command: str, folder: Path, code: int = 0) -> str:
    """Run a command of the page; it shows no key, at the highest verbosity either."""
    loud = f"{command} -vvvv --diff" if command.startswith("ansible") else command
    done = subprocess.run(loud, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert not _KEY.search(done.stdout + done.stderr)
    return done.stdout


def test_the_page_is_done_as_it_is_written(servers: World, folder: Path) -> None:
    deploy, begin, switch, finish, back_up, put_back = commands(PAGE.read_text(encoding="utf-8"))
    do(deploy, folder)
    first = held(servers, EDGE, "thanos-server-ca")["ca.crt"]
    assert held(servers, HUB, "thanos-grpc-client")["eu.crt"] == first
    assert held(servers, EDGE, "thanos-grpc-server")["ca.crt"] == held(servers, HUB, "thanos-client-ca")["ca.crt"]
    assert "changed=1" not in do(deploy, folder)
    do(begin, folder)
    assert held(servers, HUB, "thanos-grpc-client")["eu.crt"].count("BEGIN") == 2
    do(switch, folder)
    assert "settle says how long" in do(finish, folder, 2)
    ca = read_certificates(held(servers, EDGE, "thanos-server-ca")["ca.crt"])[0]
    assert ca.pem != first
    assert read_certificates(held(servers, EDGE, "thanos-grpc-server")["tls.crt"])[0].signed_by(ca)
    before = held(servers, HUB, "thanos-client-ca")
    do(back_up, folder)
    servers.planes[HUB].api.must("DELETE", "/api/v1/namespaces/monitoring/secrets/thanos-client-ca")
    assert "the Secret thanos-client-ca with the CA is gone" in do(deploy, folder, 2)
    do(put_back, folder)
    do(deploy, folder)
    assert held(servers, HUB, "thanos-client-ca") == before


def test_examples_of_the_module_run(servers: World, folder: Path) -> None:
    (head,) = yaml.safe_load((folder / "certificates.yml").read_text(encoding="utf-8"))
    book = folder / "examples.yml"
    book.write_text(yaml.safe_dump([{**head, "tasks": yaml.safe_load(pki.EXAMPLES)}]), encoding="utf-8")
    done = play(str(book), folder / "inventory.yml", folder, "-vvv")
    assert done.code == 0, done.text
    assert not _KEY.search(done.text)
    assert set(held(servers, EDGE, "thanos-server-ca")) == {"ca.crt", "ca.key", "next.crt", "next.key"}
    assert held(servers, EDGE, "thanos-grpc-server") == {}
    assert held(servers, HUB, "thanos-client-ca")
