# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one port of a workload's pods is spoken to: by probes, Services, other tiers, gates and verify."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


def at(host: str, port: int) -> str:
    """The address of a port at a name or an IP address; that of IPv6 is in brackets, as Thanos writes it too."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True)
class Channel:
    """One port. ``name`` is that of the port in containers and Services, ``scheme`` http, https or grpc.

    ``prefix`` is the path before the APIs, such as ``/thanos``; health and metrics are behind it only with ``whole``,
    as those of Prometheus are. ``closed`` says why neither a kubelet nor the API server's proxy can send a request
    there (it needs a client certificate or a password, or is no HTTP); empty where they can.
    """

    name: str
    port: int
    scheme: str = "http"
    prefix: str = ""
    closed: str = ""
    whole: bool = False

    def container_port(self) -> dict[str, Any]:
        """The port in a container."""
        return {"name": self.name, "containerPort": self.port, "protocol": "TCP"}

    def service_port(self) -> dict[str, Any]:
        """The port in a Service."""
        return {"name": self.name, "port": self.port, "protocol": "TCP", "targetPort": self.name}

    def probe(self, path: str) -> dict[str, Any]:
        """What a kubelet does to see whether the process is well; a closed port it can only connect to."""
        if self.closed:
            return {"tcpSocket": {"port": self.name}}
        secure = {"scheme": "HTTPS"} if self.scheme == "https" else {}
        return {"httpGet": {"path": self.plain(path), "port": self.name, **secure}}

    def plain(self, path: str) -> str:
        """Where health or metrics are, of which ``path`` is the end."""
        return f"{self.prefix if self.whole else ''}{path}"

    def url(self, host: str) -> str:
        """Where the APIs are at a host."""
        return f"{self.scheme}://{at(host, self.port)}{self.prefix}"

    def proxy(self, namespace: str, pod: str) -> str:
        """The path of the API server that leads to this port of a pod; what is behind it follows.

        The API server does not verify the pod's certificate.
        """
        secure = "https:" if self.scheme == "https" else ""
        return f"/api/v1/namespaces/{namespace}/pods/{secure}{pod}:{self.port}/proxy"


HTTP = Channel("http", 10902)
GRPC = Channel("grpc", 10901, "grpc", closed="gRPC does not pass the API server's proxy")
