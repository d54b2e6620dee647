# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google Cloud Storage as its client shows it to those who may not do everything, which no emulator enforces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from google.api_core import exceptions

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters import gcs
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.gcs_objects import GcsObjects
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.blocks import tally

# Without types.
Forbidden: Any = exceptions.Forbidden
NotFound: Any = exceptions.NotFound
EVERYTHING = frozenset({"list", "get", "create", "delete"})


@dataclass
class Bucket:
    """A bucket that keeps versions: key → generations, of which the last is live unless ``gone``."""

    rights: frozenset[str] = EVERYTHING
    versions: dict[str, list[int]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    pages: int = 0

    def blob(self, key: str) -> Any:
        made = SimpleNamespace(name=key, generation=None)

        def upload(_content: bytes, **_patience: Any) -> None:
            self._ask("create")
            made.generation = 1 + max((n for numbers in self.versions.values() for n in numbers), default=0)
            self.versions.setdefault(key, []).append(made.generation)

        made.upload_from_string = upload
        return made

    def get_blob(self, key: str, **_patience: Any) -> Any:
        self._ask("get")
        live = key in self.versions and key not in self.gone
        return SimpleNamespace(name=key, generation=self.versions[key][-1]) if live else None

    def delete_blob(self, key: str, generation: int | None = None, **_patience: Any) -> None:
        self._ask("delete")
        if key not in self.versions or (generation is None and key in self.gone):
            raise NotFound("")
        if generation is None:
            self.gone.add(key)
            return
        self.versions[key].remove(generation)
        if not self.versions[key]:
            del self.versions[key]

    def list_blobs(self, **_which: Any) -> Any:
        return SimpleNamespace(pages=self._pages())

    def _pages(self) -> Iterator[list[Any]]:
        for key, generations in list(self.versions.items()):
            self._ask("list")
            self.pages += 1
            yield [SimpleNamespace(name=key, generation=generation) for generation in [*generations]]

    def _ask(self, right: str) -> None:
        if right not in self.rights:
            raise Forbidden("")


def call(_operation: str, permission: str, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Forbidden:
        raise Failure(f"it lacks {permission}.") from None


def objects(bucket: Bucket) -> GcsObjects:
    return GcsObjects(bucket, call, {})


@pytest.mark.parametrize("lacking", ["list", "get"])
def test_what_was_written_goes_without_a_trace_and_without_listing(lacking: str) -> None:
    bucket = Bucket(EVERYTHING - {lacking})
    owner = objects(bucket)
    owner.put("a")
    # As Thanos removes it: what was live is an old version now.
    owner.remove("a", every_version=False)
    assert bucket.versions == {"a": [1]}
    owner.remove("a", every_version=True)
    assert bucket.versions == {}


def test_what_others_wrote_goes_without_listing() -> None:
    bucket = Bucket(EVERYTHING - {"list"}, {"a": [1]})
    objects(bucket).remove("a", every_version=True)
    objects(bucket).remove("a", every_version=True)
    assert bucket.versions == {}


def test_whoever_may_not_read_removes_the_live_object() -> None:
    bucket = Bucket(frozenset({"delete"}), {"a": [1]})
    objects(bucket).remove("a", every_version=True)
    assert bucket.gone == {"a"}


def test_whoever_may_not_remove_is_told_of_a_missing_object_too() -> None:
    with pytest.raises(Failure, match=r"storage\.objects\.delete"):
        objects(Bucket(EVERYTHING - {"delete"})).remove("a", every_version=True)


@pytest.mark.parametrize(("all_of_it", "pages"), [(False, 1), (True, 3)])
def test_the_first_page_will_do_to_know_that_something_is_there(all_of_it: bool, pages: int) -> None:
    bucket = Bucket(versions={"a": [1, 2], "b": [1], "c": [1]})
    assert tally(objects(bucket).everything(), "", all_of_it).objects == (4 if all_of_it else 2)
    assert bucket.pages == pages


def test_every_version_is_emptied() -> None:
    bucket = Bucket(versions={"a": [1, 2]}, gone={"a"})
    objects(bucket).empty()
    assert bucket.versions == {}


@pytest.mark.parametrize("text", ["/path/CANARY.json", "[]", '"CANARY"', "{"])
def test_a_service_account_that_is_no_json_is_said(text: str) -> None:
    store: Mapping[str, Any] = {"bucket": "metrics", "service_account": text}
    with pytest.raises(Failure, match="must be the text of a Google credentials file") as failure:
        gcs.Gcs(store, 5, "")
    assert "CANARY" not in str(failure.value)
