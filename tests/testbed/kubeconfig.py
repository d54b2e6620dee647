# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubeconfig files, written as JSON (which every YAML reader accepts) and complete in themselves."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from tests.testbed.pki import Certificate


def with_certificate(name: str, url: str, ca_file: Path, client: Certificate) -> dict[str, Any]:
    """A kubeconfig whose user shows a client certificate."""
    user = {"client-certificate-data": _inline(client.certificate), "client-key-data": _inline(client.key)}
    return _kubeconfig(name, url, ca_file, user)


def with_token(name: str, url: str, ca_file: Path, token: str) -> dict[str, Any]:
    """A kubeconfig whose user shows a bearer token."""
    return _kubeconfig(name, url, ca_file, {"token": token})


def _kubeconfig(name: str, url: str, ca_file: Path, user: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority-data": _inline(ca_file)}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
