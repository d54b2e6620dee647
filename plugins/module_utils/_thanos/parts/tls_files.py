# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates in pods: the Secrets as files, and what restarts the pods when a file changes that is read only once."""

from __future__ import annotations

from typing import Any

from ..grpc_tls import authority, tls_secrets
from ..model import Context, Instance
from .objstore import KNOWN_LATER


def tls_volumes(instance: Instance) -> list[dict[str, Any]]:
    """A volume for each Secret with certificates."""
    return [{"name": each.volume, "secret": {"secretName": each.name}} for each in tls_secrets(instance)]


def tls_mounts(instance: Instance) -> dict[str, str]:
    """Where each of these volumes is in the container of Thanos."""
    return {each.volume: each.folder for each in tls_secrets(instance)}


def tls_digests(instance: Instance, ctx: Context) -> dict[str, str]:
    """Annotations of the pod template.

    Certificates and keys are read at each handshake, a CA only once: so those that are the same for all endpoints have
    a digest here. Those of single endpoints must not, or a further edge would restart the pods; whoever replaces one
    raises the generation of the Secret.
    """
    result: dict[str, str] = {}
    for secret in tls_secrets(instance):
        fact = ctx.facts.certificates.get(secret.name)
        if secret.option == "client_tls":
            result["generation"] = fact.generation if fact else KNOWN_LATER
        key = authority(instance, secret)
        if key:
            result[_DIGESTS[secret.option]] = fact.digests.get(key, "") if fact else KNOWN_LATER
    return result


_DIGESTS = {
    "grpc_tls": "grpc-ca-digest",
    "client_tls": "local-ca-digest",
    "remote_write_tls": "remote-write-ca-digest",
    "forward_tls": "forward-ca-digest",
}
