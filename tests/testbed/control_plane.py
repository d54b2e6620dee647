# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd, API server and controller manager on loopback ports: a real API server in seconds, without root or pods.

In tests::

    with ControlPlane() as plane:
        client = connect({"kubeconfig": str(plane.kubeconfig)})
        mark = plane.audit_mark()
        ...
        assert len(plane.audit_events(mark, user="admin")) <= 20
"""

from __future__ import annotations

import re
import shutil
import signal
import time
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.testbed import audit, host, kubeconfig, ports
from tests.testbed.api import Api
from tests.testbed.binaries import CONTROL_PLANE, control_plane
from tests.testbed.build import build
from tests.testbed.components import Ports, ServerPlan
from tests.testbed.errors import TestbedError
from tests.testbed.files import locked, read_json, write_json
from tests.testbed.paths import private_name, state_dir, sweep
from tests.testbed.pki import Certificate
from tests.testbed.process import WITH_PARENT, ProcessGroup
from tests.testbed.progress import Progress
from tests.testbed.server import API_SERVER, CONTROLLERS, Server

ADDRESS = "127.0.0.1"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_PORTS = "ports.json"
_PORT_NAMES = tuple(field.name for field in fields(Ports))


class ControlPlane:
    """One control plane. As a context manager it runs for the block, and leaves nothing behind.

    ``name`` is chosen when it is not given, ``release`` is one of OTHER_KUBERNETES. With ``keep`` the processes outlive
    this Python process (as the command ``control-plane up`` wants); otherwise they end with the thread that called
    :meth:`up`.
    """

    def __init__(
        self, name: str | None = None, *, keep: bool = False, progress: Progress | None = None, release: str = ""
    ) -> None:
        self.name = name if name is not None else private_name()
        if not _NAME.fullmatch(self.name):
            raise TestbedError(f"control plane name '{name}' is not valid: use 1 to 32 of a-z, 0-9 and '-'")
        self.directory = _home() / self.name
        self._lock = _home() / f".{self.name}.lock"
        self._prefix = () if keep else WITH_PARENT
        self._progress = progress or Progress(quiet=True)
        self._programs = control_plane(release)
        self._server: Server | None = None

    def __enter__(self) -> ControlPlane:
        try:
            return self.up()
        except BaseException:
            self.down()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of the user ``admin`` (group system:masters, by client certificate)."""
        return self._running().kubeconfig

    @property
    def url(self) -> str:
        """Address of the API server: ``https://127.0.0.1:PORT``."""
        return self._running().plan.url

    @property
    def ca_file(self) -> Path:
        """PEM file of the authority that signed the API server's certificate."""
        return self._running().authority.certificate

    @property
    def audit_log(self) -> Path:
        """The API server's audit log: JSON lines, level Metadata, Kubernetes' own requests left out."""
        return self._running().plan.audit_log

    @property
    def admin(self) -> Certificate:
        """Client certificate and key of the user ``admin``."""
        return self._running().authority.issue("admin", "admin", "system:masters")

    @property
    def api(self) -> Api:
        """Requests for the test's own set-up: made with group system:masters, and never in the audit log."""
        return self._running().api()

    def up(self) -> ControlPlane:
        """Start what does not run, and wait until it serves. Compiles the programs when they are not cached."""
        built = build(self._programs.values(), self._progress)
        binaries = {name: built[wanted] for name, wanted in self._programs.items()}
        sweep(_home())
        if not self.directory.exists():
            host.require_room(_home(), host.CONTROL_PLANE_ROOM, f"control plane {self.name}")
        with self._progress.step(f"control plane {self.name} ready"), locked(self._lock):
            self._server = Server(_plan(self.name, self.directory), binaries, self._prefix)
            self._server.start(with_scheduler=False)
        return self

    def down(self) -> None:
        """Stop it and remove its files; not running is not an error."""
        with locked(self._lock):
            processes = ProcessGroup(self.directory)
            # The server's clients before it; etcd holds nothing that is worth a clean end.
            for name in reversed(processes.names()):
                processes.stop(name, grace=0)
            shutil.rmtree(self.directory, ignore_errors=True)
            self._lock.unlink(missing_ok=True)
        self._server = None

    def stop_server(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the API server (only): at once, or with SIGTERM and 5 s to close what is open (watches last longer)."""
        self._running().processes.stop(API_SERVER, grace=0 if number == signal.SIGKILL else 5)

    def start_server(self) -> None:
        """Start the API server again, on the same port with the same data, and wait until it is ready."""
        self._running().start_api_server()

    def stop_controllers(self) -> None:
        """End the controller manager, for tests that write what controllers write."""
        self._running().processes.stop(CONTROLLERS)

    def restart(self, number: signal.Signals = signal.SIGKILL, away: float = 0.0) -> None:
        """Stop the API server, stay away for ``away`` seconds, start it again; about 3 s besides."""
        self.stop_server(number)
        time.sleep(away)
        self.start_server()

    def service_account_kubeconfig(self, namespace: str, account: str, seconds: int = 3600) -> Path:
        """A kubeconfig with a token of an existing ServiceAccount, valid for ``seconds`` (600 at least)."""
        token = self._running().token(namespace, account, seconds)
        path = self.directory / "accounts" / f"{namespace}.{account}.kubeconfig"
        write_json(path, kubeconfig.with_token(self.name, self.url, self.ca_file, token))
        return path

    def user_kubeconfig(self, user: str, group: str = "") -> Path:
        """A kubeconfig with a client certificate for any user name; it may do what RBAC lets it."""
        server = self._running()
        certificate = server.authority.issue(f"user-{user}", user, group)
        path = self.directory / "accounts" / f"{user}.kubeconfig"
        write_json(path, kubeconfig.with_certificate(self.name, self.url, self.ca_file, certificate))
        return path

    def audit_mark(self) -> int:
        """The place in the audit log after every request that was answered before this call."""
        server = self._running()
        marker = f"/version?mark={time.monotonic_ns()}"
        identity = server.authority.issue("marker", audit.MARKER_USER)
        Api(server.plan.url, server.authority.certificate, identity).request("GET", marker)
        server.wait_logged(marker)
        return server.plan.audit_log.stat().st_size

    def audit_events(self, mark: int = 0, user: str | None = None) -> list[dict[str, Any]]:
        """The requests answered since ``mark`` (from :meth:`audit_mark`), of ``user`` only where it is given.

        An event has ``verb``, ``requestURI``, ``user.username``, ``userAgent``, ``objectRef``,
        ``responseStatus.code``. A watch is one event.
        """
        self.audit_mark()
        events = [
            event for event in audit.read_events(self.audit_log, mark) if audit.user_of(event) != audit.MARKER_USER
        ]
        return [event for event in events if user is None or audit.user_of(event) == user]

    def describe(self) -> dict[str, Any]:
        """What a test in any language needs, JSON-ready."""
        processes = ProcessGroup(self.directory)
        plan = _plan(self.name, self.directory)
        return {
            "name": self.name,
            "url": plan.url,
            "kubeconfig": str(self.directory / "kubeconfig"),
            "ca_file": str(plan.pki / "ca.crt"),
            "audit_log": str(plan.audit_log),
            "processes": {name: processes.running(name) for name in CONTROL_PLANE},
        }

    def _running(self) -> Server:
        if self._server is None:
            raise TestbedError(f"control plane {self.name} is not up: call up() first, or use it in a with statement")
        return self._server


def names() -> list[str]:
    """Every control plane that has state on this machine."""
    return sorted(path.parent.name for path in _home().glob(f"*/{_PORTS}"))


def _home() -> Path:
    return state_dir() / "control-planes"


def _plan(name: str, directory: Path) -> ServerPlan:
    """The plan of a control plane; its ports are chosen once, so that it can be started again."""
    reserved = directory / _PORTS
    if read_json(reserved) is None:
        with locked(_home() / ".ports.lock"):
            others = [read_json(path) or {} for path in _home().glob(f"*/{_PORTS}")]
            taken = {port for other in others for port in other.values()}
            write_json(
                reserved,
                dict(zip(_PORT_NAMES, ports.choose(len(_PORT_NAMES), ports.FOR_CONTROL_PLANES, taken), strict=True)),
            )
    return ServerPlan(name, directory, ADDRESS, Ports(**read_json(reserved)), published=False)
