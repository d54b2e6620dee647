# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Secret of a stack, for the modules that make them."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from . import engine
from .client import Client
from .engine import Outcome, Settings
from .manifest import Manifest, Scope, labels
from .phases import Phase


def secret(name: str, namespace: str, stack: str, instance: str, data: Mapping[str, str]) -> Manifest:
    """The manifest of a Secret; ``data`` is key → text."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {**labels(stack, instance), "app.kubernetes.io/part-of": stack},
        },
        "type": "Opaque",
        "data": {key: base64.b64encode(text.encode()).decode() for key, text in data.items()},
    }


def ensure(client: Client, scope: Scope, manifests: list[Manifest], settings: Settings) -> Outcome:
    """Make the Secrets of an instance what ``manifests`` say; those it no longer has are removed."""
    return engine.run(client, scope, [Phase("secrets", manifests)], settings)
