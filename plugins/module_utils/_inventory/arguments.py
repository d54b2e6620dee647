# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's variables → what the modules take. Pure, and with its neighbours the only place that interprets them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .._errors import InvalidInput, nearest
from .._findings import Finding, mistake
from .._objstore.credentials import ALL, Access
from .._objstore.needs import as_option, needs
from .._objstore.options import for_pods
from .._options.convert import entries
from .._thanos.tier import Duty
from .._thanos.tiers import TIERS
from . import roles
from .pki_passes import asked_for
from .variables import declared_stores, layers, listed, mapping, unknown, untrue


def instances(variables: Mapping[str, Any], tiers: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
    """Name → options of every instance of the enabled tiers; of ``tiers`` where given, enabled or not.

    An instance with ``state: absent`` is part of it whether or not its tier is enabled. Raises InvalidInput with every
    mistake of the variables.
    """
    problems: list[Finding] = []
    result = declared_instances(variables, problems, tiers)
    stores = declared_stores(variables, problems)
    if problems := mistakes(variables, problems):
        raise InvalidInput(problems)
    return {
        name: {**options, **_secret_of_somebody_else(name, options, stores)}
        for name, options in result.items()
        if tiers is None or options.get("tier", name) in tiers
    }


def mistakes(variables: Mapping[str, Any], known: Collection[Finding] | None = None) -> list[Finding]:
    """Every variable that starts with ``thanos_`` and does not exist, and every one of the wrong form.

    ``known``: what is wrong with instances and object stores, where that was looked at already.
    """
    problems = [*unknown(variables), *untrue(variables)]
    layers(variables, "common", problems)
    asked_for(variables, problems)
    if known is None:
        declared_instances(variables, problems)
        declared_stores(variables, problems)
    return list(dict.fromkeys([*problems, *(known or ())]))


def declared_instances(
    variables: Mapping[str, Any], problems: list[Finding], tiers: Collection[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Every instance with its options as they are given, and what follows from the host's groups below them.

    What is not well formed is put on the ``problems``.
    """
    enabled = _enabled(variables, problems) if tiers is None else tiers
    problems.extend(_not_a_tier("argument of the filter", tier) for tier in tiers or () if tier not in TIERS)
    result = {}
    for tier in TIERS:
        options = layers(variables, tier, problems)
        if tier in enabled or options.get("state") == "absent":
            result[tier] = options
    for name, options in mapping(variables, "thanos_instances", problems).items():
        if name in TIERS:
            what = f"the options of the tier's own instance belong in thanos_{name}"
            problems.append(mistake("instance-collision", f"thanos_instances.{name}", what))
        elif options is not None and not isinstance(options, Mapping):
            what = "this must be a mapping of options"
            problems.append(mistake("variable-form", f"thanos_instances.{name}", what))
        else:
            result[str(name)] = dict(options or {})
    if roles.role(variables) == roles.HUB and not _is_given(variables, "thanos_enabled"):
        result = roles.for_rules(result, store_of(_rulers(variables)))
    return roles.completed(result, variables, problems)


def common(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The options of all instances: ``thanos_common`` and its layers. Raises InvalidInput, as ``instances`` does."""
    problems: list[Finding] = []
    result = layers(variables, "common", problems)
    if problems:
        raise InvalidInput(mistakes(variables))
    return result


def objstores(variables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Store name → options, from ``thanos_objstores`` and its short form ``thanos_objstore``, the store ``default``.

    Raises InvalidInput when an instance needs a store that is not there, and as ``instances`` does. No value is quoted:
    it may be a credential.
    """
    problems: list[Finding] = []
    result = declared_stores(variables, problems)
    if problems:
        raise InvalidInput(mistakes(variables))
    missing: dict[str, str] = {}
    for name, store in _stores_in_use(variables):
        if store not in result:
            missing.setdefault(store, name)
    if missing:
        raise InvalidInput([_no_store(store, name, result) for store, name in missing.items()])
    return result


def objstore_needs(variables: Mapping[str, Any], stack: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Store name → access role → what pods need of it, as the option ``objstores`` takes it: names and no credential.

    ``stack`` is the stack's name. What is missing or misspelt is told where the Secrets are made.
    """
    return {
        str(name): {role: as_option(found) for role, found in needs(stack, str(name), store).items()}
        for name, store in declared_stores(variables, []).items()
        if isinstance(store, Mapping) and isinstance(store.get("type"), str)
    }


def external_access(name: str, options: Mapping[str, Any], stores: Mapping[str, Any], where: str = "") -> Access | None:
    """How an instance reaches its object store (told in ``where``), if somebody else makes the Secret for it."""
    tier = TIERS.get(str(options.get("tier", name)))
    role = tier.access if tier and tier.has_objstore(options) else ""
    store = stores.get(store_of(options))
    if not role or not isinstance(store, Mapping) or options.get("objstore_secret"):
        return None
    accesses = for_pods(store, where)
    access = accesses.get(role) or accesses.get(ALL)
    return access if access is not None and access.mode == "external" and access.source else None


def store_of(options: Mapping[str, Any]) -> str:
    """Name of the object store that an instance with these options uses."""
    return str(options.get("objstore") or "default")


def _secret_of_somebody_else(name: str, options: Mapping[str, Any], stores: Mapping[str, Any]) -> dict[str, Any]:
    # ``stack`` finds it in ``objstores`` too; ``verify`` and tasks that hand over instances alone have no other way.
    access = external_access(name, options, stores)
    return {"objstore_secret": {"name": access.source, "key": access.source_key}} if access else {}


def _enabled(variables: Mapping[str, Any], problems: list[Finding]) -> Collection[str]:
    value = variables.get("thanos_enabled")
    if not _is_given(variables, "thanos_enabled"):
        return _of_the_role(variables)
    names = listed(value)
    if not isinstance(names, Sequence):
        problems.append(mistake("variable-form", "thanos_enabled", "this must be a list of tiers"))
        return TIERS
    problems.extend(_not_a_tier("thanos_enabled", name) for name in names if name not in TIERS)
    return names


def _of_the_role(variables: Mapping[str, Any]) -> Collection[str]:
    """The tiers of a host that does not list them: the usual ones, unless its groups say what it is there for."""
    role = roles.role(variables)
    tiers = roles.TIERS_OF[role]
    if role != roles.HUB:
        return tiers
    rulers = _rulers(variables)
    own = not rulers.get("objstore_secret") and store_of(rulers) in declared_stores(variables, [])
    return (*tiers, *roles.FOR_RULES) if own else tiers


def _rulers(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of the tier that evaluates rules; mistakes are told by whoever makes its instance."""
    (tier,) = roles.doing(Duty.RULES)
    return layers(variables, tier, [])


def _is_given(variables: Mapping[str, Any], name: str) -> bool:
    return variables.get(name) not in (None, "")


def _not_a_tier(where: str, name: Any) -> Finding:
    what = f"'{name}' is not a tier; tiers are {', '.join(TIERS)}"
    return mistake("tier-unknown", where, what, nearest(str(name), TIERS).strip())


def _stores_in_use(variables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(instance, object store) of every instance whose Secret is made from ``thanos_objstores``."""
    return [
        (name, store)
        for name, options in instances(variables).items()
        for store, secret in stores_used(options)
        if not secret
        if (tier := TIERS.get(str(options.get("tier", name)))) and tier.has_objstore(options)
        if options.get("state") != "absent"
    ]


def stores_used(options: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(object store, the Secret that is named for it or None) of an instance: of each hashring, where it has any."""
    parts = [_of_ring(options, ring) for ring in hashrings_of(options) or [{}]]
    return [(store_of(part), part["objstore_secret"]) for part in parts]


def hashrings_of(options: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The hashrings of an instance as they are given, none where it has none of its own."""
    return [ring for ring in entries(options.get("hashrings") or ()) if isinstance(ring, Mapping)]


def _of_ring(options: Mapping[str, Any], ring: Mapping[str, Any]) -> dict[str, Any]:
    """The object store of a hashring: one of its own leaves nothing of that of the instance."""
    store, secret = (ring.get(name) for name in _OF_RING)
    if store or secret:
        return {"objstore": store or options.get("objstore"), "objstore_secret": secret}
    return {name: options.get(name) for name in _OF_RING}


_OF_RING = ("objstore", "objstore_secret")


def _no_store(store: str, instance: str, known: Collection[str]) -> Finding:
    if not known:
        what = (
            f"no object store is given, and {instance} needs one: set thanos_objstore, such as "
            "{type: S3, bucket: …, endpoint: …}, or objstore_secret of the tiers where somebody else makes the Secret"
        )
        return mistake("store-missing", "", what)
    what = f"there is no object store '{store}' in thanos_objstores; there is {', '.join(known)}"
    return mistake("store-missing", instance, what, nearest(store, known).strip())
