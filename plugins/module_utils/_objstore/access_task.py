# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of ``bucket_access``: who may do what → one bucket's policy → result, with the documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import Failure
from .access import ROLES, documents, wanted
from .adapters.table import open_store
from .converge import Outcome, present
from .model import Desired, Wish
from .task import SPEC, connection, result

ACCESS_SPEC: dict[str, Any] = {
    **{name: SPEC[name] for name in ("store", "state", "timeout")},
    **{role: {"type": "list", "elements": "str", "default": []} for role in ROLES},
}


def grant(params: Mapping[str, Any], check_mode: bool, directory: str) -> dict[str, Any]:
    """Let the components of Thanos in and return the module's result. Raises Failure."""
    keys = connection(params["store"])
    store = {**params["store"], **keys}
    papers = {"documents": documents(store)}
    given = {role: params[role] for role in ROLES if params["state"] == "present"}
    if params["state"] == "present" and not any(given.values()):
        return {**result(store, "", Outcome(False, "unchanged", "", None, None)), **papers}
    carried = wanted(store, given)
    if carried is None:
        raise Failure(
            f"a bucket of type {store['type']} carries no access list; leave reader, writer and compactor out, and "
            "give the documents that this module returns to the provider's own tools."
        )
    adapter = open_store(keys, params["timeout"], directory)
    if not adapter.observe(()).exists:
        raise Failure(f"{adapter.describe()} does not exist; make it with the module bucket first.")
    wishes = Desired((Wish("access", carried, asked=True),))
    outcome = present(adapter, wishes, check_mode, params["timeout"])
    return {**result(store, adapter.describe(), outcome), **papers}
