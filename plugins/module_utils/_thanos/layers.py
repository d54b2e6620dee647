# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory variables → what the modules take. Pure, and the only place where these variables are interpreted.

``thanos_<tier>``, ``thanos_<tier>_group`` and ``thanos_<tier>_host`` are layers: mappings are merged deep, everything
else is replaced. Values are handed on as they are; the modules convert and judge them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

from .._errors import InvalidInput, nearest
from .._objstore.credentials import ALL, CARRYING, ROLES, Access
from .._objstore.identity import Identity, identity_of
from .._objstore.options import for_bucket, for_pods
from .._objstore.values import Placeholder, is_set
from .model import ACCESS
from .options import separated

PREFIX = "thanos_"
TIERS = ("sidecar", "store", "query", "compact", "ruler")
_SUFFIXES = ("", "_group", "_host")
OTHERS = (
    "thanos_instances",
    "thanos_enabled",
    "thanos_objstore",
    "thanos_objstores",
    "thanos_stack",
    "thanos_namespace",
    "thanos_version",
    "thanos_cluster",
    "thanos_kubeconfig",
    "thanos_context",
    "thanos_hosts",
    "thanos_wait_timeout",
    "thanos_report_dir",
    "thanos_teardown_claims",
    "thanos_teardown_buckets",
    "thanos_teardown_blocks",
    "thanos_teardown_namespace",
    "thanos_verify_timeout",
)
KNOWN = (*(f"thanos_{name}{suffix}" for name in (*TIERS, "common") for suffix in _SUFFIXES), *OTHERS)


def instances(variables: Mapping[str, Any], tiers: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
    """Name → options of every instance of the enabled tiers; of ``tiers`` where given, enabled or not.

    An instance with ``state: absent`` is part of it whether or not its tier is enabled. Raises InvalidInput with every
    variable that starts with ``thanos_`` and does not exist, and every one of the wrong form.
    """
    problems = unknown(variables)
    enabled = _enabled(variables, problems) if tiers is None else tiers
    problems.extend(_not_a_tier("argument of the filter", tier) for tier in tiers or () if tier not in TIERS)
    result = {}
    for tier in TIERS:
        options = _layers(variables, tier, problems)
        if tier in enabled or options.get("state") == "absent":
            result[tier] = options
    for name, options in _mapping(variables, "thanos_instances", problems).items():
        if name in TIERS:
            problems.append(f"thanos_instances.{name}: the options of the tier's own instance belong in thanos_{name}.")
        elif options is not None and not isinstance(options, Mapping):
            problems.append(f"thanos_instances.{name}: this must be a mapping of options.")
        else:
            result[str(name)] = dict(options or {})
    stores = _stores(variables, problems)
    if problems:
        raise InvalidInput(problems)
    return {
        name: {**options, **_secret_of_somebody_else(name, options, stores)}
        for name, options in result.items()
        if tiers is None or options.get("tier", name) in tiers
    }


def common(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The options of all instances: ``thanos_common`` and its layers. Raises InvalidInput."""
    problems: list[str] = []
    result = _layers(variables, "common", problems)
    if problems:
        raise InvalidInput(problems)
    return result


def objstores(variables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Store name → options, from ``thanos_objstores`` and its short form ``thanos_objstore``, the store ``default``.

    Raises InvalidInput when an instance needs a store that is not there. No value is quoted: it may be a credential.
    """
    problems: list[str] = []
    result = _stores(variables, problems)
    if problems:
        raise InvalidInput(problems)
    missing: dict[str, str] = {}
    for name, store in _stores_in_use(variables):
        if store not in result:
            missing.setdefault(store, name)
    if missing:
        raise InvalidInput([_no_store(store, name, result) for store, name in missing.items()])
    return result


def _stores(variables: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    result = dict(_mapping(variables, "thanos_objstores", problems))
    short = _mapping(variables, "thanos_objstore", problems)
    if short and "default" in result:
        problems.append("thanos_objstore is the store 'default', which thanos_objstores has too; leave one out.")
    if short:
        result = {"default": short, **result}
    problems.extend(
        f"thanos_objstores.{name}: this must be a mapping with type and bucket."
        for name, store in result.items()
        if not isinstance(store, Mapping)
    )
    problems.extend(
        f"thanos_objstores.{name}: the Secret of {stem}.access.{role} has the same name; choose another one."
        for name in result
        for stem, dash, role in [str(name).rpartition("-")]
        if dash and role in ROLES and stem in result
    )
    return result


def _secret_of_somebody_else(name: str, options: Mapping[str, Any], stores: Mapping[str, Any]) -> dict[str, Any]:
    """``objstore_secret`` of an instance whose object store says that somebody else makes the Secret."""
    role = ACCESS.get(str(options.get("tier", name)))
    store = stores.get(str(options.get("objstore") or "default"))
    if role is None or not isinstance(store, Mapping) or options.get("objstore_secret"):
        return {}
    accesses = for_pods(store)
    access = accesses.get(role) or accesses.get(ALL)
    if access is None or access.mode != "external" or not access.source:
        return {}
    return {"objstore_secret": {"name": access.source, "key": access.source_key}}


def compacted(variables: Mapping[str, Any]) -> list[Identity]:
    """What the host's compactors compact, as far as its variables tell. Raises InvalidInput."""
    stores = _well_formed(objstores(variables))
    found = []
    for name, options in instances(variables).items():
        store = stores.get(str(options.get("objstore") or "default"))
        idle = options.get("state") == "absent" or str(options.get("paused")).lower() in BOOLEANS_TRUE
        if options.get("tier", name) == "compact" and store and not idle:
            accesses = for_pods(store)
            found.append(_used(store, accesses.get("compactor") or accesses[ALL]))
    # A directory is in each cluster another one.
    return [bucket for bucket in found if bucket and bucket.type != "FILESYSTEM"]


def managed(variables: Mapping[str, Any]) -> dict[str, Identity]:
    """Object store → the bucket that is made for it, and removed with it; mistakes are told elsewhere."""
    found = {
        name: identity_of(for_bucket(store))
        for name, store in _well_formed(_stores(variables, [])).items()
        if str(store.get("manage")).lower() not in BOOLEANS_FALSE
    }
    return {name: bucket for name, bucket in found.items() if bucket}


def named(variables: Mapping[str, Any]) -> list[Identity]:
    """Every bucket that the host's object stores name, managed or not, for itself or for pods."""
    found = []
    for store in _well_formed(_stores(variables, [])).values():
        found += [identity_of(for_bucket(store)), *(_used(store, access) for access in for_pods(store).values())]
    return list(filter(None, found))


def granted(variables: Mapping[str, Any]) -> dict[str, tuple[Identity, dict[str, frozenset[str]]]]:
    """Object store that says ``grant_to`` → its bucket, and the users by access role.

    The bucket has its prefix where each prefix has a list of its own.
    """
    stores, result = _well_formed(_stores(variables, [])), {}
    for name, bucket in managed(variables).items():
        grants = _grants(stores[name].get("access"))
        if grants and bucket.type in CARRYING:
            result[name] = (bucket if bucket.type == "S3" else bucket._replace(prefix=""), grants)
    return result


def _grants(access: Any) -> dict[str, frozenset[str]]:
    levels = access if isinstance(access, Mapping) else {}
    given = {role: _listed(levels[role].get("grant_to")) for role in ROLES if isinstance(levels.get(role), Mapping)}
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


def unknown(variables: Mapping[str, Any]) -> list[str]:
    """A sentence for every variable that starts with ``thanos_`` and that nothing reads."""
    names = sorted(str(name) for name in variables if str(name).startswith(PREFIX) and name not in KNOWN)
    # The prefix, which all have, would make any two of them alike.
    return [f"{name}: there is no such variable.{nearest(name, KNOWN, PREFIX)}" for name in names]


def merged(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The layers from left to right, the last one wins: mappings are merged deep, everything else is replaced."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            below = result.get(key)
            if isinstance(below, Mapping) and isinstance(value, Mapping):
                value = merged([below, value])
            result[key] = value
    return result


def _layers(variables: Mapping[str, Any], name: str, problems: list[str]) -> dict[str, Any]:
    return merged([_mapping(variables, f"thanos_{name}{suffix}", problems) for suffix in _SUFFIXES])


def _mapping(variables: Mapping[str, Any], name: str, problems: list[str]) -> Mapping[str, Any]:
    """A variable that is a mapping, or its text in YAML, as surveys and the command line give it."""
    value = variables.get(name)
    if isinstance(value, str) and value.strip():
        import yaml

        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            value = False  # the parser's message would quote the text
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        problems.append(f"{name}: this must be a mapping.")
        return {}
    return value


def _enabled(variables: Mapping[str, Any], problems: list[str]) -> Collection[str]:
    value = variables.get("thanos_enabled")
    if value is None or value == "":
        return TIERS
    names = _listed(value)
    if not isinstance(names, Sequence):
        problems.append("thanos_enabled: this must be a list of tiers.")
        return TIERS
    problems.extend(_not_a_tier("thanos_enabled", name) for name in names if name not in TIERS)
    return names


def _listed(value: Any) -> Any:
    """A list that may be given as text."""
    return separated(value) if isinstance(value, str) else value


def _not_a_tier(where: str, name: Any) -> str:
    return f"{where}: '{name}' is not a tier; tiers are {', '.join(TIERS)}.{nearest(str(name), TIERS)}"


def _stores_in_use(variables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(instance, object store) of every instance whose Secret is made from ``thanos_objstores``."""
    return [
        (name, str(options.get("objstore") or "default"))
        for name, options in instances(variables).items()
        if options.get("tier", name) in ACCESS
        and options.get("state") != "absent"
        and not options.get("objstore_secret")
    ]


def _no_store(store: str, instance: str, known: Collection[str]) -> str:
    if not known:
        return (
            f"no object store is given, and {instance} needs one: set thanos_objstore, such as "
            "{type: S3, bucket: …, endpoint: …}, or objstore_secret of the tiers where somebody else makes the Secret."
        )
    return (
        f"{instance}: there is no object store '{store}' in thanos_objstores; there is {', '.join(known)}."
        f"{nearest(store, known)}"
    )
