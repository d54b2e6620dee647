# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upload, store gateway and compactor of the real Thanos on every server, with the least right where it is enforced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.objstore.components import REPLICAS, Components, make_blocks
from tests.integration.objstore.enforcing_moto import enforcing_moto
from tests.integration.objstore.sites import FAST, SITES, Site
from tests.integration.objstore.test_gcs import account
from tests.integration.objstore.test_thanos import thanos
from tests.support.modules import run_module
from tests.testbed.build import build
from tests.testbed.progress import Progress
from tests.testbed.stores.store import Store

__all__ = ["account", "thanos"]
ALL = [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in SITES]
# Where a server knows users: what Thanos says when one of them may not.
USERS = [
    ("versitygw-users", "Access Denied"),
    ("moto-users", "Access Denied"),
    pytest.param("ceph-users", "Access Denied", marks=pytest.mark.slow),
    pytest.param("seaweedfs-users", "Access Denied", marks=pytest.mark.slow),
    pytest.param("seaweedfs-own-users", "Access Denied", marks=pytest.mark.slow),
    pytest.param("garage-users", "Forbidden", marks=pytest.mark.slow),
    pytest.param("ceph-swift-users", "Operation forbidden", marks=pytest.mark.slow),
    pytest.param("swift-users", "Operation forbidden", marks=pytest.mark.slow),
    pytest.param("swift-keystone-users", "Operation forbidden", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    promtool = build(("promtool",), Progress(quiet=True))["promtool"]
    return make_blocks(promtool, tmp_path_factory.mktemp("blocks"))


@pytest.fixture(scope="module")
def enforcing() -> Iterator[Store]:
    with enforcing_moto() as server:
        yield server


@pytest.fixture
def site(request: pytest.FixtureRequest, servers: Callable[[str], Store]) -> Site:
    """A new bucket, made by the module ``bucket``."""
    kind, make = SITES[request.param]
    server = request.getfixturevalue("enforcing") if kind == "enforcing moto" else servers(kind)
    made = make(server, request.getfixturevalue("account") if kind == "gcs" else "")
    # To make a bucket takes one word more than to use it.
    project = {"project": "metrics"} if kind == "gcs" else {}
    store = {**made.owner, **project}
    created = run_module("bucket", {"store": store, "timeout": 5}, environment=dict(made.environment))
    assert created.values.get("action") == "created", created.text
    return made


@pytest.fixture
def components(thanos: Path, tmp_path: Path, site: Site) -> Components:
    return Components(thanos, tmp_path, site.environment)


def names(blocks: Path) -> set[str]:
    return {path.name for replica in REPLICAS for path in (blocks / replica).iterdir()}


@pytest.mark.parametrize("site", ALL, indirect=True)
def test_writer_uploads_blocks(site: Site, components: Components, blocks: Path) -> None:
    done = components.upload(site.grant("writer"), blocks)
    assert (done.code, components.list(site.owner)) == (0, names(blocks)), done.output


@pytest.mark.parametrize("site", ALL, indirect=True)
def test_store_gateway_serves_the_blocks_as_reader(site: Site, components: Components, blocks: Path) -> None:
    assert components.upload(site.owner, blocks).code == 0
    assert components.loaded(site.grant("reader")) == names(blocks)


@pytest.mark.parametrize("site", ALL, indirect=True)
def test_compactor_merges_and_removes_blocks(site: Site, components: Components, blocks: Path) -> None:
    assert components.upload(site.owner, blocks).code == 0
    done = components.compact(site.grant("compactor"))
    left = components.list(site.owner)
    assert (done.code, len(left), left & names(blocks)) == (0, 1, set()), done.output


@pytest.mark.parametrize(("site", "refusal"), USERS, indirect=["site"])
def test_reader_cannot_upload(site: Site, components: Components, blocks: Path, refusal: str) -> None:
    done = components.upload(site.grant("reader"), blocks)
    assert (done.code != 0, refusal in done.output) == (True, True), done.output
    assert components.list(site.owner) == set()


# Swift and Garage are not among them: who may write there may delete.
CAREFUL = [
    "versitygw-users",
    "moto-users",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("ceph-users", "seaweedfs-users", "seaweedfs-own-users")),
]


@pytest.mark.parametrize("site", CAREFUL, indirect=True)
def test_writer_cannot_remove_blocks(site: Site, components: Components, blocks: Path) -> None:
    assert components.upload(site.owner, blocks).code == 0
    done = components.compact(site.grant("writer"))
    refused = {name for name in names(blocks) if f"delete {name}/meta.json: Access Denied" in done.output}
    assert (done.code != 0, refused) == (True, names(blocks)), done.output
    assert names(blocks) < components.list(site.owner)
