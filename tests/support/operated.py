# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Prometheus Operator on a real API server without nodes, and processes in the place of its pods.

The operator makes a StatefulSet of each custom resource ``Prometheus``, the StatefulSet's controller a pod. Nobody runs
that, so :class:`Kubelet` does: it starts Prometheus and the sidecar with the arguments, the variables and the Secrets
of the pod, and says that the pod is ready.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.support.others_prometheus import own_address
from tests.support.waiting import answers, until
from tests.testbed.api import Api
from tests.testbed.binaries import path_of
from tests.testbed.control_plane import ControlPlane
from tests.testbed.paths import MODULES

GROUP = "monitoring.coreos.com"
PROMETHEUSES = f"prometheuses.{GROUP}"
_MODULE = "github.com/prometheus-operator/prometheus-operator"
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_VARIABLE = re.compile(r"\$\(([A-Z_]+)\)")


def definitions() -> dict[str, dict[str, Any]]:
    """The operator's own definitions of its kinds, by name: they come with its Go module."""
    command = ("go", "list", "-m", "-f", "{{.Dir}}", _MODULE)
    settings = {**os.environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    done = subprocess.run(command, cwd=MODULES / "operator", env=settings, check=True, capture_output=True, text=True)
    folder = Path(done.stdout.strip()) / "jsonnet" / "prometheus-operator"
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*-crd.json"))]
    return {each["metadata"]["name"]: each for each in found}


def define(api: Api, definition: Mapping[str, Any]) -> None:
    """Have a kind in the cluster, or have it anew, and wait until the server serves it."""
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition['metadata']['name']}"
    way = f"{path}?fieldManager=operator&force=true"
    # They are long, and a busy server may take its time for one.
    until(lambda: api.request("PATCH", way, definition, _APPLY).status in (200, 201), 120)
    names = definition["spec"]["names"]
    version = next(each["name"] for each in definition["spec"]["versions"] if each["storage"])
    until(lambda: api.succeeds(f"/apis/{definition['spec']['group']}/{version}/{names['plural']}"))


@contextmanager
def operating(plane: ControlPlane, folder: Path) -> Iterator[None]:
    """The operator runs, with the rights of the control plane's admin, until the block ends."""
    for definition in definitions().values():
        define(plane.api, definition)
    command = (str(path_of("prometheus-operator")), f"--web.listen-address=127.0.0.1:{_free('127.0.0.1')}")
    settings = {**os.environ, "KUBECONFIG": str(plane.kubeconfig)}
    with (folder / "operator.log").open("wb") as log:
        process = subprocess.Popen(command, env=settings, stdout=log, stderr=log)
        try:
            until(lambda: process.poll() is None and answers(f"http://{command[1].partition('=')[2]}/healthz"))
            yield
        finally:
            process.kill()
            process.wait()


class Kubelet:
    """Runs the pods of one StatefulSet of the operator's, one after the other, until the block ends."""

    def __init__(self, api: Api, namespace: str, resource: str, folder: Path) -> None:
        self._api, self._namespace, self._resource = api, namespace, resource
        self.pod = f"prometheus-{resource}-0"
        self._folder = folder
        self._address = own_address()
        self._ports = dict.fromkeys(("prometheus", "http", "grpc"), 0)
        for name in self._ports:
            self._ports[name] = _free(self._address)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._uid = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work)
        folder.mkdir()

    def __enter__(self) -> Kubelet:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        self._stop()

    @property
    def listen(self) -> str:
        """Where Prometheus has to listen: an address that is this machine's, since a pod has none of its own."""
        return f"{self._address}:{self._ports['prometheus']}"

    @property
    def sidecar(self) -> str:
        """The URL of the sidecar."""
        return f"http://{self._address}:{self._ports['http']}"

    def _work(self) -> None:
        while not self._done.wait(0.2):
            pod = self._api.request("GET", f"/api/v1/namespaces/{self._namespace}/pods/{self.pod}").body
            metadata = (pod or {}).get("metadata") or {}
            if metadata.get("uid", self._uid) != self._uid and "deletionTimestamp" not in metadata:
                self._stop()
                self._run(pod)
                self._uid = metadata["uid"]

    def _run(self, pod: Mapping[str, Any]) -> None:
        containers = {each["name"]: each for each in pod["spec"]["containers"]}
        self._mount(pod)
        self._start("prometheus", containers["prometheus"])
        until(lambda: answers(f"http://{self.listen}/-/ready"), missing=(self._folder / "prometheus.log").read_text)
        if "thanos-sidecar" in containers:
            self._start("thanos", containers["thanos-sidecar"])
            until(lambda: answers(f"{self.sidecar}/-/ready"), missing=(self._folder / "thanos.log").read_text)
        ready = [{"type": "Ready", "status": "True"}]
        state = {"phase": "Running", "podIP": self._address, "podIPs": [{"ip": self._address}], "conditions": ready}
        path = f"/api/v1/namespaces/{self._namespace}/pods/{self.pod}/status"
        # Its controller may replace it at any moment.
        self._api.request("PATCH", path, {"status": state}, _MERGE)

    def _mount(self, pod: Mapping[str, Any]) -> None:
        """What the sidecar has of Secrets, in folders named as the volumes."""
        for volume in pod["spec"]["volumes"]:
            secret = (volume.get("secret") or {}).get("secretName")
            if not secret:
                continue
            (self._folder / volume["name"]).mkdir(exist_ok=True)
            body = self._api.must("GET", f"/api/v1/namespaces/{self._namespace}/secrets/{secret}")
            for key, content in (body.get("data") or {}).items():
                (self._folder / volume["name"] / key).write_bytes(base64.b64decode(content))

    def _start(self, program: str, container: Mapping[str, Any]) -> None:
        with (self._folder / f"{program}.log").open("wb") as log:
            command = [str(path_of(program)), *(self._here(each, container) for each in container["args"])]
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log))

    def _stop(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes = []

    def _here(self, argument: str, container: Mapping[str, Any]) -> str:
        """An argument of the pod on this machine: variables filled in, and folders and addresses that there are."""
        variables = {each["name"]: self._value(each) for each in container.get("env") or ()}
        text = _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), argument)
        flag = text.partition("=")[0]
        if flag == "--config.file":
            return f"{flag}={self._file('prometheus.yaml', f'prometheus-{self._resource}', 'prometheus.yaml.gz')}"
        if flag == "--web.config.file":
            name = f"prometheus-{self._resource}-web-config"
            return f"{flag}={self._file('web-config.yaml', name, 'web-config.yaml')}"
        places = {
            "--storage.tsdb.path": str(self._folder / "data"),
            "--tsdb.path": str(self._folder / "data"),
            "--prometheus.url": f"http://{self.listen}/",
            "--http-address": f"{self._address}:{self._ports['http']}",
            "--grpc-address": f"{self._address}:{self._ports['grpc']}",
        }
        if flag in places:
            return f"{flag}={places[flag]}"
        for mount in container.get("volumeMounts") or ():
            text = text.replace(f"={mount['mountPath']}/", f"={self._folder / mount['name']}/")
        return text

    def _value(self, variable: Mapping[str, Any]) -> str:
        source = (variable.get("valueFrom") or {}).get("secretKeyRef")
        return self._secret(source["name"], source["key"]).decode() if source else str(variable.get("value", ""))

    def _file(self, file: str, secret: str, key: str) -> Path:
        """A file that the pod has from a Secret, where its reloader has filled in the pod's name."""
        content = self._secret(secret, key)
        text = gzip.decompress(content) if key.endswith(".gz") else content
        (self._folder / file).write_text(text.decode().replace("$(POD_NAME)", self.pod), encoding="utf-8")
        return self._folder / file

    def _secret(self, name: str, key: str) -> bytes:
        body = self._api.must("GET", f"/api/v1/namespaces/{self._namespace}/secrets/{name}")
        return base64.b64decode(body["data"][key])


def _free(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def without(definition: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    """A definition of a kind as a release had it that did not know these fields of a sidecar yet."""
    older: dict[str, Any] = json.loads(json.dumps(definition))
    for version in older["spec"]["versions"]:
        known = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["thanos"]["properties"]
        for field in fields:
            del known[field]
    return older
