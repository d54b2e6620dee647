# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pods need of Kubernetes to reach an object store: names, never a value. Pure, from the inventory alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .credentials import ALL, ROLES, Access, files_of, needs_of_pods
from .identity import Identity, identity_of_pods
from .objstore_yml import FILE
from .options import for_pods


def secret_label(store: str, role: str) -> str:
    """The instance that the Secret of an access role belongs to, ``all`` being every role without one of its own."""
    return f"objstore-{store}" if role == ALL else f"objstore-{store}-{role}"


def secret_name(stack: str, store: str, role: str) -> str:
    """The Secret that ``objstore_secret`` makes for an access role."""
    return f"{stack}-{secret_label(store, role)}"


def secret_of(stack: str, store: str, access: Access) -> str:
    """The Secret that the pods of an access role mount, also where somebody else makes it."""
    return access.source if access.mode == "external" else secret_name(stack, store, access.role)


def mounted(stack: str, store: str, access: Access) -> tuple[str, str]:
    """That Secret, and its key with the configuration."""
    return secret_of(stack, store, access), access.source_key if access.mode == "external" else FILE


@dataclass(frozen=True)
class Needs:
    """What the pods of one access role need: the Secret and its key that hold the configuration, and things beside it.

    ``env`` is variable → (Secret, key) of a credential that the pods have in their environment. ``mode`` is how they
    come by it (``credentials_mode``), empty where nothing but a Secret is known. ``bucket`` is what the configuration
    will name, None where only the Secret tells. ``files`` are those that its credential is read with.
    """

    secret: str
    key: str = FILE
    env: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    service_account_annotations: Mapping[str, str] = field(default_factory=dict)
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    mode: str = ""
    bucket: Identity | None = None
    files: tuple[str, ...] = ()


def needs(stack: str, name: str, store: Mapping[str, Any]) -> dict[str, Needs]:
    """Access role → what its pods need of the object store ``name`` of a stack, whose options are ``store``."""
    accesses = for_pods(store)
    return {role: _needs_of(stack, name, accesses.get(role) or accesses[ALL]) for role in ROLES}


def _needs_of(stack: str, name: str, access: Access) -> Needs:
    beside = needs_of_pods(access)
    secret, key = mounted(stack, name, access)
    return Needs(
        secret=secret,
        key=key,
        env={variable: (secret, key) for variable, (secret, key) in sorted(beside.get("env", {}).items())},
        service_account_annotations=beside.get("service_account_annotations", {}),
        pod_labels=beside.get("pod_labels", {}),
        mode=access.mode,
        bucket=None if access.mode == "external" else identity_of_pods(access.keys),
        files=files_of(access.keys),
    )


def as_option(found: Needs) -> dict[str, Any]:
    """What the option ``objstores`` says of one access role of one object store; what is not needed is left out."""
    option = {
        "credentials_mode": found.mode,
        "secret": found.secret,
        "key": found.key,
        "env": {variable: {"name": secret, "key": key} for variable, (secret, key) in found.env.items()},
        "service_account_annotations": dict(found.service_account_annotations),
        "pod_labels": dict(found.pod_labels),
        "files": list(found.files),
        "bucket": {name: value for name, value in found.bucket._asdict().items() if value} if found.bucket else {},
    }
    return {name: value for name, value in option.items() if value}
