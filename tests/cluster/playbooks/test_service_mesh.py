# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service mesh in strict mode: what it closes is told by its name, and the documented annotations exempt the ports.

A packet filter stands for the mesh. It takes connections and resets them once the API server's proxy sends a request;
the kubelet's probes go through, as a mesh lets them. Ports that a pod's annotations exempt are left alone.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.playbooks.conftest import RULES, Site
from tests.cluster.testbed.machine import NAME
from tests.testbed.plan import NETNS

pytestmark = pytest.mark.slow

TIERS = ["query", "ruler"]
PORTS = ("9090", "10901", "10902")
CAUSE = "as a service mesh in strict mode does: exempt the port with pod_annotations (docs/rights.md)"
# What the API server adds to each request that it passes on.
PROXIED = "X-Forwarded-Uri"
PAGE = Path(__file__).parents[3] / "docs" / "rights.md"


def documented() -> dict[str, str]:
    """The annotations as the page has them."""
    (block,) = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL) if "istio" in text]
    annotations: dict[str, str] = yaml.safe_load(block)["thanos_common"]["pod_annotations"]
    return annotations


def filtered(change: str, pod: str, port: str) -> None:
    """``-I`` or ``-D``: whether what the API server sends to a port of a pod is answered by a reset."""
    match = ["-p", "tcp", "-d", pod, "--dport", port, "--tcp-flags", "PSH", "PSH"]
    by_proxy = ["-m", "string", "--algo", "bm", "--string", PROXIED]
    rule = [change, "OUTPUT", *match, *by_proxy, "-j", "REJECT", "--reject-with", "tcp-reset"]
    subprocess.run(["nsenter", f"--net={NETNS / NAME}", "--", "iptables", "-w", *rule], check=True)


@contextlib.contextmanager
def strict(site: Site) -> Iterator[None]:
    """The pods that are there now are part of a mesh in strict mode."""
    pods = [pod for tier in TIERS for pod in site.pods(tier)]
    exempt = {pod["metadata"]["name"]: _exempt(pod) for pod in pods}
    closed = [(p["status"]["podIP"], port) for p in pods for port in PORTS if port not in exempt[p["metadata"]["name"]]]
    done = []
    try:
        for pod, port in closed:
            filtered("-I", pod, port)
            done.append((pod, port))
        yield
    finally:
        for pod, port in done:
            filtered("-D", pod, port)


def _exempt(pod: dict[str, Any]) -> list[str]:
    """The ports that every mesh of the page leaves alone."""
    annotations = pod["metadata"].get("annotations") or {}
    said = [set(annotations.get(name, "").split(",")) for name in documented()]
    return sorted(set.intersection(*said))


@pytest.fixture(scope="module")
def two_tiers(site: Site) -> Site:
    """A querier and rulers."""
    site.variables["thanos_enabled"] = TIERS
    done = site.play("deploy")
    assert [tier for tier in TIERS if not site.ready(tier)] == [], done.text
    return site


def test_verify_names_the_mesh(two_tiers: Site) -> None:
    with strict(two_tiers):
        done = two_tiers.play("verify", thanos_verify_timeout=5)
    assert done.code != 0
    assert CAUSE in done.plain(), done.text


def test_gate_of_the_rules_names_the_mesh(two_tiers: Site) -> None:
    changed = {"groups": [{**RULES["groups"][0], "name": "other"}]}
    with strict(two_tiers):
        done = two_tiers.play("deploy", thanos_ruler={"rules": {"test.yaml": changed}}, thanos_wait_timeout=30)
    assert done.code != 0
    assert CAUSE in done.plain(), done.text


def test_documented_annotations_exempt_the_ports(two_tiers: Site) -> None:
    two_tiers.variables["thanos_common"] = {"pod_annotations": documented()}
    deployed = two_tiers.play("deploy")
    with strict(two_tiers):
        done = two_tiers.play("verify", thanos_verify_timeout=5)
    assert CAUSE not in done.plain(), done.text
    assert (deployed.code, done.code) == (0, 0), deployed.text + done.text
