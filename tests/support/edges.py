# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A querier that reads other clusters, and queriers of such clusters, as plain processes with certificates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.endpoint_file import endpoint_file
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.grpc_tls import CLIENT_DIR, SERVER_DIR, server_args
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.authorities import Authority
from tests.support.loopback import Stack

HUB = "thanos-query-5d9c7b-0"


def server_name(edge: str) -> str:
    """The name in the certificate of an edge's querier."""
    return f"query.thanos.{edge}.thanos.internal"


class Fleet(Stack):
    """One querier, which is the hub's only pod, and as many edges as a test starts."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.client_ca = Authority("hub client CA")
        self.client = self.directory / "client"
        self.client.mkdir()
        self._write_pair(self.client / "tls", *self.client_ca.issue("hub"))

    def address(self, host: int) -> str:
        """The address of an edge's querier."""
        return f"{self._network}.{host}:10901"

    def endpoint(self, name: str, host: int) -> dict[str, Any]:
        """The option of the hub's querier for an edge."""
        tls = {"ca": f"{name}.crt"}
        own = {"name": name, "address": self.address(host), "strict": True}
        return {**own, "tls": tls, "server_name": server_name(name)}

    def start_edge(
        self,
        name: str,
        host: int,
        *,
        signer: Authority | None = None,
        names: tuple[str, ...] = (),
        clients: Authority | None = None,
        days: float = 30,
        replicas: int = 0,
        tls: bool = True,
    ) -> None:
        """The querier of an edge, with ``replicas`` Prometheis behind it.

        The hub trusts the edge's own CA; ``signer`` and ``names`` are those of its certificate where they are others,
        and ``clients`` is the CA that it trusts.
        """
        authority = Authority(f"{name} server CA")
        (self.client / f"{name}.crt").write_text(authority.certificate)
        folder = self._data(f"edge-{name}")
        self._write_pair(folder / "tls", *(signer or authority).issue(*(names or (server_name(name),)), days=days))
        (folder / "ca.crt").write_text((clients or self.client_ca).certificate)
        behind = [self._start_prometheus_of(name, host + 1 + number, number) for number in range(replicas)]
        (folder / "endpoints.yml").write_text(json.dumps({"endpoints": [{"address": each} for each in behind]}))
        options = {"grpc_tls": {"secret": "server"}}
        (edge,) = parse({"cluster": name, "instances": {"query": options}}).instances
        flags = [argument.replace(SERVER_DIR, str(folder)) for argument in server_args(edge)]
        self._query(f"edge-{name}", f"{self._network}.{host}", folder / "endpoints.yml", *(flags if tls else ()))

    def stop_edge(self, name: str) -> None:
        """Kill the querier of an edge."""
        self.stop_process(f"edge-{name}")

    def start_hub(self, endpoints: list[Any], mode: str = "local", **more: Any) -> dict[str, Any]:
        """Start the hub's querier anew with the endpoint file that we render; the options of its stack come back."""
        options = {"replicas": 1, "client_tls": {"secret": "client"}, "endpoints": endpoints, "mode": mode, **more}
        params = {"cluster": "hub", "instances": {"query": options}}
        stack = parse(params)
        text = endpoint_file(stack.instances[0], Context(stack, Facts()))
        (self.directory / "endpoints.yml").write_text(text.replace(CLIENT_DIR, str(self.client)))
        if HUB in self.pods:
            self.stop_pod(HUB)
        self.add_pod(HUB, "query", 50)
        self.start_pod(HUB, more=[f"--query.mode={mode}"])
        return params

    def _start_prometheus_of(self, edge: str, host: int, number: int) -> str:
        """A Prometheus of an edge with its sidecar; the address of the StoreAPI comes back."""
        ip, name = f"{self._network}.{host}", f"edge-{edge}-{number}"
        labels = {"cluster": edge, "prometheus_replica": name}
        job = {"job_name": "prometheus", "static_configs": [{"targets": [f"{self._network}.{host - number}:9090"]}]}
        config = self.directory / f"{name}.yml"
        config.write_text(
            json.dumps({"global": {"scrape_interval": "2s", "external_labels": labels}, "scrape_configs": [job]})
        )
        data = self._data(name)
        blocks = ("--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h")
        listen = (f"--web.listen-address={ip}:9090", f"--storage.tsdb.path={data}")
        self._start(f"{name}.prometheus", "prometheus", f"--config.file={config}", *listen, *blocks)
        ports = (f"--http-address={ip}:10902", f"--grpc-address={ip}:10901")
        self._start(
            f"{name}.sidecar", "thanos", "sidecar", *ports, f"--prometheus.url=http://{ip}:9090", f"--tsdb.path={data}"
        )
        return f"{ip}:10901"

    def _query(self, process: str, ip: str, endpoints: Path, *more: str) -> None:
        ports = (f"--http-address={ip}:10902", f"--grpc-address={ip}:10901")
        file = (f"--endpoint.sd-config-file={endpoints}", "--query.replica-label=prometheus_replica")
        self._start(process, "thanos", "query", *ports, *file, *more)

    @staticmethod
    def _write_pair(stem: Path, certificate: str, key: str) -> None:
        stem.with_suffix(".crt").write_text(certificate)
        stem.with_suffix(".key").write_text(key)
