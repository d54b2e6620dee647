# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few answers of an API server that verify needs, over the processes of a loopback stack.

It lists the pods, tells a version, and is a proxy to the real process behind a pod or Service. It knows only GET, since
verify changes nothing.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.loopback import NAMESPACE, Pod, Stack
from tests.testbed import versions


class ApiServer:
    """Serves on a free loopback port until :meth:`stop`.

    ``forbidden`` are resources to refuse (``pods/proxy``), ``replicas`` the counts of workloads by name. ``rewritten``
    has what a webhook makes of an image, ``workloads`` the live workloads by name.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.forbidden: set[str] = set()
        self.requests: list[str] = []
        self.replicas: dict[str, int] = {}
        self.rewritten: dict[str, str] = {}
        self.workloads: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a GET of ``target`` (path and query)."""
        self.requests.append(target)
        path, _mark, query = target.partition("?")
        root, proxied, rest = path.partition("/proxy/")
        parts = path.split("/")
        resource = f"{parts[5]}/proxy" if proxied else parts[-1]
        if resource in self.forbidden:
            return _status(403, "Forbidden", f'{resource} is forbidden: User "verify" cannot get resource "{resource}"')
        if proxied:
            return self._proxy(root, f"/{rest}?{query}")
        if path == "/version":
            return _json({"gitVersion": f"v{versions.KUBERNETES}"})
        if resource == "log":
            return 200, {"Content-Type": "text/plain"}, self.stack.processes.log(f"{parts[-2]}.thanos").read_bytes()
        if resource == "pods":
            return _json({"items": [self._pod(pod) for pod in self.stack.pods.values()]})
        if resource == "services":
            return _json({"items": [_service(name) for name in ("thanos-query", "thanos-store")]})
        if resource in self.replicas:
            metadata = {"name": resource, "namespace": NAMESPACE}
            return _json({"metadata": metadata, "spec": {"replicas": self.replicas[resource]}})
        if resource in self.workloads:
            return _json(self.workloads[resource])
        return _status(404, "NotFound", f"{path} not found")

    def _proxy(self, root: str, target: str) -> tuple[int, dict[str, str], bytes]:
        kind, name = root.split("/")[-2:]
        address = self.stack.alertmanager
        if kind == "pods":
            pod, port = name.rsplit(":", 1)
            address = f"{self.stack.pods[pod].ip}:{port}"
        try:
            with urllib.request.urlopen(f"http://{address}{target}", timeout=10) as reply:
                return reply.status, {"Date": reply.headers["Date"]}, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, {}, error.read()
        except OSError as error:
            return _status(503, "ServiceUnavailable", f"error trying to reach service: {error}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, headers, body = outer.answer(self.path)
                self.send_response_only(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler

    def _pod(self, pod: Pod) -> dict[str, Any]:
        ready = self.stack.is_ready(pod.name)
        labels = {"app.kubernetes.io/instance": f"thanos-{pod.instance}", "o11y.thanos/stack": "thanos"}
        args = self.stack.arguments[pod.name]
        statuses = [{"name": name, "ready": ready, "restartCount": 0, "state": {}} for name, _image in pod.containers]
        return {
            "metadata": {"name": pod.name, "namespace": NAMESPACE, "labels": labels},
            "spec": {"containers": [_container(n, self.rewritten.get(i, i), args) for n, i in pod.containers]},
            "status": {
                "phase": "Running",
                "podIP": pod.ip,
                "hostIP": "127.0.0.1",
                "conditions": [{"type": "Ready", "status": str(ready)}],
                "containerStatuses": statuses,
            },
        }


def _container(name: str, image: str, args: Any) -> dict[str, Any]:
    return {"name": name, "image": image, "args": args}


def _service(name: str) -> dict[str, Any]:
    """A Service of type NodePort for the querier, and one of type ClusterIP for all else."""
    port: dict[str, Any] = {"name": "http", "port": 10902}
    if name == "thanos-query":
        port["nodePort"] = 30902
    return {"metadata": {"name": name}, "spec": {"ports": [{"name": "grpc", "port": 10901}, port]}}


def _json(value: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _status(code: int, reason: str, message: str) -> tuple[int, dict[str, str], bytes]:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "message": message,
        "code": code,
    }
    return code, {"Content-Type": "application/json"}, json.dumps(body).encode()
