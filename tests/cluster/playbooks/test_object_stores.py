# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A default deploy with a server that people run themselves, as most begin: without a region, with one credential.

Then the pods get a user with just the rights that they need, by the server's own means.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.playbooks.conftest import Site
from tests.support.store_users import own_user
from tests.testbed.plan import BRIDGE_ADDRESS
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

# Server → what a default deploy is warned of.
SERVERS = {
    "minio": "MinIO: it takes no rule for unfinished uploads",
    "seaweedfs": "",
    "garage": "public_access is wanted by profile thanos, but this server does not have it",
}
KINDS = ["minio", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("seaweedfs", "garage"))]


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest, kubeconfig: str) -> Iterator[Store]:
    """Pods reach it over the bridge, which comes with the cluster."""
    assert kubeconfig
    with Store(request.param, address=BRIDGE_ADDRESS) as running:
        yield running


@pytest.fixture(scope="module")
def store(server: Store) -> Place:
    return server.place


@pytest.fixture(scope="module")
def host(site: Site) -> Site:
    place = site.store
    keys = {"access_key": place.access_key, "secret_key": place.secret_key}
    where = {"type": "S3", "bucket": "metrics", "endpoint": place.endpoint, "insecure": True}
    site.variables["thanos_objstore"] = {**where, **keys}
    return site


def test_default_deploy_works_and_then_changes_nothing(host: Site, server: Store) -> None:
    made = host.play("deploy")
    assert made.code == 0, made.text
    assert "fail 0" in made.text
    assert SERVERS[server.place.kind] in made.plain()
    again = host.play("deploy")
    assert (again.code, again.recap()) == (0, {"eu": (0, 0)}), again.text
    host.variables["thanos_objstore"]["pods"] = own_user(server, "metrics", "compactor")
    less = host.play("deploy")
    assert (less.code, less.recap()["eu"][0] > 0) == (0, True), less.text
    assert host.play("deploy").recap() == {"eu": (0, 0)}
    verified = host.play("verify")
    assert (verified.code, "fail 0" in verified.text) == (0, True), verified.text
    removed = host.play("teardown")
    assert removed.code == 0, removed.text
