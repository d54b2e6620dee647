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
from dataclasses import dataclass, field, replace
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS, Kind
from .._kubernetes.manifest import (
    INSTANCE_LABEL,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    PODS_ANNOTATION,
    STACK_LABEL,
    label_of,
)
from .._kubernetes.sieve import ACCEPT, Wanted, sieve
from .._objstore.credentials import files_of
from .._objstore.identity import Identity, identity_of, keys_of
from .._objstore.needs import Needs
from .._threads import in_threads
from .caches import password_digests, passwords_of
from .compactors import COMMAND, PROGRAM, bucket_of, compactors_among, instance_of
from .counts import counts_among
from .dialled import dialled_by
from .endpoint_services import read_services
from .existing import BESIDE_LABEL
from .files import sources
from .given_certificates import facts_of_certificates
from .grpc_tls import speaks_tls, tls_secrets
from .known_endpoints import read_endpoints
from .model import Facts, Node, ObjstoreFact, Stack
from .objstores import candidates, has_objstore, objstore_key
from .prefix import args_of
from .publish import HOST_ANNOTATION, NODE_PORT, published, ready_nodes, service_name
from .read_existing import read_existing
from .read_queriers import read_queriers
from .ring_facts import ring_facts, ring_reads
from .rule_sources import rule_sources
from .tier import Duty
from .volumes import may_find_some, read_volumes

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
    searched = _WORKLOADS if stack.doing(Duty.COMPACT) else ()
    jobs: dict[str, Fetch] = {
        # First those that take longest.
        **{f"search/{kind}": functools.partial(reader.search, kind) for kind in searched},
        "services": reader.services,
        "endpoints": functools.partial(read_endpoints, client, stack, reader.warnings),
        "existing": functools.partial(read_existing, client, stack),
        "discovered": functools.partial(read_services, client, stack, reader.warnings),
        **{kind: functools.partial(reader.own, kind) for kind in _OWN},
    }
    jobs |= {"classes": reader.storage_classes} if any("storage" in i.options for i in stack.instances) else {}
    jobs |= {"nodes": reader.nodes, "published": reader.published} if published(stack, NODE_PORT) else {}
    jobs |= ring_reads(client, stack)
    wanted = {objstore_key(i): candidates(i, stack) for i in stack.views() if has_objstore(i)}
    jobs |= {f"secret/{n.secret}": functools.partial(reader.secret, n.secret) for s in wanted.values() for n in s}
    for kind, name in (files := _files(stack)):
        jobs[f"{kind}/{name}"] = functools.partial(reader.secret if kind == "Secret" else reader.config_map, name)
    found: dict[str, Any] = dict(zip(jobs, in_threads(lambda job: job(), jobs.values()), strict=True))
    secrets = {needs.secret: found[f"secret/{needs.secret}"] for several in wanted.values() for needs in several}
    used = {key: _first(several, secrets) for key, several in wanted.items()}
    secrets.update({name: found[f"Secret/{name}"] for kind, name in files if kind == "Secret"})
    others = {name for needs in used.values() if needs for name, _key in needs.env.values()}
    secrets.update({name: reader.secret(name) for name in sorted(others - set(secrets))})
    everything = {kind: list(found.get(kind, ())) for kind in _WORKLOADS}
    for kind in searched:
        everything[kind] += reader.named(kind, found[f"search/{kind}"], everything[kind])
    live = {kind: [item for item in items if instance_of(item, stack)] for kind, items in everything.items()}
    facts = Facts(
        objstores={key: _objstore_fact(needs, secrets) for key, needs in used.items() if needs},
        store_apis=found["services"],
        workloads=frozenset(o["metadata"]["name"] for items in live.values() for o in items),
        # An instance that has data is one of its StatefulSets, whatever else it consists of: so these come last.
        live_instances=reader.beside | {instance_of(o, stack): k for k in reversed(_WORKLOADS) for o in live[k]},
        claims=_claims(live["StatefulSet"]),
        **_classes(found.get("classes")),
        rule_sources=rule_sources(client, stack),
        files={f"{kind}/{name}": _keys(found[f"{kind}/{name}"]) for kind, name in sorted(files)},
        volumes=reader.volumes() if may_find_some(stack, live["StatefulSet"]) else {},
        counts=counts_among(stack, (item for kind in _OWN for item in live[kind])),
        **read_queriers(client, stack, [o for kind in _OWN for o in live[kind]]),
        **facts_of_certificates(client, stack, secrets, reader.warnings),
        passwords=password_digests(stack, secrets),
        secured=frozenset(instance_of(o, stack) for kind in _OWN for o in live[kind] if _serves_tls(o)),
        nodes=found.get("nodes"),
        published=found.get("published", {}),
        **{name: found[name] for name in ("endpoints", "existing", "discovered")},
        rings=ring_facts(stack, found, live["StatefulSet"]),
        dialled={instance_of(o, stack): told for o in live["Deployment"] if (told := dialled_by(o))},
    )
    compactors = (
        compactors_among(client, stack, facts, everything, reader.compactor_pods) if stack.doing(Duty.COMPACT) else ()
    )
    # Where none is there yet, the only one that may hold it.
    known = {key: used[key] or (several[0] if len(several) == 1 else None) for key, several in wanted.items()}
    former = reader.former(known, live)
    facts = replace(facts, former=former, compactors=tuple(compactors), warnings=tuple(sorted(reader.warnings)))
    return Gathered(facts, _values(facts, secrets))


def _classes(found: Mapping[str, bool] | None) -> dict[str, Any]:
    """The facts about storage classes; None where these may not be read."""
    names = None if found is None else frozenset(found)
    return {"storage_classes": names, "default_storage_class": found is None or any(found.values())}


def _files(stack: Stack) -> set[tuple[str, str]]:
    """(kind, name) of the Secrets and ConfigMaps that pods have as files, object stores and rules aside."""
    files = {(kind, name) for i in stack.instances for kind, name, _path in sources(i)}
    files |= {("Secret", each.secret) for i in stack.instances for each in passwords_of(i)}
    return files | {("Secret", each.name) for i in stack.instances for each in tls_secrets(i)}


def secrets_of(client: Client, stack: Stack, facts: Facts) -> tuple[str, ...]:
    """The values that ``gather`` would return with ``facts``, read again where these were handed on without them."""
    reader = _Reader(client, stack)
    names = sorted({name for name, _key in _places(facts)})
    return _values(facts, dict(zip(names, in_threads(reader.secret, names), strict=True)))


def _values(facts: Facts, secrets: Mapping[str, Mapping[str, Any] | None]) -> tuple[str, ...]:
    """What nothing may quote: the configurations of object stores, and what pods take from other Secrets."""
    return tuple(filter(None, (_decoded(_value(secrets, place)) for place in sorted(_places(facts)))))


def _places(facts: Facts) -> set[tuple[str, str]]:
    """(Secret, key) of every value that a digest is made of, or that is a file of the pods."""
    needs = [fact.needs for fact in facts.objstores.values()]
    files = [(name.removeprefix("Secret/"), keys or ()) for name, keys in facts.files.items() if name[0] == "S"]
    return {
        *((each.secret, each.key) for each in needs),
        *(place for each in needs for place in each.env.values()),
        *((name, key) for name, keys in files for key in keys),
    }


def _value(secrets: Mapping[str, Mapping[str, Any] | None], place: tuple[str, str]) -> str:
    """What stands in a Secret, in base64; empty where there is none."""
    return str(((secrets.get(place[0]) or {}).get("data") or {}).get(place[1], ""))


def _first(several: Iterable[Needs], secrets: Mapping[str, Mapping[str, Any] | None]) -> Needs | None:
    """What an instance needs of the first of its Secrets that exists; where no option told, that Secret does."""
    for needs in several:
        secret = secrets[needs.secret]
        if secret is not None:
            return needs if needs.mode else _noted(needs, secret)
    return None


def _noted(needs: Needs, secret: Mapping[str, Any]) -> Needs:
    """What pods need beside a Secret, as objstore_secret noted it there.

    What was edited by hand into another form is left out; the next run of objstore_secret repairs it.
    """
    note = (secret["metadata"].get("annotations") or {}).get(PODS_ANNOTATION, "{}")
    try:
        parts = {part: dict(values) for part, values in dict(json.loads(note)).items()}
    except (TypeError, ValueError):
        return needs
    texts = {part: {k: v for k, v in values.items() if isinstance(v, str)} for part, values in parts.items()}
    return replace(
        needs,
        env={name: (place[0], place[1]) for name, place in parts.get("env", {}).items() if _is_pair(place)},
        service_account_annotations=texts.get("service_account_annotations", {}),
        pod_labels=texts.get("pod_labels", {}),
    )


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(x, str) for x in value)


class _Reader:
    """The single reads. A 404 is an answer; a 403 on what is only nice to know is a warning."""

    def __init__(self, client: Client, stack: Stack) -> None:
        self.client = client
        self.stack = stack
        self.path = f"/api/v1/namespaces/{stack.namespace}"
        self.selector = f"{STACK_LABEL}={stack.name}"
        self.warnings: list[str] = []
        # Instances that consist of a Service for what somebody else made.
        self.beside: dict[str, str] = {}

    def services(self) -> dict[str, str]:
        """Headless Services with a StoreAPI, and the instance that each belongs to."""
        query = {"labelSelector": f"{self.selector},o11y.thanos/store-api=true"}
        items = _items(self.client.request("GET", f"{self.path}/services", query=query).body)
        self.beside = {label_of(i, INSTANCE_LABEL): "Service" for i in items if label_of(i, BESIDE_LABEL)}
        # One that lost the label of its instance counts by its own name until the run of its tier repairs it.
        return {i["metadata"]["name"]: label_of(i, INSTANCE_LABEL) or i["metadata"]["name"] for i in items}

    def own(self, kind: str) -> list[dict[str, Any]]:
        """The stack's workloads of a kind. Where it renders none of it, a Role may not know of the kind."""
        query = {"labelSelector": self.selector}
        answer = self.client.request("GET", KINDS[kind].path(self.stack.namespace), query=query, ok=(403,))
        return [] if answer.status == 403 else _items(answer.body)

    def search(self, kind: str) -> list[tuple[str, str]]:
        """(namespace, name) of what may compact in the cluster, or in the namespace, and of what has names of ours.

        These are too many and never too few. What was made for the stack belongs to it, although its labels are gone.
        """
        names = {w.name for i in (*self.stack.instances, *self.stack.absent) for w in self.stack.workloads(i)}
        wanted = Wanted(COMMAND, PROGRAM, frozenset((self.stack.namespace, name) for name in names))
        return list(self._everywhere(kind, accept=ACCEPT, reading=functools.partial(sieve, wanted)) or ())

    def named(
        self, kind: str, places: Iterable[tuple[str, str]], known: Iterable[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """The objects at these places in full, without those that are known and those that are gone by now."""
        had = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in known}
        found = in_threads(functools.partial(self._one, KINDS[kind]), [place for place in places if place not in had])
        return [item for items in found for item in items]

    def _one(self, row: Kind, place: tuple[str, str]) -> list[dict[str, Any]]:
        """One object, by the right to list that found it."""
        namespace, name = place
        query = {"fieldSelector": f"metadata.name={name}"}
        answer = self.client.request("GET", row.path(namespace), query=query, ok=(403,))
        if answer.status == 403:
            self.warnings.append(
                f"{row.name} {namespace}/{name} may be a compactor, and may not be read; make sure that it does not "
                "compact this stack's bucket"
            )
            return []
        return _items(answer.body)

    def compactor_pods(self) -> list[dict[str, Any]]:
        """Pods of compactors that the collection deployed, those that are being deleted included."""
        selector = f"app.kubernetes.io/name=thanos-compact,{MANAGED_BY_LABEL}={MANAGED_BY}"
        phases = "status.phase!=Failed,status.phase!=Succeeded"
        return _items(self._everywhere("Pod", query={"labelSelector": selector, "fieldSelector": phases}))

    def _everywhere(self, kind: str, **how: Any) -> Any:
        """The answer of a LIST of the cluster, or where that is forbidden, of the namespace; None where that is too."""
        row = KINDS[kind]
        answer = self.client.request("GET", row.path(), ok=(403,), **how)
        if answer.status != 403:
            return answer.body
        answer = self.client.request("GET", row.path(self.stack.namespace), ok=(403,), **how)
        of = f"among the {row.plural} of namespace {self.stack.namespace}"
        self.warnings.append(
            f"compactors were looked for {of} only: the whole cluster may not be read"
            if answer.status != 403
            else f"compactors were not looked for {of}: neither those nor the whole cluster's may be read"
        )
        return None if answer.status == 403 else answer.body

    def former(
        self, known: Mapping[tuple[str, str], Needs | None], live: Mapping[str, Iterable[Mapping[str, Any]]]
    ) -> dict[str, Identity]:
        """Workload → the bucket of its live pods, of those whose pods are to have another Secret."""
        workloads = [w for i in self.stack.instances for w in self.stack.workloads(i) if has_objstore(w.instance)]
        used = {workload.name: known[objstore_key(workload.instance)] for workload in workloads}
        found = {}
        for item in (item for kind in _OWN for item in live[kind]):
            name, pod = item["metadata"]["name"], item["spec"]["template"]["spec"]
            needs = used.get(name)
            mounted = {volume["secret"]["secretName"] for volume in pod.get("volumes") or () if "secret" in volume}
            bucket = (
                bucket_of(self.client, self.stack.namespace, pod) if needs and needs.secret not in mounted else None
            )
            if bucket:
                found[name] = bucket
        return found

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

    def nodes(self) -> tuple[Node, ...] | None:
        """The ready nodes; None where they may not be read."""
        answer = self.client.request("GET", KINDS["Node"].path(), ok=(403,))
        return None if answer.status == 403 else ready_nodes(_items(answer.body))

    def published(self) -> dict[str, str]:
        """Instance → the host that others were given for its node port."""
        found = {}
        for instance in published(self.stack, NODE_PORT):
            path = f"{self.path}/services/{service_name(instance.fullname)}"
            answer = self.client.request("GET", path, ok=(404,))
            annotations = {} if answer.status == 404 else answer.body["metadata"].get("annotations") or {}
            found[instance.name] = annotations.get(HOST_ANNOTATION, "")
        return found

    def config_map(self, name: str) -> dict[str, Any] | None:
        """A ConfigMap of the namespace, None when there is none of that name."""
        answer = self.client.request("GET", f"{self.path}/configmaps/{name}", ok=(404,))
        return None if answer.status == 404 else dict(answer.body)

    def volumes(self) -> dict[str, tuple[str, str]]:
        """The sizes of claims."""
        found = read_volumes(self.client, self.stack)
        if found is None:
            self.warnings.append("claims may not be read, so the sizes of those that are there were not checked")
        return found or {}

    def secret(self, name: str) -> dict[str, Any] | None:
        """A Secret of the namespace, None when there is none of that name."""
        answer = self.client.request("GET", f"{self.path}/secrets/{name}", ok=(404,))
        return None if answer.status == 404 else dict(answer.body)


def _keys(item: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    return None if item is None else tuple(sorted({**(item.get("data") or {}), **(item.get("binaryData") or {})}))


def _objstore_fact(needs: Needs, secrets: Mapping[str, Mapping[str, Any] | None]) -> ObjstoreFact:
    """A digest that says nothing to somebody who does not know the Secret's uid, and which store it is."""
    secret = secrets[needs.secret] or {}
    data = secret.get("data") or {}
    state = hmac.new(secret["metadata"]["uid"].encode(), digestmod=hashlib.sha256)
    for name in sorted(data):
        state.update(f"{name}\0{data[name]}\0".encode())
    values = {source: _value(secrets, source) for source in needs.env.values()}
    for source in sorted(values):
        state.update(f"{source}\0{values[source]}\0".encode())
    keys = keys_of(_decoded(data.get(needs.key, "")))
    return ObjstoreFact(
        replace(needs, files=tuple(dict.fromkeys((*needs.files, *files_of(keys))))),
        state.hexdigest()[:16],
        identity_of(keys) if keys else None,
        needs.key in data,
        tuple(f"{name} (key {below})" for (name, below), value in values.items() if not value),
    )


def _serves_tls(workload: Mapping[str, Any]) -> bool:
    return any(speaks_tls(args) for args in args_of(workload["spec"]["template"]).values())


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
