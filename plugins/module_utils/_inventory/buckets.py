# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which buckets a host's variables name, compact, make, and whom they let in. Pure.

What is missing or misspelt is told where the host itself is checked, so it is passed over here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

from .._findings import Finding
from .._objstore.credentials import ALL, CARRYING, ROLES, Access
from .._objstore.identity import Identity, identity_of
from .._objstore.options import for_bucket, for_pods
from .._options.convert import convert
from .._options.rows import Placeholder, is_set
from .._thanos.external_labels import LABELS, without_replica
from .._thanos.model import Instance
from .._thanos.tier import Duty, Tier
from .._thanos.tiers import TIERS
from .arguments import common, instances, objstores, store_of
from .hosts import Series
from .variables import declared_stores, listed


def compacted(variables: Mapping[str, Any]) -> list[Identity]:
    """What the host's compactors compact, as far as its variables tell. Raises InvalidInput."""
    return [
        bucket
        for _name, tier, options, bucket in _using(variables)
        if Duty.COMPACT in tier.duties and str(options.get("paused")).lower() not in BOOLEANS_TRUE
    ]


def written(variables: Mapping[str, Any]) -> list[Series]:
    """What the host's instances write into buckets, as far as its variables tell. Raises InvalidInput."""
    name = str(variables.get("thanos_stack") or "thanos")
    cluster = str(variables.get("thanos_cluster") or variables.get("inventory_hostname") or "")
    shared = common(variables)
    found = []
    for instance, tier, given, bucket in _using(variables):
        if tier.external_labels is None or Duty.UPLOAD not in tier.duties:
            continue
        # The options that labels are made of; mistakes in them are told where the host itself is checked.
        typed = {key: value for key, value in {**shared, **given}.items() if key in LABELS}
        problems: list[Finding] = []
        options = convert({key: tier.options[key] for key in LABELS}, typed, "", problems)
        if not problems:
            labels = tier.external_labels(Instance(tier, instance, f"{name}-{instance}", options), cluster)
            found.append(Series(instance, bucket, frozenset(without_replica(labels, options).items())))
    return found


def _using(variables: Mapping[str, Any]) -> list[tuple[str, Tier, Mapping[str, Any], Identity]]:
    """Name, tier and options of the host's instances that shall run on an object store, and the bucket of each."""
    stores = _well_formed(objstores(variables))
    found: list[tuple[str, Tier, Mapping[str, Any], Identity]] = []
    for name, options in instances(variables).items():
        store, tier = stores.get(store_of(options)), TIERS.get(str(options.get("tier", name)))
        if store and tier and tier.access and options.get("state") != "absent":
            accesses = for_pods(store)
            bucket = _used(store, accesses.get(tier.access) or accesses[ALL])
            # A directory is in each cluster another one.
            if bucket and bucket.type != "FILESYSTEM":
                found.append((name, tier, options, bucket))
    return found


def managed(variables: Mapping[str, Any]) -> dict[str, Identity]:
    """Object store → the bucket that is made for it, and removed with it; mistakes are told elsewhere."""
    found = {
        name: identity_of(for_bucket(store))
        for name, store in _well_formed(declared_stores(variables, [])).items()
        if str(store.get("manage")).lower() not in BOOLEANS_FALSE
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


def _used(store: Mapping[str, Any], access: Access) -> Identity | None:
    """The bucket of pods, at the address of the upper level: theirs may be one inside each cluster."""
    keys = {key: value for key, value in access.keys.items() if not isinstance(value, Placeholder)}
    upper = for_bucket(store)
    # COS alone has the bucket in its address.
    address = () if store.get("type") == "COS" else ("endpoint", "auth_url")
    return identity_of({**keys, **{key: upper[key] for key in address if is_set(upper.get(key))}})
