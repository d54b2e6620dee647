# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which buckets a host's variables name, compact, make, and whom they let in. Pure.

What is missing or misspelt is told where the host itself is checked, so it is passed over here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._findings import Finding
from .._objstore.credentials import ALL, CARRYING, ROLES, Access
from .._objstore.identity import Identity, identity_of
from .._objstore.needs import mounted
from .._objstore.objstore_yml import FILE
from .._objstore.options import for_bucket, for_pods
from .._options.convert import convert
from .._options.rows import Placeholder, is_set
from .._options.switches import is_false, is_true
from .._thanos.external_labels import LABELS, without_replica
from .._thanos.model import Instance, fullname
from .._thanos.receive_rings import writers
from .._thanos.tier import Duty, Tier
from .._thanos.tiers import TIERS
from .arguments import common, hashrings_of, instances, objstores, stores_used
from .hosts import Series
from .roles import STACK
from .variables import declared_stores, listed


class Use(NamedTuple):
    """An instance that runs on object stores: one, or one for each of its hashrings in their order.

    ``buckets``: None stands for one that the variables do not tell, or that is another one in each cluster.
    """

    tier: Tier
    options: Mapping[str, Any]
    buckets: tuple[Identity | None, ...]


# Object store → its bucket, and the users that are let in, by access role.
Grants = Mapping[str, tuple[Identity, Mapping[str, frozenset[str]]]]


def compacted(variables: Mapping[str, Any]) -> list[Identity]:
    """What the host's compactors compact, as far as its variables tell. Raises InvalidInput."""
    return compactors(using(instances(variables), objstores(variables), _stack(variables)))


def written(variables: Mapping[str, Any]) -> list[Series]:
    """What the host's instances write into buckets, as far as its variables tell. Raises InvalidInput."""
    stack = _stack(variables)
    cluster = str(variables.get("thanos_cluster") or variables.get("inventory_hostname") or "")
    found = instances(variables)
    used = using(found, objstores(variables), stack)
    return [one for one in labelled(found, common(variables), stack, cluster, used) if one.bucket]


def _stack(variables: Mapping[str, Any]) -> str:
    return str(variables.get("thanos_stack") or STACK)


def using(found: Mapping[str, Mapping[str, Any]], declared: Mapping[str, Any], stack: str) -> dict[str, Use]:
    """The instances that shall run on an object store: tier, options and buckets of each by its name."""
    stores = _well_formed(declared)
    accesses = {name: for_pods(store) for name, store in stores.items()}
    behind = {
        mounted(stack, name, access): _used(stores[name], access)
        for name, by_role in accesses.items()
        for access in by_role.values()
    }
    result: dict[str, Use] = {}
    for name, options in found.items():
        tier = TIERS.get(str(options.get("tier", name)))
        if tier and tier.has_objstore(options) and options.get("state") != "absent":
            buckets: list[Identity | None] = []
            for store, secret in stores_used(options):
                # What a Secret leads to that no object store of this host has, is not known; nor is what no store is.
                bucket = behind.get(_named(secret)) if secret else None
                if not secret and store in stores:
                    access = accesses[store].get(tier.access) or accesses[store][ALL]
                    bucket = _used(stores[store], access)
                buckets.append(bucket)
            # A directory is in each cluster another one.
            known = tuple(bucket if bucket and bucket.type != "FILESYSTEM" else None for bucket in buckets)
            if any(known):
                result[name] = Use(tier, options, known)
    return result


def compactors(used: Mapping[str, Use]) -> list[Identity]:
    """The buckets of those instances that compact theirs."""
    return [
        bucket
        for use in used.values()
        if Duty.COMPACT in use.tier.duties and not is_true(use.options.get("paused"))
        for bucket in dict.fromkeys(use.buckets)
        if bucket
    ]


def labelled(
    found: Mapping[str, Mapping[str, Any]],
    shared: Mapping[str, Any],
    stack: str,
    cluster: str,
    used: Mapping[str, Use],
) -> list[Series]:
    """What the instances write, with options ``shared`` by all, and into which bucket they upload it."""
    result: dict[Series, None] = {}
    for name, given in found.items():
        tier = TIERS.get(str(given.get("tier", name)))
        if tier is None or tier.external_labels is None or given.get("state") == "absent":
            continue
        problems: list[Finding] = []
        options = _of_labels(tier, shared, given, problems)
        instance = Instance(tier, name, fullname(stack, name, given.get("fullname")), options)
        if problems:
            continue
        seen = writers(instance)
        uploads = name in used and Duty.UPLOAD in tier.duties
        for writer, bucket in zip(seen, used[name].buckets if uploads else [None] * len(seen), strict=True):
            own = frozenset(without_replica(tier.external_labels(writer, cluster), writer.options).items())
            # What a Prometheus of somebody else's writes has the labels that its owner gave it.
            known = None if writer.options.get("prometheus") else own
            result[Series(name, bucket, known, writer["replica_label"])] = None
    return list(result)


def _of_labels(
    tier: Tier, shared: Mapping[str, Any], given: Mapping[str, Any], problems: list[Finding]
) -> dict[str, Any]:
    """The options that labels are made of; mistakes in them are told where the host itself is checked."""
    names = [name for name in (*LABELS, "prometheus") if name in tier.options]
    typed = {key: value for key, value in {**shared, **given}.items() if key in names}
    if hashrings := hashrings_of(given):
        typed["hashrings"] = [{key: ring[key] for key in _RING if key in ring} for ring in hashrings]
    # A hashring is made of all options of its instance; to fill in all of them for those without any takes a large
    # fleet several times as long.
    rows = tier.options if hashrings else {name: tier.options[name] for name in names}
    return convert(rows, typed, "", problems)


# What of a hashring its labels are made of; without its name it would be a mistake.
_RING = ("name", "external_labels")


def managed(variables: Mapping[str, Any]) -> dict[str, Identity]:
    """Object store → the bucket that is made for it, and removed with it; mistakes are told elsewhere."""
    found = {
        name: identity_of(for_bucket(store))
        for name, store in _well_formed(declared_stores(variables, [])).items()
        if not is_false(store.get("manage"))
    }
    return {name: bucket for name, bucket in found.items() if bucket}


def named(variables: Mapping[str, Any]) -> list[Identity]:
    """Every bucket that the host's object stores name, managed or not, for itself or for pods."""
    found = []
    for store in _well_formed(declared_stores(variables, [])).values():
        found += [identity_of(for_bucket(store)), *(_used(store, access) for access in for_pods(store).values())]
    return list(filter(None, found))


def granted(variables: Mapping[str, Any]) -> dict[str, tuple[Identity, dict[str, frozenset[str]]]]:
    """Object store that says ``grant_to`` → its bucket, and the users by access role.

    The bucket has its prefix where each prefix has a list of its own.
    """
    stores, result = _well_formed(declared_stores(variables, [])), {}
    for name, bucket in managed(variables).items():
        grants = _grants(stores[name].get("access"))
        if grants and bucket.type in CARRYING:
            result[name] = (bucket if bucket.type == "S3" else bucket._replace(prefix=""), grants)
    return result


def _grants(access: Any) -> dict[str, frozenset[str]]:
    levels = access if isinstance(access, Mapping) else {}
    given = {role: listed(levels[role].get("grant_to")) for role in ROLES if isinstance(levels.get(role), Mapping)}
    users = {
        role: frozenset(map(str, filter(None, value))) for role, value in given.items() if isinstance(value, Sequence)
    }
    return {role: names for role, names in users.items() if names}


def _well_formed(stores: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        name: store
        for name, store in stores.items()
        if isinstance(store, Mapping) and isinstance(store.get("type"), str)
    }


def _named(secret: Any) -> tuple[str, str]:
    """The Secret and its key of an option ``objstore_secret``."""
    given = secret if isinstance(secret, Mapping) else {}
    return str(given.get("name")), str(given.get("key") or FILE)


def _used(store: Mapping[str, Any], access: Access) -> Identity | None:
    """The bucket of pods, at the address of the upper level: theirs may be one inside each cluster."""
    keys = {key: value for key, value in access.keys.items() if not isinstance(value, Placeholder)}
    upper = for_bucket(store)
    # COS alone has the bucket in its address.
    address = () if store.get("type") == "COS" else ("endpoint", "auth_url")
    return identity_of({**keys, **{key: upper[key] for key in address if is_set(upper.get(key))}})
