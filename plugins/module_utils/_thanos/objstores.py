# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The object store of an instance: what its pods need follows from the options; the live Secret adds its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .._findings import Finding, mistake
from .._objstore.credentials import ALL, MODES, ROLES, SECRETS_DIR
from .._objstore.identity import Identity, described
from .._objstore.needs import Needs, secret_name
from .._objstore.objstore_yml import FILE
from .._options.convert import convert
from .._options.rows import Option
from .files import file_exists
from .model import Context, Facts, Instance, ObjstoreFact, Stack

_BUCKET = {"type": Option(required=True), "endpoint": Option(), "bucket": Option(required=True), "prefix": Option()}
# What the option ``objstores`` says of one access role of one object store.
NEEDS = {
    "credentials_mode": Option(choices=MODES, default=MODES[0]),
    "secret": Option(required=True, form="dns_name"),
    "key": Option(default=FILE),
    "env": Option("dict"),
    "service_account_annotations": Option("dict", keys="annotation_key", form="text"),
    "pod_labels": Option("dict", keys="label_key", form="kubernetes_label_value"),
    "bucket": Option("dict", options=_BUCKET),
    "files": Option("list", elements="str"),
}
_PLACE = {"name": Option(required=True, form="dns_name"), "key": Option(required=True)}


def parsed(values: Mapping[str, Any], problems: list[Finding]) -> dict[tuple[str, str], Needs]:
    """(Object store, access role) → what its pods need, from the option ``objstores``; mistakes go to ``problems``."""
    roles = {role: Option("dict", options=NEEDS) for role in ROLES}
    stores = convert({str(name): Option("dict", options=roles) for name in values}, values, "objstores.", problems)
    return {
        (store, role): _needs(given, f"objstores.{store}.{role}.env.", problems)
        for store, levels in stores.items()
        for role, given in (levels or {}).items()
        if given is not None
    }


def _needs(given: Mapping[str, Any], where: str, problems: list[Finding]) -> Needs:
    env = convert({name: Option("dict", options=_PLACE) for name in given["env"]}, given["env"], where, problems)
    return Needs(
        secret=str(given["secret"]),
        key=given["key"],
        env={variable: (place["name"], place["key"]) for variable, place in sorted(env.items()) if place},
        service_account_annotations=given["service_account_annotations"],
        pod_labels=given["pod_labels"],
        mode=given["credentials_mode"],
        bucket=Identity(**{part: value or "" for part, value in given["bucket"].items()}) if given["bucket"] else None,
        files=tuple(given["files"]),
    )


def has_objstore(instance: Instance) -> bool:
    """Whether it has an object store; one workload of an instance may have none, such as the router of a receive."""
    return instance.tier.has_objstore(instance.options) and bool(instance["objstore"])


def objstore_key(instance: Instance) -> tuple[str, str]:
    """What an instance's object store is known by among the facts: the store or the user's own Secret, and the role."""
    named = instance["objstore_secret"]
    return f"secret/{named['name']}" if named else str(instance["objstore"]), instance.tier.access


def candidates(instance: Instance, stack: Stack) -> list[Needs]:
    """What an instance may need of its object store, by the Secrets that may hold it: the first that exists does.

    There is one where the options tell it. Of the others no more is known than the name.
    """
    named, (store, role) = instance["objstore_secret"], objstore_key(instance)
    if named:
        return [Needs(named["name"], named["key"])]
    if (store, role) in stack.objstores:
        return [stack.objstores[store, role]]
    return [Needs(secret_name(stack.name, store, each)) for each in (role, ALL)]


def objstore_needs(instance: Instance, ctx: Context) -> Needs | None:
    """What an instance needs of its object store, or None when it has none."""
    if not has_objstore(instance):
        return None
    fact = objstore_fact(instance, ctx)
    return fact.needs if fact else candidates(instance, ctx.stack)[-1]


def objstore_fact(instance: Instance, ctx: Context) -> ObjstoreFact | None:
    """What was gathered of the Secret of the instance's object store, or None when there is no Secret or no store."""
    return ctx.facts.objstores.get(objstore_key(instance)) if has_objstore(instance) else None


# Options with which a file may be in a pod that nothing here knows of.
_MAY_BRING = ("image", "pod_annotations", "pod_labels", "service_account_annotations", "prometheus")


def problems_of_files(stack: Stack, facts: Facts) -> list[Finding]:
    """Files that the credential of an object store is read with, and that the pods which use it do not have.

    An image of the user's own may hold any file, what annotations and labels ask for may put one there, and so may the
    owner of a Prometheus of somebody else's.
    """
    ctx, found = Context(stack, facts), []
    for instance in stack.views():
        needs = objstore_needs(instance, ctx)
        unknown = any(instance.options.get(name) for name in _MAY_BRING)
        for path in needs.files if needs and not unknown else ():
            where = f"instances.{instance.name}.secrets"
            name, _slash, key = path.removeprefix(f"{SECRETS_DIR}/").partition("/")
            keys = facts.files.get(f"Secret/{name}")
            what = f"the credential of the object store is read with the file {path}"
            if not file_exists(instance, path):
                below = path.startswith(f"{SECRETS_DIR}/")
                advice = f"add the Secret {name}" if below else f"name one below {SECRETS_DIR}/, and add its Secret"
                found.append(mistake("file-missing", where, f"{what}, which the pods do not have", advice))
            elif path.startswith(f"{SECRETS_DIR}/") and keys is not None and key not in keys:
                lacks = f"{what}, and the Secret {stack.namespace}/{name} has no key {key}"
                found.append(mistake("file-missing", where, lacks, f"it has: {', '.join(keys)}"))
    return list(dict.fromkeys(found))


def moved(whose: str, old: Identity, new: Iterable[Identity]) -> str:
    """The sentence about pods that had one bucket until now, and have others from now on."""
    return (
        f"until now {whose} had {described(old)}, from now on {' and '.join(map(described, new))}: queries no longer "
        "see what is in the former, and nothing compacts it or applies its retention, unless another instance does. "
        "Where these are not one bucket at two addresses, name the former again, or keep it as a further object store "
        "with a store and a compactor of its own (thanos_objstores, thanos_instances)"
    )


def with_secret(instance: Instance, stores: Mapping[tuple[str, str], Needs]) -> Instance:
    """The instance with the ``objstore_secret`` that follows from a store whose Secret somebody else makes."""
    if not instance.tier.access or instance["objstore_secret"]:
        return instance
    found = stores.get(objstore_key(instance))
    if found is None or found.mode != "external":
        return instance
    named = {"name": found.secret, "key": found.key}
    return replace(instance, options={**instance.options, "objstore_secret": named})
