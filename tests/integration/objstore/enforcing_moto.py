# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto that looks at signatures and at the policies of users, which it does not unless it is told."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.testbed.stores.store import Store

_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@contextlib.contextmanager
def enforcing_moto() -> Iterator[Store]:
    """A server of its own, since this cannot be undone; its place holds the keys of a user who may do everything."""
    with Store("moto") as server:
        owner = add_user(server, "owner", _EVERYTHING)
        replace(server.place, access_key=owner["access_key"], secret_key=owner["secret_key"]).save()
        form = {"Content-Type": "text/plain"}
        enforce = urllib.request.Request(f"{server.place.url}/moto-api/reset-auth", b"0", form, method="POST")
        urllib.request.urlopen(enforce, timeout=10).close()
        yield server


def add_user(server: Store, name: str, policy: Mapping[str, Any]) -> dict[str, str]:
    """A user with this policy and no other. Returns its access_key and secret_key."""
    import boto3

    place = server.place
    keys = {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
    client = boto3.client("iam", endpoint_url=place.url, region_name="us-east-1", **keys)
    client.create_user(UserName=name)
    client.put_user_policy(UserName=name, PolicyName="thanos", PolicyDocument=json.dumps(policy))
    made = client.create_access_key(UserName=name)["AccessKey"]
    return {"access_key": made["AccessKeyId"], "secret_key": made["SecretAccessKey"]}
