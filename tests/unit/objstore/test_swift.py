# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers of which one is missing, as a removal leaves them that was interrupted; versions; parts of objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from swiftclient.exceptions import ClientException

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore import converge
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters import swift, swift_objects

STORE = {
    "auth_url": "http://swift/auth/v1.0",
    "container_name": "metrics",
    "large_object_segments_container_name": "segments",
}


@dataclass
class Server:
    """Container → names of its objects; what is missing is answered with 404, as Swift does.

    ``ghosts``: listed still, after they were removed.
    """

    containers: dict[str, list[str]]
    ghosts: tuple[str, ...] = ()

    def head_container(self, container: str) -> dict[str, str]:
        return {"x-container-object-count": str(len(self._of(container)))}

    def get_container(
        self, container: str, marker: str = "", **_which: Any
    ) -> tuple[dict[str, str], list[dict[str, Any]]]:
        return {}, [{"name": name} for name in sorted({*self._of(container), *self.ghosts}) if name > marker]

    def delete_object(self, container: str, key: str, query_string: str | None = None) -> None:
        assert query_string is None
        if key not in self._of(container):
            raise ClientException("Not Found", http_status=404)
        self._of(container).remove(key)

    def delete_container(self, container: str) -> None:
        assert not self._of(container)
        del self.containers[container]

    def _of(self, container: str) -> list[str]:
        if container not in self.containers:
            raise ClientException("Not Found", http_status=404, http_response_headers={"X-Trans-Id": "tx1"})
        return self.containers[container]


def adapter(monkeypatch: pytest.MonkeyPatch, server: Server) -> swift.Swift:
    def connect(*_where: Any) -> Server:
        return server

    monkeypatch.setattr(swift, "connect", connect)
    return swift.Swift(STORE, 5, "")


@pytest.mark.parametrize("left", ["metrics", "segments"])
def test_what_is_left_is_removed_and_not_said_to_be_gone(monkeypatch: pytest.MonkeyPatch, left: str) -> None:
    server = Server({left: ["a", "b"]})
    store = adapter(monkeypatch, server)
    with pytest.raises(Failure, match="is not empty"):
        converge.absent(store, force=False, delete_blocks=False, check_mode=False)
    assert converge.absent(store, force=True, delete_blocks=False, check_mode=True).action == "deleted"
    assert server.containers == {left: ["a", "b"]}
    assert converge.absent(store, force=True, delete_blocks=False, check_mode=False).action == "deleted"
    assert server.containers == {}
    assert not converge.absent(store, force=True, delete_blocks=False, check_mode=False).changed


def test_one_container_of_two_is_not_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not adapter(monkeypatch, Server({"metrics": []})).observe(()).exists
    assert adapter(monkeypatch, Server({"metrics": [], "segments": []})).observe(()).exists


def test_the_probe_is_told_of_a_missing_container(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure, match="listing segments failed"):
        adapter(monkeypatch, Server({"metrics": []})).objects.names("", 1)


def test_what_is_listed_without_a_version_is_not_removed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server({"metrics": ["a"], "segments": ["a"]}, ghosts=("a",))
    adapter(monkeypatch, server).objects.remove("a", every_version=True)
    assert server.containers == {"metrics": [], "segments": []}


def test_a_part_belongs_where_its_object_is() -> None:
    path = (b"eu/01ARZ3NDEKTSV4RRFFQ69G5FAV/chunks/000001" + bytes(range(52))).hex()
    part = f"segments/{path[:3]}/{path[3:]}/0000000000000001"
    assert swift_objects.whole(part) == "eu/01ARZ3NDEKTSV4RRFFQ69G5FAV/chunks/000001"
    for other in ("eu/a", "segments/a", f"eu/{part}", part[:-1]):
        assert swift_objects.whole(other) == other
