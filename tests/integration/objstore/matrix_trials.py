# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a setting of a bucket on an S3 server is more than a record: it is tried out."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access import ROLES
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access_task import grant
from tests.integration.objstore.matrix_servers import Server, name_of, refused, store_of


def _put_public_policy(client: Any, name: str) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    client.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


# What opens a bucket to everybody, with the object that is tried.
_OPENINGS: dict[str, Callable[[Any, str], Any]] = {
    "an access list": lambda client, name: client.put_object_acl(Bucket=name, Key="seen", ACL="public-read"),
    "a policy": _put_public_policy,
}


def _let_in_by(way: str, client: Any, name: str) -> bool:
    """Whether the server takes this opening of the bucket."""
    return not refused(lambda: _OPENINGS[way](client, name))


def _stranger_reads(client: Any, name: str) -> bool:
    """Whether a request without any credential gets the object."""
    try:
        urllib.request.urlopen(f"{client.meta.endpoint_url}/{name}/seen", timeout=5).close()
    except urllib.error.HTTPError as e:
        if e.code not in (401, 403):
            raise
        return False
    return True


def _keeps_versions(server: Server, number: int, _folder: str) -> str:
    name = name_of(number)
    for body in (b"1", b"2"):
        server.client.put_object(Bucket=name, Key="twice", Body=body)
    kept = len(server.client.list_object_versions(Bucket=name).get("Versions") or ())
    return "" if kept > 1 else "an overwritten object is gone"


def _closed_to_strangers(server: Server, number: int, _folder: str) -> str:
    """Whether somebody without a credential reads an object, once a policy or an access list allows it to all."""
    name = name_of(number)
    server.client.put_object(Bucket=name, Key="seen", Body=b"1")
    if _stranger_reads(server.client, name):
        return "somebody without a credential reads what nothing lets them read"
    ways = [way for way in _OPENINGS if _let_in_by(way, server.client, name) and _stranger_reads(server.client, name)]
    return f"everybody is let in by {' and by '.join(ways)}" if ways else ""


def _refuses_plain_http(server: Server, number: int, folder: str) -> str:
    """By plain HTTP, as somebody who is let in: the owner may be exempt. The opposite policy must let them in again."""
    name = name_of(number)
    who, deeds = server.visitor(name, "compactor")
    people = {**{role: [] for role in ROLES}, "compactor": [who]}
    if server.lets_in is not None:
        server.lets_in(name, who)
    else:
        grant({"state": "present", "timeout": 2, "store": store_of(server, number), **people}, Mode(directory=folder))
    if not refused(deeds["write"]):
        return "plain HTTP is let in"
    policy = server.client.get_bucket_policy(Bucket=name)["Policy"]
    opposite = policy.replace('"false"', '"true"')
    if opposite == policy:
        raise AssertionError(f"the policy of {name} has no condition: {policy}")
    server.client.put_bucket_policy(Bucket=name, Policy=opposite)
    if refused(deeds["write"]):
        return "it does not look at the condition of a policy: with the opposite one, plain HTTP is refused as well"
    return ""


# What shows on an S3 server that a feature is more than a record.
TRIALS: dict[str, Callable[[Server, int, str], str]] = {
    "public_access": _closed_to_strangers,
    "versioning": _keeps_versions,
    "tls_only": _refuses_plain_http,
}
