# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the live facts that checks and rendering need, in parallel; what may not be read becomes a warning."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.compactors import find_compactors
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts, Instance, ObjstoreFact, Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.objstore import identity
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_sources import rule_sources
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.workload import ACCESS

Fetch = Callable[[], Any]


def gather(client: Client, stack: Stack) -> Facts:
    """The facts about ``stack`` in one cluster. Raises InvalidInput for rule sources that are missing."""
    reader = _Reader(client, stack)
    jobs: dict[str, Fetch] = {
        "namespace": reader.namespace_exists,
        "services": reader.services,
        "workloads": reader.workloads,
    }
    if any("storage" in i.options for i in stack.instances):
        jobs["classes"] = reader.storage_classes
    wanted = {(_store(i), ACCESS[i.tier]): i for i in stack.instances if i.tier in ACCESS}
    for key, instance in wanted.items():
        jobs[f"objstore/{key}"] = functools.partial(reader.objstore, instance)
    if stack.of("compact"):
        jobs["compactors"] = lambda: find_compactors(client, stack)
    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = {name: pool.submit(job) for name, job in jobs.items()}
        found = {name: future.result() for name, future in futures.items()}
    stores = {key: found[f"objstore/{key}"] for key in wanted}
    compactors, warnings = found.get("compactors") or ((), [])
    classes = found.get("classes")
    return Facts(
        namespace_exists=found["namespace"],
        objstores={key: fact for key, fact in stores.items() if fact},
        store_apis=found["services"],
        workloads=frozenset(o["metadata"]["name"] for items in found["workloads"].values() for o in items),
        live_instances={
            o["metadata"]["labels"].get("o11y.thanos/instance", ""): kind
            for kind, items in found["workloads"].items()
            for o in items
        },
        claims=_claims(found["workloads"]["StatefulSet"]),
        storage_classes=None if classes is None else frozenset(classes),
        default_storage_class=classes is None or any(classes.values()),
        compactors=compactors,
        rule_sources=rule_sources(client, stack),
        warnings=(*reader.warnings, *warnings),
    )


def _store(instance: Instance) -> str:
    named = instance["objstore_secret"]
    return f"secret/{named['name']}" if named else str(instance["objstore"])


class _Reader:
    """The single reads. A 404 is an answer; a 403 on what is only nice to know is a warning."""

    def __init__(self, client: Client, stack: Stack) -> None:
        self.client = client
        self.stack = stack
        self.path = f"/api/v1/namespaces/{stack.namespace}"
        self.selector = {"labelSelector": f"o11y.thanos/stack={stack.name}"}
        self.warnings: list[str] = []

    def namespace_exists(self) -> bool:
        """Whether the namespace is there; assumed so where namespaces may not be read."""
        return self.client.request("GET", self.path, ok=(403, 404)).status != 404

    def services(self) -> dict[str, str]:
        """Headless Services with a StoreAPI, by instance name."""
        query = {"labelSelector": f"o11y.thanos/stack={self.stack.name},o11y.thanos/store-api=true"}
        items = _items(self.client.request("GET", f"{self.path}/services", query=query).body)
        return {i["metadata"]["labels"]["o11y.thanos/instance"]: i["metadata"]["name"] for i in items}

    def workloads(self) -> dict[str, list[dict[str, Any]]]:
        """The stack's live StatefulSets and Deployments by kind."""
        root = f"/apis/apps/v1/namespaces/{self.stack.namespace}"
        plurals = {"StatefulSet": "statefulsets", "Deployment": "deployments"}
        return {
            kind: _items(self.client.request("GET", f"{root}/{plural}", query=self.selector).body)
            for kind, plural in plurals.items()
        }

    def storage_classes(self) -> dict[str, bool] | None:
        """Storage classes and whether each is the default; None where they may not be read."""
        answer = self.client.request("GET", "/apis/storage.k8s.io/v1/storageclasses", ok=(403,))
        if answer.status == 403:
            self.warnings.append("storage classes may not be read, so their names were not checked")
            return None
        marker = "storageclass.kubernetes.io/is-default-class"
        return {
            i["metadata"]["name"]: i["metadata"].get("annotations", {}).get(marker) == "true"
            for i in _items(answer.body)
        }

    def objstore(self, instance: Instance) -> ObjstoreFact | None:
        """The Secret that holds an instance's object store: its own, the access role's, or the store's."""
        named = instance["objstore_secret"]
        base = f"{self.stack.name}-objstore-{instance['objstore']}"
        names = [named["name"]] if named else [f"{base}-{ACCESS[instance.tier]}", base]
        for name in names:
            answer = self.client.request("GET", f"{self.path}/secrets/{name}", ok=(404,))
            if answer.status != 404:
                return _objstore_fact(answer.body, named["key"] if named else "objstore.yml")
        return None


def _objstore_fact(secret: Mapping[str, Any], key: str) -> ObjstoreFact:
    """A digest that says nothing to somebody who does not know the Secret's uid, and which store it is."""
    data = secret.get("data") or {}
    state = hmac.new(secret["metadata"]["uid"].encode(), digestmod=hashlib.sha256)
    for name in sorted(data):
        state.update(f"{name}\0{data[name]}\0".encode())
    text = base64.b64decode(data.get(key, "")).decode("utf-8", "replace")
    return ObjstoreFact(secret["metadata"]["name"], state.hexdigest()[:16], identity(text), key in data)


def _claims(stateful_sets: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Size and class of the claims of StatefulSets, by name."""
    result = {}
    for item in stateful_sets:
        templates = item["spec"].get("volumeClaimTemplates") or [{"spec": {}}]
        spec = templates[0]["spec"]
        size = spec.get("resources", {}).get("requests", {}).get("storage", "")
        result[item["metadata"]["name"]] = (size, spec.get("storageClassName", ""))
    return result


def _items(body: Any) -> list[dict[str, Any]]:
    return list(body.get("items") or [])
