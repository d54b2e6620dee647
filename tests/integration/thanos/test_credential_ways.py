# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to a credential that messages name, walked with the real Prometheus and Thanos."""

from __future__ import annotations

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.prometheus import prometheus
from tests.support.waiting import until
from tests.testbed.binaries import path_of

TOKEN = {"client_id": "a", "token_url": "http://x"}
SIGNED = {
    **TOKEN,
    "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "client_certificate_key_id": "b",
}
SCALEWAY = {"role": "instance", "project_id": "00000000-0000-0000-0000-000000000000", "access_key": "SCW" + "A" * 17}


@pytest.mark.parametrize(
    "job",
    [
        {"basic_auth": {"username": "a", "password_file": "/f"}},
        {"authorization": {"credentials_file": "/f"}},
        {"bearer_token_file": "/f"},
        {"oauth2": {**TOKEN, "client_secret_file": "/f"}},
        {"oauth2": {**SIGNED, "client_certificate_key_file": "/f"}},
        {"tls_config": {"cert_file": "/c", "key_file": "/f"}},
        {"http_headers": {"X-Api-Key": {"files": ["/f"]}}},
        {"consul_sd_configs": [{"server": "a", "authorization": {"credentials_file": "/f"}}]},
        {"marathon_sd_configs": [{"servers": ["http://a"], "auth_token_file": "/f"}]},
        {"scaleway_sd_configs": [{**SCALEWAY, "secret_key_file": "/f"}]},
        {"stackit_sd_configs": [{"project": "a", "private_key_path": "/f", "service_account_key_path": "/g"}]},
    ],
    ids=lambda job: str(job)[:40],
)
def test_prometheus_has_the_key_of_a_file_that_a_message_names(job: dict[str, Any], tmp_path: Path) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text(json.dumps({"scrape_configs": [{"job_name": "x", **job}]}))
    command = [str(path_of("promtool")), "check", "config", "--syntax-only", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


ASKED: list[tuple[str, str]] = []


class _Target(http.server.BaseHTTPRequestHandler):
    """Notes what it was asked: path and header."""

    def do_GET(self) -> None:
        ASKED.append((self.path, self.headers.get("X-Api-Key", "")))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def target() -> Iterator[http.server.HTTPServer]:
    """A server that notes its requests."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Target)
    ASKED.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_argument_and_header_of_a_scrape_come_from_files(target: http.server.HTTPServer, tmp_path: Path) -> None:
    address = f"127.0.0.1:{target.server_port}"
    targets, key = tmp_path / "targets.json", tmp_path / "key"
    targets.write_text(json.dumps([{"targets": [address], "labels": {"__param_token": "canary"}}]))
    key.write_text("from-a-file")
    job = {
        "job_name": "x",
        "scrape_interval": "1s",
        "scrape_timeout": "1s",
        "file_sd_configs": [{"files": [str(targets)]}],
        "http_headers": {"X-Api-Key": {"files": [str(key)]}},
    }
    with prometheus({"scrape_configs": [job]}, tmp_path):
        until(lambda: ASKED)
    assert ASKED[0] == ("/metrics?token=canary", "from-a-file")
