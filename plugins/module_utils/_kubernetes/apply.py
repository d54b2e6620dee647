# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes: server-side apply of one object, and deletion of one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .client import APPLY, Client
from .compare import claimed, content
from .kinds import KINDS
from .leftovers import leftovers
from .manifest import Manifest, Ref, ref_of
from .plan import Step
from .refusals import explained
from .response import ApiError

# A namespace or Role that was made a moment ago may not be known yet to the part of the server that looks for it.
_ATTEMPTS = 20


@dataclass(frozen=True)
class Done:
    """What became of one object. ``action`` is created, updated, deleted or unchanged.

    ``holder`` is the instance whose fields they are, where the object is somebody else's; before and after are these
    fields then.
    """

    ref: Ref
    action: str
    before: Manifest | None = None
    after: Manifest | None = None
    holder: str = ""


def apply_step(client: Client, step: Step, *, dry_run: bool = False) -> Done:
    """Apply one object where that is due. Whether it changed is decided by the server's answer."""
    if not step.due:
        return Done(step.ref, "unchanged", step.live, step.live)
    after = _applied(client, step, dry_run)
    if not dry_run:
        for manager in step.former:
            after = _patch(client, step, bare(step.ref), manager, dry_run)
    if step.live is None:
        return Done(step.ref, "created", None, after)
    client.warnings.extend(leftovers(step.ref, step.live, after, step.manager))
    changed = content(step.live) != content(after)
    return Done(step.ref, "updated" if changed else "unchanged", step.live, after)


def delete(client: Client, item: Manifest, *, dry_run: bool = False) -> Done:
    """Delete exactly this object (by uid); in a dry run nothing is sent. One that is gone already is no error."""
    ref = ref_of(item)
    if not dry_run:
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": item["metadata"]["uid"]},
        }
        client.request("DELETE", ref.path, body=body, ok=(404,))
    return Done(ref, "deleted", item, None)


def bare(ref: Ref) -> Manifest:
    """The object without any field: applying it gives up what the manager owned."""
    kind = KINDS[ref.kind]
    metadata = {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}


def _applied(client: Client, step: Step, dry_run: bool) -> Manifest:
    """Apply; where the result is invalid because another hand put something beside it, take that away with it."""
    try:
        return _patch(client, step, step.desired, step.manager, dry_run)
    except ApiError as error:
        if dry_run and step.live is None and error.status == 404:
            # It refers to what is not there in a dry run, as a RoleBinding to its Role.
            client.warnings.append(f"{step.ref} was not validated: {error.message}")
            return step.desired
        told = explained(error, step.ref, step.live)
        if step.live is None or error.status != 422 or told is not error or claimed(step.live, step.manager) is None:
            raise told from None
        if dry_run:
            # The server can only be asked about one of the two requests.
            return {**step.live, **step.desired, "metadata": {**step.live["metadata"], **step.desired["metadata"]}}
        _claim(client, step)
        return _patch(client, step, step.desired, step.manager, dry_run)


def _claim(client: Client, step: Step) -> None:
    """Make ours what others own of the spec, unless somebody writes to the object all the time."""
    for _attempt in range(5):
        live = client.request("GET", step.ref.path).body
        fields = claimed(live, step.manager)
        if fields is None:
            return
        claim = [
            {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
            {"op": "replace", "path": "/metadata/managedFields", "value": fields},
        ]
        form = "application/json-patch+json"
        if client.request("PATCH", step.ref.path, body=claim, content_type=form, ok=(409,)).status != 409:
            return


def _patch(client: Client, step: Step, body: Manifest, manager: str, dry_run: bool) -> Manifest:
    query = {"fieldManager": manager, "force": "true", **({"dryRun": "All"} if dry_run else {})}
    for _attempt in range(1 if dry_run else _ATTEMPTS):
        response = client.request("PATCH", step.ref.path, query=query, body=body, content_type=APPLY, ok=(404,))
        if response.status != 404:
            break
        time.sleep(0.25)
    else:
        # Once more, for the error.
        response = client.request("PATCH", step.ref.path, query=query, body=body, content_type=APPLY)
    answer: Manifest = response.body
    return answer
