# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Secret of a stack, for the modules that make them."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes import engine
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Outcome, Settings
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, Scope, labels
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Phase


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
