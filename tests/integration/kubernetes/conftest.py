# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real API server for these tests, and a namespace for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Outcome, Settings, run
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, Scope
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Phase
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.teardown import teardown
from tests.testbed.control_plane import ControlPlane

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """A control plane: API server, etcd, controllers; no nodes."""
    with ControlPlane() as running:
        yield running


class World:
    """A namespace on the real server: what the engine does in it, what another hand does, and what the server saw."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self.plane = plane
        self.namespace = namespace
        self.user = "admin"
        self.kubeconfig = plane.kubeconfig

    def client(self) -> Client:
        """A fresh client, as each module run has one."""
        return connect({"kubeconfig": str(self.kubeconfig)})

    def scope(self, *instances: str, stack: str = "thanos") -> Scope:
        """These instances of the stack, or all."""
        return Scope(stack, self.namespace, frozenset(instances) if instances else None)

    def run(self, manifests: Sequence[Manifest] | Sequence[Phase], *instances: str, **settings: Any) -> Outcome:
        """One run over manifests (in one phase) or phases, without waiting unless asked."""
        phases = [m if isinstance(m, Phase) else Phase("all", [m]) for m in manifests]
        if manifests and not isinstance(manifests[0], Phase):
            phases = [Phase("all", [m for m in manifests if not isinstance(m, Phase)])]
        chosen = Settings(**{"wait": False, "wait_timeout": 20, **settings})
        return run(self.client(), self.scope(*instances), phases, chosen)

    def teardown(self, *going: str, **settings: Any) -> Outcome:
        """Remove the stack, and these kinds too."""
        chosen = Settings(**{"wait": False, "wait_timeout": 20, **settings})
        return teardown(self.client(), self.scope(), chosen, dict.fromkeys(going, True))

    def path(self, kind: str, name: str = "") -> str:
        """Path of an object in the namespace."""
        return KINDS[kind].path(self.namespace, name)

    def live(self, kind: str, name: str) -> dict[str, Any] | None:
        """The object on the server, None where it is absent."""
        answer = self.plane.api.request("GET", self.path(kind, name))
        return answer.body if answer.status == 200 else None

    def names(self, kind: str, selector: str = "o11y.thanos/stack") -> set[str]:
        """Names of the objects that carry a label."""
        items = self.plane.api.must("GET", f"{self.path(kind)}?labelSelector={selector}")["items"]
        return {item["metadata"]["name"] for item in items}

    def make(self, kind: str, body: dict[str, Any], manager: str = "by-hand") -> dict[str, Any]:
        """Another hand creates an object."""
        created: dict[str, Any] = self.plane.api.must("POST", f"{self.path(kind)}?fieldManager={manager}", body)
        return created

    def edit(self, kind: str, name: str, patch: Any, manager: str = "kubectl-edit") -> dict[str, Any]:
        """Another hand edits an object: a merge patch, or a list of JSON patch operations."""
        form = "json-patch" if isinstance(patch, list) else "merge-patch"
        path = f"{self.path(kind, name)}?fieldManager={manager}"
        edited: dict[str, Any] = self.plane.api.must("PATCH", path, patch, f"application/{form}+json")
        return edited

    def delete(self, kind: str, name: str) -> None:
        """Another hand deletes an object."""
        self.plane.api.must("DELETE", self.path(kind, name))

    def requests(self, mark: int) -> list[str]:
        """``<verb> <resource>`` of what the engine sent since ``mark``."""
        events = self.plane.audit_events(mark, user=self.user)
        return [f"{e['verb']} {e.get('objectRef', {}).get('resource', e['requestURI'])}" for e in events]


@pytest.fixture
def world(plane: ControlPlane) -> World:
    """A namespace of the test's own, with the service accounts that pods would need."""
    name = f"test-{next(_NUMBERS)}"
    plane.api.must("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return World(plane, name)


@pytest.fixture
def nowhere(plane: ControlPlane) -> World:
    """A namespace that does not exist."""
    return World(plane, f"test-{next(_NUMBERS)}")


def kubeconfig_with_role(plane: ControlPlane, namespace: str, rules: list[dict[str, list[str]]]) -> tuple[str, Path]:
    """A user (name, kubeconfig) who may do in one namespace what the rules say, and nothing else."""
    user = f"user-{next(_NUMBERS)}"
    api, group = plane.api, "rbac.authorization.k8s.io"
    path = f"/apis/{group}/v1/namespaces/{namespace}"
    api.must("POST", f"{path}/roles", {"metadata": {"name": user}, "rules": rules})
    binding = {
        "metadata": {"name": user},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": user},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }
    api.must("POST", f"{path}/rolebindings", binding)
    return user, plane.user_kubeconfig(user)


@pytest.fixture
def plane_default(plane: ControlPlane) -> World:
    """The namespace ``default``."""
    return World(plane, "default")
