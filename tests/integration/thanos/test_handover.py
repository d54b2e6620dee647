# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``stack`` in check mode hands its facts to the task that does the work: what that still asks a real API server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._parameters import accept, completed
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.task import STACK
from ansible_collections.o11y.thanos.plugins.plugin_utils._kept import RunKept
from tests.support.canary import leaks

from .conftest import FIVE_TIERS, STORE, Cluster

pytestmark = pytest.mark.api
NAMES = ("access_key", "secret_key")


class Tasks:
    """Runs the body of ``stack`` as the tasks of one run, and remembers the paths that each asked for."""

    def __init__(self, cluster: Cluster, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster, self.folder = cluster, folder
        self.asked: list[str] = []
        send = Client.request

        def request(client: Client, method: str, path: str, **more: Any) -> Any:
            self.asked.append(f"{method} {path}")
            return send(client, method, path, **more)

        monkeypatch.setattr(Client, "request", request)

    def run(self, check_mode: bool, instances: Mapping[str, Any] = FIVE_TIERS, host: str = "one") -> dict[str, Any]:
        """One task."""
        raw = {**self.cluster.arguments, "cluster": "eu", "wait": False, "instances": dict(instances), "purge": True}
        work = accept(STACK, raw)
        params = ArgumentSpecValidator(STACK.argument_spec).validate(raw).validated_parameters
        self.asked.clear()
        return work(completed(STACK, params), Mode(check_mode, kept=RunKept(str(self.folder), host)))

    @property
    def gathered(self) -> bool:
        """Whether the last task looked around, and did not only read Secrets and make its plan."""
        return any("/cronjobs" in each or each.endswith("/namespaces/kube-system") for each in self.asked)


@pytest.fixture
def tasks(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tasks:
    cluster.secret()
    cluster.stack(FIVE_TIERS)
    return Tasks(cluster, tmp_path, monkeypatch)


def test_an_unchanged_stack_is_gathered_once(tasks: Tasks) -> None:
    first = tasks.run(True)
    assert tasks.gathered
    before = len(tasks.asked)
    assert tasks.run(False) == first
    assert not tasks.gathered
    assert len(tasks.asked) <= before - 6
    tasks.run(False)
    assert tasks.gathered


def test_a_stack_is_changed_by_what_check_mode_gathered(tasks: Tasks) -> None:
    instances = {**FIVE_TIERS, "query": {"replicas": 3}}
    assert tasks.run(True, instances)["changed"]
    assert tasks.run(False, instances)["changed"]
    assert not tasks.gathered
    assert tasks.cluster.get("deployments/thanos-query")["spec"]["replicas"] == 3


def test_other_options_or_another_host_gather(tasks: Tasks) -> None:
    tasks.run(True)
    tasks.run(False, {**FIVE_TIERS, "query": {"replicas": 3}})
    assert tasks.gathered
    tasks.run(False, host="two")
    assert tasks.gathered


def test_no_value_of_a_secret_is_kept(tasks: Tasks) -> None:
    tasks.run(True)
    (file,) = tasks.folder.iterdir()
    text = file.read_text(encoding="utf-8")
    assert "thanos-objstore-default" in text
    assert leaks(text, {name: STORE[name] for name in NAMES}) == []
