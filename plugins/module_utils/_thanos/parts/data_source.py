# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The object with a data source for Grafana."""

from __future__ import annotations

import base64

from ..grafana import OPTION, file_of
from ..model import Context, Instance, Manifest
from .objects import manifest


def data_source(instance: Instance, ctx: Context) -> list[Manifest]:
    """The ConfigMap or Secret with the file, where the instance asks for it."""
    given = instance[OPTION]
    if not given:
        return []
    name, text = file_of(instance, ctx.stack)
    value = base64.b64encode(text.encode()).decode() if given["kind"] == "Secret" else text
    made = manifest("v1", given["kind"], instance, ctx, name=f"{instance.fullname}-grafana", data={name: value})
    made["metadata"]["labels"] = {**given["labels"], **made["metadata"]["labels"]}
    return [made]
