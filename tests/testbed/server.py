# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops the processes of one control plane, on loopback or inside a cluster's network namespace."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path

from tests.testbed import audit, components, kubeconfig
from tests.testbed.api import Api
from tests.testbed.components import API_SERVICE_ADDRESS, API_SERVICE_NAMES, ServerPlan
from tests.testbed.errors import TestbedError
from tests.testbed.files import write_json
from tests.testbed.pki import Authority, Certificate
from tests.testbed.process import Command, ProcessGroup

API_SERVER = "kube-apiserver"
CONTROLLERS = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
# Seconds, with room for a machine that is busy with something else.
_START_TIMEOUT = 120.0


class Server:
    """One control plane.

    ``binaries`` maps program → path, ``prefix`` is put before every command (to enter a namespace). Nothing runs
    until :meth:`start`.
    """

    def __init__(self, plan: ServerPlan, binaries: dict[str, Path], prefix: tuple[str, ...] = ()) -> None:
        self.plan = plan
        self.processes = ProcessGroup(plan.directory)
        self.authority = Authority(plan.pki)
        self._binaries = binaries
        self._prefix = prefix

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of an administrator (group system:masters, by client certificate)."""
        return self.plan.directory / "kubeconfig"

    @property
    def own_kubeconfig(self) -> Path:
        """Kubeconfig of the testbed itself: as mighty, and its requests do not appear in the audit log."""
        return self.plan.directory / "testbed.kubeconfig"

    def api(self) -> Api:
        """Requests as the testbed itself."""
        certificate = Certificate(self.plan.pki / "testbed.crt", self.plan.pki / "testbed.key")
        return Api(self.plan.url, self.authority.certificate, certificate)

    def write_files(self) -> None:
        """Certificates, kubeconfigs and the audit policy; those that exist are kept."""
        pki, directory = self.authority, self.plan.directory
        pki.create(f"{self.plan.name} authority")
        names = (*API_SERVICE_NAMES, "localhost", self.plan.address, API_SERVICE_ADDRESS, "127.0.0.1")
        pki.issue("apiserver", "kube-apiserver", names=tuple(dict.fromkeys(names)))
        pki.issue("apiserver-kubelet", "kube-apiserver-kubelet-client", "system:masters")
        pki.signing_key("tokens")
        for name, user, group, path in (
            ("admin", "admin", "system:masters", self.kubeconfig),
            ("testbed", audit.TESTBED_USER, "system:masters", self.own_kubeconfig),
            ("controllers", "system:kube-controller-manager", "", directory / "controllers.kubeconfig"),
            ("scheduler", "system:kube-scheduler", "", directory / "scheduler.kubeconfig"),
        ):
            certificate = pki.issue(name, user, group)
            write_json(path, kubeconfig.with_certificate(self.plan.name, self.plan.url, pki.certificate, certificate))
        write_json(self.plan.audit_policy, audit.POLICY)

    def start(self, with_scheduler: bool) -> None:
        """Start what does not run, and wait until the API server serves and the controllers control."""
        self.write_files()
        self.start_api_server()
        self._start(CONTROLLERS, components.controller_manager(self.plan, self._binaries[CONTROLLERS]))
        if with_scheduler:
            self._start(SCHEDULER, components.scheduler(self.plan, self._binaries[SCHEDULER]))
        # Without this account no pod can be created in the namespace "default".
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        api = self.api()
        self.processes.wait_ready(CONTROLLERS, lambda: api.succeeds(account), _START_TIMEOUT)

    def start_api_server(self) -> None:
        """Start etcd and the API server unless they run, and wait until it is ready."""
        self._start("etcd", components.etcd(self.plan, self._binaries["etcd"]))
        self._start(API_SERVER, components.api_server(self.plan, self._binaries[API_SERVER]), (self.plan.audit_policy,))
        api = self.api()
        self.processes.wait_ready(API_SERVER, lambda: api.succeeds("/readyz"), _START_TIMEOUT)

    def stop(self, grace: float = 2.0) -> None:
        """Stop all processes; ``grace`` seconds each between the polite signal and the last one."""
        for name in reversed(self.processes.names()):
            self.processes.stop(name, grace)

    def token(self, namespace: str, account: str, seconds: int) -> str:
        """A token for the ServiceAccount ``account`` that is valid for ``seconds`` (600 at least)."""
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        return str(self.api().must("POST", path, body)["status"]["token"])

    def wait_logged(self, path_and_query: str, timeout: float = 5.0) -> None:
        """Wait until the audit log holds a request for ``path_and_query``, and hence those answered before it."""
        deadline = time.monotonic() + timeout
        needle = path_and_query.encode()
        while needle not in self.plan.audit_log.read_bytes():
            if time.monotonic() > deadline:
                raise TestbedError(
                    f"the audit log {self.plan.audit_log} does not show a request sent {timeout:.0f} s ago"
                )
            time.sleep(0.02)

    def running(self, names: Collection[str]) -> dict[str, bool]:
        """Process name → whether it runs."""
        return {name: self.processes.running(name) for name in names}

    def _start(self, name: str, argv: tuple[str, ...], files: tuple[Path, ...] = ()) -> None:
        self.processes.start(Command(name, argv, self._prefix, files=files))
