# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What teardown leaves, and what it does not; on an object store with a private CA."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.playbooks.conftest import Site, objstore
from tests.testbed.plan import BRIDGE_ADDRESS
from tests.testbed.stores.store import Store

TIERS = ["store", "query", "compact"]


@pytest.fixture(scope="module")
def private(site: Site) -> Iterator[Site]:
    """A site whose S3 server has a certificate of a private CA."""
    with Store("versitygw", tls=True, address=BRIDGE_ADDRESS) as running:
        place = running.place
        store = objstore(place, site.namespace, ca=str(place.ca_file))
        yield Site(
            site.kubeconfig, site.namespace, place, site.folder, {"thanos_objstore": store, "thanos_enabled": TIERS}
        )


def test_object_store_with_a_private_ca_works(private: Site) -> None:
    done = private.play("deploy")
    assert done.code == 0, done.text
    assert "pass     compactor" in done.text


def test_certificate_of_an_unknown_ca_is_named(private: Site) -> None:
    store = {**private.variables["thanos_objstore"], "ca": None}
    done = private.play("deploy", "--tags", "objstore", thanos_objstore=store)
    assert done.code != 0
    assert "certificate" in done.plain().lower()


def test_teardown_leaves_claims_secret_bucket_and_namespace(private: Site) -> None:
    claims = {c["metadata"]["uid"] for c in private.objects("persistentvolumeclaims")}
    done = private.play("teardown")
    assert done.code == 0, done.text
    assert private.objects("pods") == []
    assert {c["metadata"]["uid"] for c in private.objects("persistentvolumeclaims")} == claims
    assert private.play("teardown").recap() == {"eu": (0, 0)}


def test_what_teardown_left_is_used_again(private: Site) -> None:
    claims = {c["metadata"]["uid"] for c in private.objects("persistentvolumeclaims")}
    done = private.play("deploy")
    assert done.code == 0, done.text
    assert {c["metadata"]["uid"] for c in private.objects("persistentvolumeclaims")} == claims


def test_teardown_with_every_option_leaves_nothing(private: Site) -> None:
    names = ("claims", "buckets", "namespace")
    done = private.play("teardown", *(x for name in names for x in ("-e", f"thanos_teardown_{name}=true")))
    assert done.code == 0, done.text
    path = f"/api/v1/namespaces/{private.namespace}"
    answer = private.client.request("GET", path, ok=(404,))
    assert answer.status == 404 or answer.body["metadata"].get("deletionTimestamp")
    assert not (private.store.directory / "buckets" / private.namespace).exists()
