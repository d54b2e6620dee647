# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How pods reach their object store: the Secret as files, a credential in the environment where it is there."""

from __future__ import annotations

from typing import Any

from ..._objstore.objstore_yml import FILE
from ..model import Context, Instance
from ..objstores import objstore_fact, objstore_needs

OBJSTORE_DIR = "/etc/thanos/objstore"
KNOWN_LATER = "known after the Secret is made"


def objstore_volume(instance: Instance, ctx: Context) -> dict[str, Any]:
    """The volume ``objstore``: the Secret as files, so that no credential is an argument or an environment variable."""
    needs = objstore_needs(instance, ctx)
    return {"name": "objstore", "secret": {"secretName": needs.secret if needs else ""}}


def objstore_env(instance: Instance, ctx: Context) -> list[dict[str, Any]]:
    """The environment of the container that reaches the object store: the user's, and a credential if it is there."""
    needs = objstore_needs(instance, ctx)
    credential = [
        {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
        for variable, (name, key) in (needs.env if needs else {}).items()
    ]
    return [*credential, *instance["env"]]


def objstore_args(instance: Instance) -> list[str]:
    """The flag that names the object store's configuration file."""
    named = instance["objstore_secret"]
    return [f"--objstore.config-file={OBJSTORE_DIR}/{named['key'] if named else FILE}"]


def objstore_digest(instance: Instance, ctx: Context) -> dict[str, str]:
    """The digest that restarts the pods when the credentials change: Thanos reads them only once.

    The uid of the Secret keys it, so that before the Secret is made nobody can know it: then a text says so, which
    check mode shows and no run sends.
    """
    fact = objstore_fact(instance, ctx)
    return {"objstore-digest": fact.digest if fact else KNOWN_LATER}
