# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed settings of an endpoint that a querier is connected to: Thanos reads them, and goes on as before.

It does so until the connection has been broken for five minutes, and with a strict endpoint for ever. So what the pods
were started with is written beside their template, and a number in it grows when that changes. A further endpoint, or
one that goes, changes no template: Thanos applies these at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .endpoint_file import settings_of
from .model import Context, Dialled, Instance
from .plain_json import digest, plain_json
from .remote_endpoints import has_tls

# On the Deployment, and in its pods' template.
SETTINGS_ANNOTATION = "o11y.thanos/endpoint-settings"
SETTINGS_GENERATION = "endpoint-settings-generation"


def dialled_by(workload: Mapping[str, Any]) -> Dialled | None:
    """What a live workload was given; None where that is nothing, or was edited into another form."""
    template = workload["spec"]["template"]["metadata"].get("annotations") or {}
    noted = (workload["metadata"].get("annotations") or {}).get(SETTINGS_ANNOTATION)
    try:
        settings = {str(address): str(one) for address, one in json.loads(noted or "").items()}
        return Dialled(settings, int(template.get(f"o11y.thanos/{SETTINGS_GENERATION}", "0")))
    except (ValueError, AttributeError):
        return None


def settings_notes(instance: Instance) -> dict[str, str]:
    """The annotation of the Deployment; empty for a querier that speaks plain text only."""
    settings = _settings(instance)
    return {SETTINGS_ANNOTATION: plain_json(dict(sorted(settings.items())))} if settings else {}


def settings_digests(instance: Instance, ctx: Context) -> dict[str, str]:
    """What goes into the pod template: how often the setting of an endpoint was changed while pods were connected."""
    before, now = ctx.facts.dialled.get(instance.name), _settings(instance)
    if before is None or not now:
        return {}
    changed = any(before.settings.get(address, one) != one for address, one in now.items())
    generation = before.generation + changed
    return {SETTINGS_GENERATION: str(generation)} if generation else {}


def _settings(instance: Instance) -> dict[str, str]:
    """Address → digest of how it is spoken to."""
    endpoints = instance["endpoints"]
    if not (instance["client_tls"] or instance["local_tls"] or any(has_tls(endpoint) for endpoint in endpoints)):
        return {}
    settings = {each["address"]: settings_of(instance, each).get("client_config") for each in endpoints}
    settings["default"] = instance["local_tls"]
    return {address: digest(setting) for address, setting in settings.items() if address}
