# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches in pods: the password in the environment, from which Thanos puts it into its file, and what restarts them."""

from __future__ import annotations

from typing import Any

from ..caches import passwords_of, variable_of
from ..model import Context, Instance
from ..plain_json import digest
from .objstore import KNOWN_LATER


def cache_env(instance: Instance) -> list[dict[str, Any]]:
    """The environment variables with the passwords of the caches."""
    return [
        {"name": variable_of(each.option), "valueFrom": {"secretKeyRef": {"name": each.secret, "key": each.key}}}
        for each in passwords_of(instance)
    ]


def cache_digests(instance: Instance, ctx: Context) -> dict[str, str]:
    """The digest that restarts the pods when a password changes: Thanos reads it only once."""
    told = {each.name: ctx.facts.passwords.get(each.name) for each in passwords_of(instance)}
    if not told:
        return {}
    return {"cache-passwords-digest": digest(told) if all(told.values()) else KNOWN_LATER}
