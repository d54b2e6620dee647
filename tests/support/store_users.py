# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of least privilege on servers that keep users and their rights to themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.modules import run_module
from tests.testbed.stores import garage, minio, seaweedfs
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store


def _statements(place: Place, bucket: str, role: str) -> list[dict[str, Any]]:
    """Those of the document that ``bucket_access`` renders."""
    store = {"type": "S3", "bucket": bucket, "endpoint": place.endpoint}
    return list(run_module("bucket_access", {"store": store})["documents"][role]["Statement"])


# Kind → what gives a user (place, user, bucket, role) its rights by the server's own means.
GIVE: dict[str, Callable[[Place, str, str, str], None]] = {
    "minio": lambda place, user, bucket, role: minio.let(place, user, user, _statements(place, bucket, role)),
    "seaweedfs": lambda place, user, bucket, role: seaweedfs.let(place, user, _statements(place, bucket, role)),
    "garage": lambda place, user, bucket, role: garage.let(place, bucket, user, *garage.RIGHTS[role]),
}


def own_user(server: Store, bucket: str, role: str) -> dict[str, str]:
    """Keys of a new user who has just this role in a bucket that is there, by the server's own means."""
    keys = server.add_user(f"{role}-{bucket}")
    GIVE[server.place.kind](server.place, keys["access_key"], bucket, role)
    return keys
