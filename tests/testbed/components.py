# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the arguments of the processes of a control plane, from a plan of addresses and ports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SERVICE_RANGE = "10.96.0.0/16"
API_SERVICE_ADDRESS = "10.96.0.1"
API_SERVICE_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)
ISSUER = "https://kubernetes.default.svc.cluster.local"


@dataclass(frozen=True)
class Ports:
    """TCP ports of a control plane; all but ``api`` listen on the loopback address."""

    api: int
    etcd: int
    etcd_peer: int
    controllers: int
    scheduler: int


@dataclass(frozen=True)
class ServerPlan:
    """A control plane: ``directory`` holds all its files, ``address`` is where its API server listens."""

    name: str
    directory: Path
    address: str
    ports: Ports
    # Whether the Service "kubernetes" gets the API server's address; impossible for a loopback address.
    published: bool

    @property
    def url(self) -> str:
        """Address of the API server as clients write it."""
        return f"https://{self.address}:{self.ports.api}"

    @property
    def pki(self) -> Path:
        """Folder of keys and certificates."""
        return self.directory / "pki"

    @property
    def audit_log(self) -> Path:
        """File of the requests that the API server answered."""
        return self.directory / "audit.log"

    @property
    def audit_policy(self) -> Path:
        """File that says which requests are logged."""
        return self.directory / "audit-policy.json"


def etcd(plan: ServerPlan, binary: Path) -> tuple[str, ...]:
    """Arguments of etcd; it may lose data when the machine (not the process) dies, and is fast for it."""
    client = f"http://127.0.0.1:{plan.ports.etcd}"
    peer = f"http://127.0.0.1:{plan.ports.etcd_peer}"
    return (
        str(binary),
        f"--name={plan.name}",
        f"--data-dir={plan.directory / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={plan.name}={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    )


def api_server(plan: ServerPlan, binary: Path) -> tuple[str, ...]:
    """Arguments of the API server."""
    pki = plan.pki
    return (
        str(binary),
        f"--bind-address={plan.address}",
        f"--advertise-address={plan.address}",
        f"--secure-port={plan.ports.api}",
        f"--endpoint-reconciler-type={'lease' if plan.published else 'none'}",
        f"--etcd-servers=http://127.0.0.1:{plan.ports.etcd}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--tls-cert-file={pki / 'apiserver.crt'}",
        f"--tls-private-key-file={pki / 'apiserver.key'}",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={pki / 'tokens.key'}",
        f"--service-account-signing-key-file={pki / 'tokens.key'}",
        f"--kubelet-certificate-authority={pki / 'ca.crt'}",
        f"--kubelet-client-certificate={pki / 'apiserver-kubelet.crt'}",
        f"--kubelet-client-key={pki / 'apiserver-kubelet.key'}",
        "--kubelet-preferred-address-types=InternalIP",
        f"--audit-policy-file={plan.audit_policy}",
        f"--audit-log-path={plan.audit_log}",
        # One file: a test reads it from an offset, so it must not be rotated away (megabytes).
        "--audit-log-maxsize=4096",
    )


def controller_manager(plan: ServerPlan, binary: Path) -> tuple[str, ...]:
    """Arguments of the controller manager."""
    pki = plan.pki
    return (
        str(binary),
        "--bind-address=127.0.0.1",
        f"--secure-port={plan.ports.controllers}",
        f"--kubeconfig={plan.directory / 'controllers.kubeconfig'}",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={pki / 'tokens.key'}",
        f"--root-ca-file={pki / 'ca.crt'}",
        f"--cluster-signing-cert-file={pki / 'ca.crt'}",
        f"--cluster-signing-key-file={pki / 'ca.key'}",
        f"--cert-dir={plan.directory / 'controllers'}",
        # It makes this folder, by default in the host's /usr/libexec.
        f"--flex-volume-plugin-dir={plan.directory / 'volume-plugins'}",
    )


def scheduler(plan: ServerPlan, binary: Path) -> tuple[str, ...]:
    """Arguments of the scheduler."""
    return (
        str(binary),
        "--bind-address=127.0.0.1",
        f"--secure-port={plan.ports.scheduler}",
        f"--kubeconfig={plan.directory / 'scheduler.kubeconfig'}",
        "--leader-elect=false",
        f"--cert-dir={plan.directory / 'scheduler'}",
    )
