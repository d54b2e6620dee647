# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Azurite does not have: immutability policies, service principals, listings of several pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore import converge
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters import azure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.azure_client import connect
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.blocks import tally
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import desired

STORE = {"type": "AZURE", "storage_account": "metrics", "container": "metrics"}


@dataclass
class Container:
    """Its properties, and its blobs page by page."""

    policy: bool = False
    hold: bool = False
    pages: list[list[str]] = field(default_factory=list)
    read: int = 0

    def get_container_properties(self) -> Any:
        return SimpleNamespace(
            etag="1", public_access=None, metadata={}, has_immutability_policy=self.policy, has_legal_hold=self.hold
        )

    def list_blob_names(self) -> Any:
        return SimpleNamespace(by_page=self._pages)

    def _pages(self) -> Iterator[list[str]]:
        for page in self.pages:
            self.read += 1
            yield page


def adapter(monkeypatch: pytest.MonkeyPatch, container: Container) -> azure.Azure:
    def connected(*_where: Any) -> Container:
        return container

    monkeypatch.setattr(azure, "connect", connected)
    return azure.Azure(STORE, 5, "")


@pytest.mark.parametrize(
    ("container", "warnings"), [(Container(), 0), (Container(policy=True), 1), (Container(hold=True), 1)]
)
def test_what_keeps_the_compactor_from_deleting_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, container: Container, warnings: int
) -> None:
    store = adapter(monkeypatch, container)
    outcome = converge.present(store, desired(STORE, store.profile), False, 1)
    assert (outcome.changed, len(outcome.warnings)) == (False, warnings)
    assert all("the compactor cannot delete blocks" in warning for warning in outcome.warnings)
    allowed = {**STORE, "allow": ["object_lock"]}
    assert converge.present(store, desired(allowed, store.profile), False, 1).warnings == ()


@pytest.mark.parametrize(("all_of_it", "read"), [(False, 2), (True, 3)])
def test_the_first_page_with_a_blob_will_do_to_know_that_something_is_there(
    monkeypatch: pytest.MonkeyPatch, all_of_it: bool, read: int
) -> None:
    container = Container(pages=[[], ["a", "b"], ["c"]])
    counted = tally(adapter(monkeypatch, container).objects.everything(), "", all_of_it)
    assert (counted.objects, container.read) == (3 if all_of_it else 2, read)


@pytest.mark.parametrize("missing", [("az_tenant_id",), ("client_id",), ("az_tenant_id", "client_id")])
def test_half_a_service_principal_is_said(missing: tuple[str, ...]) -> None:
    whole = {"az_tenant_id": "t", "client_id": "c", "client_secret": "CANARY"}
    with pytest.raises(Failure) as failure:
        connect({**STORE, **{key: text for key, text in whole.items() if key not in missing}}, 5, "")
    assert str(failure.value).startswith(f"{' and '.join(missing)} missing: ")
    assert "CANARY" not in str(failure.value)
