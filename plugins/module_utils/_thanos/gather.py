# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the live facts that checks and rendering need, in parallel; what may not be read becomes a warning."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import (
    INSTANCE_LABEL,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    PODS_ANNOTATION,
    STACK_LABEL,
    label_of,
)
from .._objstore.identity import identity
from .compactors import compactors_among, instance_of
from .model import Facts, Instance, ObjstoreFact, Stack
from .rule_sources import rule_sources
from .tier import Duty

Fetch = Callable[[], Any]
# Kinds that the stack's workloads are of, and those that somebody else's compactor may be of.
_OWN = ("StatefulSet", "Deployment")
_WORKLOADS = (*_OWN, "CronJob")


@dataclass(frozen=True)
class Gathered:
    """``facts`` may be kept and handed on; ``secrets`` are the values read with them, which nothing may quote."""

    facts: Facts
    secrets: tuple[str, ...] = field(default=(), repr=False)


def gather(client: Client, stack: Stack) -> Gathered:
    """The facts about ``stack`` in one cluster. Raises InvalidInput for rule sources that are missing."""
    reader = _Reader(client, stack)
    jobs: dict[str, Fetch] = {
        "services": reader.services,
        **{kind: functools.partial(reader.workloads, kind) for kind in _WORKLOADS},
    }
    if any("storage" in i.options for i in stack.instances):
        jobs["classes"] = reader.storage_classes
    users = [i for i in stack.instances if i.tier.access]
    for name in {name for i in users for name in _secret_names(i, stack)}:
        jobs[f"secret/{name}"] = functools.partial(reader.secret, name)
    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = {name: pool.submit(job) for name, job in jobs.items()}
        found = {name: future.result() for name, future in futures.items()}
    secrets = {name: found[f"secret/{name}"] for i in users for name in _secret_names(i, stack)}
    sources = {name: reader.secret(name) for name in _sources(secrets.values())}
    classes = found.get("classes")
    everything = {kind: found[kind] for kind in _WORKLOADS}
    live = {kind: [item for item in items if instance_of(item, stack)] for kind, items in everything.items()}
    facts = Facts(
        objstores=_objstores(users, stack, secrets, sources),
        store_apis=found["services"],
        workloads=frozenset(o["metadata"]["name"] for items in live.values() for o in items),
        live_instances={instance_of(o, stack): kind for kind, items in live.items() for o in items},
        claims=_claims(live["StatefulSet"]),
        storage_classes=None if classes is None else frozenset(classes),
        default_storage_class=classes is None or any(classes.values()),
        rule_sources=rule_sources(client, stack),
    )
    compactors = (
        compactors_among(client, stack, facts, everything, reader.compactor_pods) if stack.doing(Duty.COMPACT) else ()
    )
    facts = replace(facts, compactors=tuple(compactors), warnings=tuple(sorted(reader.warnings)))
    return Gathered(facts, _values(stack, facts, {**secrets, **sources}))


def secrets_of(client: Client, stack: Stack, facts: Facts) -> tuple[str, ...]:
    """The values that ``gather`` would return with ``facts``, read again where these were handed on without them."""
    reader = _Reader(client, stack)
    found = facts.objstores.values()
    names = {fact.secret for fact in found} | {name for fact in found for name, _key in fact.env.values()}
    return _values(stack, facts, {name: reader.secret(name) for name in sorted(names)})


def _values(stack: Stack, facts: Facts, secrets: Mapping[str, Mapping[str, Any] | None]) -> tuple[str, ...]:
    """What nothing may quote: the configurations of object stores, and what pods take from other Secrets."""
    places = {place for fact in facts.objstores.values() for place in fact.env.values()}
    for instance in (i for i in stack.instances if i.tier.access):
        store, key = _store_of(instance)
        fact = facts.objstores.get((store, instance.tier.access))
        places |= {(fact.secret, key)} if fact else set()
    values = (((secrets.get(name) or {}).get("data") or {}).get(key, "") for name, key in sorted(places))
    return tuple(filter(None, map(_decoded, values)))


def _store_of(instance: Instance) -> tuple[str, str]:
    """What an instance's object store is known by among the facts, and the key of its configuration in the Secret."""
    named = instance["objstore_secret"]
    return (f"secret/{named['name']}", named["key"]) if named else (str(instance["objstore"]), "objstore.yml")


def _secret_names(instance: Instance, stack: Stack) -> list[str]:
    """The Secrets that may hold an instance's object store, the best one first."""
    named = instance["objstore_secret"]
    base = f"{stack.name}-objstore-{instance['objstore']}"
    return [named["name"]] if named else [f"{base}-{instance.tier.access}", base]


def _objstores(
    users: Iterable[Instance],
    stack: Stack,
    secrets: Mapping[str, Mapping[str, Any] | None],
    sources: Mapping[str, Mapping[str, Any] | None],
) -> dict[tuple[str, str], ObjstoreFact]:
    """What each instance's object store is, from the first of its Secrets that exists."""
    result: dict[tuple[str, str], ObjstoreFact] = {}
    for instance in users:
        store, key = _store_of(instance)
        for secret in filter(None, (secrets[name] for name in _secret_names(instance, stack))):
            result.setdefault((store, instance.tier.access), _objstore_fact(secret, key, sources))
    return result


def _needs(secret: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What pods that use an object-store Secret need beside it, as objstore_secret noted it.

    What was edited by hand into another form is left out; the next run of objstore_secret repairs it.
    """
    note = (secret["metadata"].get("annotations") or {}).get(PODS_ANNOTATION, "{}")
    try:
        parts = {part: dict(values) for part, values in dict(json.loads(note)).items()}
    except (TypeError, ValueError):
        return {}
    return {
        part: {k: v for k, v in values.items() if (_is_pair(v) if part == "env" else isinstance(v, str))}
        for part, values in parts.items()
    }


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(x, str) for x in value)


def _sources(secrets: Iterable[Mapping[str, Any] | None]) -> list[str]:
    """The Secrets from which pods take environment variables."""
    return sorted({name for s in filter(None, secrets) for name, _key in _needs(s).get("env", {}).values()})


class _Reader:
    """The single reads. A 404 is an answer; a 403 on what is only nice to know is a warning."""

    def __init__(self, client: Client, stack: Stack) -> None:
        self.client = client
        self.stack = stack
        self.path = f"/api/v1/namespaces/{stack.namespace}"
        self.selector = f"{STACK_LABEL}={stack.name}"
        self.warnings: list[str] = []

    def services(self) -> dict[str, str]:
        """Headless Services with a StoreAPI, by instance name."""
        query = {"labelSelector": f"{self.selector},o11y.thanos/store-api=true"}
        items = _items(self.client.request("GET", f"{self.path}/services", query=query).body)
        # One that lost the label of its instance counts by its own name until the run of its tier repairs it.
        return {label_of(i, INSTANCE_LABEL) or i["metadata"]["name"]: i["metadata"]["name"] for i in items}

    def workloads(self, kind: str) -> list[dict[str, Any]]:
        """Live workloads of a kind: the stack's, and with a compactor in it all of the cluster, or of the namespace."""
        if not self.stack.doing(Duty.COMPACT):
            return self.client.list(KINDS[kind], self.stack.namespace, self.selector) if kind in _OWN else []
        return self._everywhere(kind)

    def compactor_pods(self) -> list[dict[str, Any]]:
        """Pods of compactors that the collection deployed, those that are being deleted included."""
        selector = f"app.kubernetes.io/name=thanos-compact,{MANAGED_BY_LABEL}={MANAGED_BY}"
        phases = "status.phase!=Failed,status.phase!=Succeeded"
        return self._everywhere("Pod", labelSelector=selector, fieldSelector=phases)

    def _everywhere(self, kind: str, **query: str) -> list[dict[str, Any]]:
        row = KINDS[kind]
        answer = self.client.request("GET", row.path(), query=query, ok=(403,))
        if answer.status != 403:
            return _items(answer.body)
        self.warnings.append(
            f"compactors were looked for among the {row.plural} of namespace {self.stack.namespace} only: "
            "the whole cluster may not be read"
        )
        return _items(self.client.request("GET", row.path(self.stack.namespace), query=query, ok=(403,)).body)

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

    def secret(self, name: str) -> dict[str, Any] | None:
        """A Secret of the namespace, None when there is none of that name."""
        answer = self.client.request("GET", f"{self.path}/secrets/{name}", ok=(404,))
        return None if answer.status == 404 else dict(answer.body)


def _objstore_fact(
    secret: Mapping[str, Any], key: str, sources: Mapping[str, Mapping[str, Any] | None]
) -> ObjstoreFact:
    """A digest that says nothing to somebody who does not know the Secret's uid, and which store it is."""
    data = secret.get("data") or {}
    state = hmac.new(secret["metadata"]["uid"].encode(), digestmod=hashlib.sha256)
    for name in sorted(data):
        state.update(f"{name}\0{data[name]}\0".encode())
    needs = _needs(secret)
    env = {variable: (name, below) for variable, (name, below) in needs.get("env", {}).items()}
    values = {source: ((sources[source[0]] or {}).get("data") or {}).get(source[1], "") for source in env.values()}
    for source in sorted(values):
        state.update(f"{source}\0{values[source]}\0".encode())
    return ObjstoreFact(
        secret["metadata"]["name"],
        state.hexdigest()[:16],
        identity(_decoded(data.get(key, ""))),
        key in data,
        env,
        tuple(f"{name} (key {below})" for (name, below), value in values.items() if not value),
        needs.get("service_account_annotations", {}),
        needs.get("pod_labels", {}),
    )


def _decoded(value: str) -> str:
    """A value of a Secret as text."""
    return base64.b64decode(value).decode("utf-8", "replace")


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
    return list((body or {}).get("items") or [])
