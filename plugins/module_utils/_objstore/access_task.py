# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of ``bucket_access``: who may do what → one bucket's policy → result, with the documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._body import Mode, body
from .._errors import Failure
from .._findings import Finding
from .._options.rows import argument_spec
from .access import ROLES, documents, wanted
from .adapters.table import open_store
from .bucket_model import Desired, State, Wish
from .converge import BucketOutcome, present
from .credentials import CARRYING, GRANT_TO
from .task import OPTIONS, bucket_of, connection, mistakes_in_upper, result

_OPTIONS = {
    **{name: OPTIONS[name] for name in ("store", "state", "timeout")},
    **{role: replace(GRANT_TO["grant_to"], default=[]) for role in ROLES},
}
ACCESS_SPEC = argument_spec(_OPTIONS)


def mistakes_in_access(raw: Mapping[str, Any]) -> list[Finding]:
    """Every mistake in the raw parameters; whoever wants documents alone need not say how the bucket is reached."""
    store = raw.get("store")
    carries = isinstance(store, Mapping) and store.get("type") in CARRYING
    asks = carries and (raw.get("state") == "absent" or any(raw.get(role) for role in ROLES))
    return mistakes_in_upper(raw, bare=not asks, options=_OPTIONS)


def grant(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Let the components of Thanos in and return the module's result. Raises Failure."""
    keys, store = connection(params["store"]), _store(params)
    here = params["state"] == "present"
    given = {role: params[role] for role in ROLES if here}
    carried = wanted(store, given)
    where, outcome = "", BucketOutcome(False, "unchanged", "", None, None)
    if any(given.values()) and carried is None:
        raise Failure(
            f"a bucket of type {store['type']} carries no access list; leave reader, writer and compactor out, and "
            "give the documents that this module returns to the provider's own tools."
        )
    if carried is not None and (any(given.values()) or not here):
        where, outcome = _write(keys, carried, params, mode)
    return {**result(store, where, outcome), "documents": documents(store)}


def _store(params: Mapping[str, Any]) -> dict[str, Any]:
    return {**params["store"], **connection(params["store"])}


def _write(
    keys: Mapping[str, Any], carried: dict[str, list[str]], params: Mapping[str, Any], mode: Mode
) -> tuple[str, BucketOutcome]:
    """Where the bucket is, and what came of it. ``carried``: see ``wanted``; nothing where nobody shall be let in."""
    adapter = open_store(keys, params["timeout"], mode.directory)
    found = adapter.observe(("access",))
    where, here = adapter.describe(), params["state"] == "present"
    lacks = not found.exists or found.features["access"].state is State.UNSUPPORTED
    if not here and lacks:
        return where, BucketOutcome(False, "unchanged", found.region, None, None)
    if not found.exists and mode.check_mode:
        warning = f"{where} does not exist yet; unless the module bucket makes it before this task, it will fail."
        return where, BucketOutcome(True, "updated", "", None, {"access": carried}, (warning,))
    if not found.exists:
        raise Failure(f"{where} does not exist; make it with the module bucket first.")
    wishes = Desired((Wish("access", carried, asked=True),))
    return where, present(adapter, wishes, mode.check_mode, params["timeout"])


BUCKET_ACCESS = body(
    ACCESS_SPEC,
    mistakes_in_access,
    grant,
    whole={"documents": lambda params: documents(_store(params)), "bucket": bucket_of},
    rows=_OPTIONS,
)
