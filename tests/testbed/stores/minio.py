# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MinIO: an S3 server with accounts whose rights are policies of the server, not of buckets.

It refuses a lifecycle rule about unfinished uploads, which it removes by itself, and a bucket policy that names a user.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.testbed.process import Command
from tests.testbed.stores.base import Kind, Place

BINARY = "minio"


def command(place: Place, binaries: Mapping[str, Path]) -> Command:
    """The server, in the region that it takes by itself. Its credentials go by the environment."""
    folder = place.directory / "data"
    folder.mkdir(parents=True, exist_ok=True)
    certificates = place.directory / "certs"
    certificates.mkdir(parents=True, exist_ok=True)
    if place.tls:
        pair = place.certificate()
        (certificates / "public.crt").write_bytes(pair.certificate.read_bytes())
        (certificates / "private.key").write_bytes(pair.key.read_bytes())
    secured = ("--certs-dir", str(certificates))
    argv = (str(binaries[BINARY]), "server", "--quiet", "--address", place.endpoint, *secured, str(folder))
    credentials = {"MINIO_ROOT_USER": place.access_key, "MINIO_ROOT_PASSWORD": place.secret_key}
    # It asks a computer of its makers for news and looks for a browser's address, neither of which there is.
    quiet = {"MINIO_UPDATE": "off", "MINIO_BROWSER": "off"}
    return Command(BINARY, argv, environment={**credentials, **quiet})


def add_user(place: Place, _binaries: Mapping[str, Path], access_key: str, secret_key: str) -> None:
    """An account without any right; :func:`let` gives it some."""
    _admin(place).user_add(access_key=access_key, secret_key=secret_key)


def let(place: Place, access_key: str, name: str, statements: Sequence[Mapping[str, Any]]) -> None:
    """Give an account the rights of these statements, which name no principal, as the policy ``name``."""
    admin = _admin(place)
    admin.policy_add(policy_name=name, policy={"Version": "2012-10-17", "Statement": [dict(one) for one in statements]})
    attached = json.loads(admin.attach_policy(policies=[name], user=access_key))
    assert attached["policiesAttached"] == [name], attached


def _admin(place: Place) -> Any:
    from minio.credentials.providers import StaticProvider
    from minio.minioadmin import MinioAdmin

    keys = StaticProvider(place.access_key, place.secret_key)
    authority = {"http_client": _trusting(place)} if place.tls else {}
    return MinioAdmin(endpoint=place.endpoint, credentials=keys, secure=place.tls, **authority)


def _trusting(place: Place) -> Any:
    import urllib3

    return urllib3.PoolManager(ca_certs=str(place.ca_file))


KIND = Kind(binaries=(BINARY,), port=7078, tls_port=7478, command=command, add_user=add_user)
