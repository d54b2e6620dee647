# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the demo runs: a cluster and an S3 server of the testbed, or those that the environment names."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.demo import manifests
from tests.demo.errors import DemoError
from tests.demo.server import Server
from tests.testbed import testbed
from tests.testbed.build import build
from tests.testbed.paths import state_dir
from tests.testbed.prepare import prepare
from tests.testbed.progress import Progress
from tests.testbed.stores.store import well_known

PREFIX = "demo"
STORE = ("versitygw", False, "demo")


@dataclass(frozen=True)
class Reach:
    """A cluster: the path of its kubeconfig and the context in it, empty for the current one."""

    kubeconfig: str
    context: str = ""

    def environment(self) -> dict[str, str]:
        """For the collection's modules, and kubectl's users."""
        context = {"K8S_AUTH_CONTEXT": self.context} if self.context else {}
        return {"K8S_AUTH_KUBECONFIG": self.kubeconfig, **context}


@dataclass(frozen=True)
class ObjectStore:
    """What the example's inventory wants to know, or what takes its place; ``keys`` is a command that prints them."""

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    instead: Mapping[str, Any] | None = field(default=None, repr=False)
    keys: str = ""


def of_environment() -> Reach | None:
    """The cluster that KUBECONFIG and CONTEXT name, None where they do not."""
    path = os.environ.get("KUBECONFIG", "")
    if not path:
        if os.environ.get("CONTEXT"):
            raise DemoError("CONTEXT is set and KUBECONFIG is not; set both, or none for a cluster of the demo's own")
        return None
    if not Path(path).expanduser().is_file():
        raise DemoError(f"KUBECONFIG={path} is not a file")
    return Reach(str(Path(path).expanduser().absolute()), os.environ.get("CONTEXT", ""))


def boot(progress: Progress) -> Reach:
    """A cluster of the testbed, booted or found running."""
    (cluster,) = _booted(1, progress)
    return Reach(str(cluster["kubeconfig"]))


def boot_all(names: Sequence[str], progress: Progress) -> list[Reach]:
    """Clusters of the testbed, and one kubeconfig with a context of each name."""
    clusters = _booted(len(names), progress)
    together: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []}
    for name, cluster in zip(names, clusters, strict=True):
        own = json.loads(Path(str(cluster["kubeconfig"])).read_text())
        together["clusters"].append({**own["clusters"][0], "name": name})
        together["users"].append({**own["users"][0], "name": name})
        together["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
    file = state_dir() / f"{PREFIX}-kubeconfig.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(together))
    return [Reach(str(file), name) for name in names]


def own_clusters() -> list[str]:
    """Names of the clusters that the demo has made; that of the first one where there is none, for the message."""
    made = [str(cluster["name"]) for cluster in testbed.status()["clusters"]]
    return [name for name in made if name.rstrip("0123456789") == PREFIX] or [f"{PREFIX}1"]


def _booted(count: int, progress: Progress) -> list[dict[str, Any]]:
    prepare(progress)
    build((), progress)
    return testbed.up(count, PREFIX, progress)


def given_store() -> ObjectStore | None:
    """The object store in THANOS_OBJSTORE: YAML, or the path of a YAML file; None where it is not set."""
    text = os.environ.get("THANOS_OBJSTORE", "")
    if not text:
        return None
    try:
        file = Path(text).expanduser()
        content = yaml.safe_load(file.read_text() if "\n" not in text and file.is_file() else text)
    except (OSError, yaml.YAMLError):
        content = None  # the parser's message would quote the credentials
    if not isinstance(content, Mapping):
        raise DemoError("THANOS_OBJSTORE is neither the path of a YAML file nor a YAML mapping: {type: S3, bucket: …}")
    return ObjectStore(instead=content)


def testbed_store(progress: Progress) -> ObjectStore:
    """The S3 server of the testbed."""
    place = well_known(*STORE, progress).up().place
    kind, _tls, suffix = STORE
    command = f"{sys.executable} -m tests.testbed --quiet store up {kind} --suffix {suffix}"
    return _s3(place.endpoint, place.access_key, place.secret_key, command)


def store_inside(server: Server) -> ObjectStore:
    """An S3 server in the cluster itself, on a NodePort that the controller and the pods reach."""
    access_key, secret_key = _keys(server)
    server.apply(manifests.s3_server(access_key, secret_key))
    server.wait("S3 server ready", f"app.kubernetes.io/name={manifests.S3}", lambda: server.deployed(manifests.S3))
    port = server.node_port(manifests.S3)
    addresses = server.node_addresses()
    reached = next((address for address in addresses if _listens(address, port)), None)
    if reached is None:
        raise DemoError(
            f"the S3 server's NodePort {port} cannot be reached from here at {', '.join(addresses) or 'any node'}; "
            "set THANOS_OBJSTORE to an object store that this machine and the cluster reach"
        )
    command = f"kubectl -n {manifests.NAMESPACE} get secret {manifests.S3} -o yaml"
    return _s3(f"{reached}:{port}", access_key, secret_key, command)


def _s3(endpoint: str, access_key: str, secret_key: str, command: str) -> ObjectStore:
    keys = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}
    return ObjectStore({"S3_ENDPOINT": endpoint, **keys}, keys=command)


def for_others(reach: Reach, store: ObjectStore) -> list[tuple[str, str]]:
    """What to know for a stack of one's own beside the demo's: where the object store is, and what must differ."""
    where = "the one in THANOS_OBJSTORE"
    if "S3_ENDPOINT" in store.environment:
        where = f"{store.environment['S3_ENDPOINT']}, insecure: true; its keys: {store.keys}"
    context = f", thanos_context: {reach.context}" if reach.context else ""
    own = "thanos_stack, thanos_namespace and bucket of your own: docs/getting-started.md"
    return [("object store", where), ("a second stack", f"thanos_kubeconfig: {reach.kubeconfig}{context}; {own}")]


def _keys(server: Server) -> tuple[str, str]:
    """The credentials of an earlier run, or new ones."""
    saved = (server.get("Secret", manifests.S3) or {}).get("data", {})
    if saved:
        access_key, secret_key = (base64.b64decode(saved[f"ROOT_{name}"]).decode() for name in _NAMES)
        return access_key, secret_key
    return f"demo{secrets.token_hex(4)}", secrets.token_hex(20)


_NAMES = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")


def _listens(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=3):
            return True
    except OSError:
        return False


def remember(reach: Reach) -> None:
    """Write down that the demo is in a cluster of somebody else, so that ``down`` finds it without being told."""
    _save([*(known for known in remembered() if known != reach), reach])


def forget(reach: Reach) -> None:
    """It is there no more."""
    _save([known for known in remembered() if known != reach])


def remembered() -> list[Reach]:
    """Clusters of others in which the demo is."""
    file = _notes()
    return [Reach(**entry) for entry in json.loads(file.read_text())] if file.is_file() else []


def _save(reaches: list[Reach]) -> None:
    file = _notes()
    if not reaches:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([{"kubeconfig": r.kubeconfig, "context": r.context} for r in reaches]))


def _notes() -> Path:
    return state_dir() / "demo.json"
