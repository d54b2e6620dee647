# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items that the server cannot tell apart are found in rendered objects, at any depth."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.lists import Clash, clashes


def pod(**spec: Any) -> dict[str, Any]:
    """A Deployment with this in its pods."""
    return {"kind": "Deployment", "spec": {"template": {"spec": spec}}}


def service(*ports: dict[str, Any]) -> dict[str, Any]:
    """A Service with these ports."""
    return {"kind": "Service", "spec": {"ports": list(ports)}}


POD = "spec.template.spec"
ROWS: list[tuple[dict[str, Any], Clash]] = [
    (pod(volumes=[{"name": "a"}, {"name": "b"}, {"name": "a"}]), Clash(f"{POD}.volumes", {"name": "a"})),
    (pod(hostAliases=[{"ip": "::1"}, {"ip": "::1"}]), Clash(f"{POD}.hostAliases", {"ip": "::1"})),
    (
        pod(containers=[{"name": "a"}, {"name": "b", "env": [{"name": "X"}, {"name": "X", "value": "1"}]}]),
        Clash(f"{POD}.containers.env", {"name": "X"}),
    ),
    (
        pod(initContainers=[{"name": "a", "resources": {"claims": [{"name": "g"}, {"name": "g"}]}}]),
        Clash(f"{POD}.initContainers.resources.claims", {"name": "g"}),
    ),
    (
        pod(topologySpreadConstraints=[{"topologyKey": "zone"}]),
        Clash(
            f"{POD}.topologySpreadConstraints", {"topologyKey": "zone", "whenUnsatisfiable": None}, "whenUnsatisfiable"
        ),
    ),
    (
        service({"port": 1}, {"port": 1, "protocol": "UDP"}, {"port": 1, "protocol": "TCP"}),
        Clash("spec.ports", {"port": 1, "protocol": "TCP"}),
    ),
]


@pytest.mark.parametrize(("manifest", "clash"), ROWS, ids=lambda x: x.path if isinstance(x, Clash) else "")
def test_clash_is_found(manifest: dict[str, Any], clash: Clash) -> None:
    assert clashes(manifest) == [clash]


def test_equal_names_in_different_containers_and_in_atomic_lists_are_none() -> None:
    same = [{"name": name, "env": [{"name": "X"}]} for name in ("a", "b")]
    assert clashes(pod(containers=same, tolerations=[{"key": "a"}, {"key": "a"}])) == []
    assert clashes({"kind": "ConfigMap", "data": {}}) == []
