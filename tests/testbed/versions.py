# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of everything runs: read from the go.mod files, which are the one place that pins them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.testbed.errors import TestbedError
from tests.testbed.paths import MODULES

_REQUIREMENT = re.compile(r"^\s*(?:require\s+)?([^\s/]+\.[^\s]+)\s+v(\d\S*)(?:\s+//.*)?$", re.MULTILINE)
_GO = re.compile(r"^go (\d+)\.(\d+)", re.MULTILINE)


def requirements(go_mod: str) -> dict[str, str]:
    """Module path → version without its ``v``, of every requirement in the text of a go.mod file."""
    return {match[1]: match[2] for match in _REQUIREMENT.finditer(go_mod)}


def go_version(go_mod: str) -> tuple[int, int]:
    """The oldest Go that builds the module: its ``go`` line."""
    match = _GO.search(go_mod)
    if match is None:
        raise TestbedError("a go.mod file has no go line")
    return int(match[1]), int(match[2])


def pinned(module: str, path: str, modules: Path = MODULES) -> str:
    """The version, without ``v``, that the folder ``module`` of go.mod files pins for the Go module ``path``."""
    return requirements((modules / module / "go.mod").read_text())[path]


def prometheus_release(go_module_version: str) -> str:
    """Prometheus' Go module counts ``0.309.1`` where its releases count ``3.9.1``."""
    _unused, minor, patch = go_module_version.split(".")
    return f"{int(minor) // 100}.{int(minor) % 100}.{patch}"


def releases(module: str, path: str, modules: Path = MODULES) -> dict[str, str]:
    """Minor release → version of ``path``, of the folders beside ``module`` that have one in their name."""
    folders = sorted(modules.glob(f"{module}-*"))
    return {folder.name.removeprefix(f"{module}-"): pinned(folder.name, path, modules) for folder in folders}


KUBERNETES = pinned("kubernetes", "k8s.io/kubernetes")
THANOS = pinned("thanos", "github.com/thanos-io/thanos")
# Releases beside these two that tests are run with, too.
OTHER_KUBERNETES = releases("kubernetes", "k8s.io/kubernetes")
OTHER_THANOS = releases("thanos", "github.com/thanos-io/thanos")
PROMETHEUS = prometheus_release(pinned("prometheus", "github.com/prometheus/prometheus"))
# The one that Thanos is built with.
PROMETHEUS_EARLIER = prometheus_release(pinned("thanos", "github.com/prometheus/prometheus"))
ALERTMANAGER = pinned("thanos", "github.com/prometheus/alertmanager")
COREDNS = pinned("coredns", "github.com/coredns/coredns")
PROVISIONER = pinned("provisioner", "github.com/rancher/local-path-provisioner")
VERSITYGW = pinned("versitygw", "github.com/versity/versitygw")
HELM = pinned("helm", "helm.sh/helm/v4")
OPERATOR = pinned("operator", "github.com/prometheus-operator/prometheus-operator")
# The helper image of local-path-provisioner; its content is the busybox of Debian, so nothing pins it there.
BUSYBOX = "1.35"
# The name under which containerd and kubelet know the image that holds a pod's namespaces.
PAUSE = "3.10"
GO = go_version((MODULES / "kubernetes/go.mod").read_text())
