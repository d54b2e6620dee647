# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A default deploy with MinIO, as most people begin: without a region, with one credential."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.playbooks.conftest import Site
from tests.testbed.plan import BRIDGE_ADDRESS
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store


@pytest.fixture(scope="module")
def store(kubeconfig: str) -> Iterator[Place]:
    """Pods reach it over the bridge, which comes with the cluster."""
    assert kubeconfig
    with Store("minio", address=BRIDGE_ADDRESS) as running:
        yield running.place


@pytest.fixture(scope="module")
def on_minio(site: Site) -> Site:
    place = site.store
    keys = {"access_key": place.access_key, "secret_key": place.secret_key}
    where = {"type": "S3", "bucket": "metrics", "endpoint": place.endpoint, "insecure": True}
    site.variables["thanos_objstore"] = {**where, **keys}
    return site


def test_default_deploy_works_and_then_changes_nothing(on_minio: Site) -> None:
    made = on_minio.play("deploy")
    assert made.code == 0, made.text
    assert "fail 0" in made.text
    assert "MinIO: it takes no rule for unfinished uploads" in made.plain()
    again = on_minio.play("deploy")
    assert (again.code, again.recap()) == (0, {"eu": (0, 0)}), again.text
    removed = on_minio.play("teardown")
    assert removed.code == 0, removed.text
