# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens when a server fails half-way: faults that no real server shows on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore import converge
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import (
    ABSENT,
    FeatureChange,
    Observed,
    Read,
    Refused,
    State,
    Transient,
    Unsupported,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import DEFAULT_RULES, desired


class Clock:
    """A time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(converge, "time", clock)
    return clock


@dataclass
class Shelf:
    """Objects in memory, shown two at a time; with a ``refusal`` none can be written, ``kept`` none removed."""

    refusal: str = ""
    kept: bool = False
    keys: list[str] = field(default_factory=list)
    pages: int = 0

    def everything(self) -> Iterator[list[str]]:
        for start in range(0, len(self.keys), 2):
            self.pages += 1
            yield self.keys[start : start + 2]

    def empty(self) -> None:
        self.keys.clear()

    def names(self, beneath: str, most: int) -> list[str]:
        return [key for key in self.keys if key.startswith(beneath)][:most]

    def holds(self, key: str) -> bool:
        return key in self.keys

    def put(self, key: str) -> None:
        if self.refusal:
            raise Failure(self.refusal)
        self.keys.append(key)

    def remove(self, key: str, every_version: bool) -> None:
        del every_version
        if self.kept:
            raise Failure("it lacks the right to delete.")
        self.keys[:] = [kept for kept in self.keys if kept != key]


@dataclass
class Faulty:
    """A server in memory. ``faults``: what is raised, in order, when a feature is written; ``deaf`` is never shown."""

    exists: bool = False
    features: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    deaf: tuple[str, ...] = ()
    hidden: int = 0
    refusal: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)

    def describe(self) -> str:
        return "mem://b"

    def observe(self, features: tuple[str, ...]) -> Observed:
        if self.exists and self.hidden:
            self.hidden -= 1
            return Observed(False)
        reads = {f: Read(State.VALUE, self.features[f]) if f in self.features else ABSENT for f in features}
        return Observed(self.exists, features=reads)

    def create(self, _region: str) -> None:
        self._fail("create")
        self.exists = True

    def apply(self, step: FeatureChange) -> None:
        self._fail(step.feature)
        if step.feature not in self.deaf:
            self.features[step.feature] = step.after

    @property
    def objects(self) -> Shelf:
        encryption = self.features.get("encryption") or {}
        self.shelf.refusal = self.refusal if encryption.get("type") == "SSE-KMS" else ""
        return self.shelf

    def delete(self) -> None:
        self._fail("delete")
        assert not self.shelf.keys
        self.exists = False

    def _fail(self, what: str) -> None:
        if self.faults.get(what):
            raise self.faults[what].pop(0)


def present(server: Faulty, timeout: float = 0.5, **store: Any) -> converge.BucketOutcome:
    return converge.present(server, desired(store, {}), False, timeout)


TAGS = {"a": "b"}
BLOCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OURS = [f"eu/{BLOCK}/meta.json", f"eu/{BLOCK}/index", f"eu/{BLOCK}/chunks/000001"]


def with_objects(*keys: str) -> Faulty:
    return Faulty(exists=True, shelf=Shelf(keys=list(keys)))


@pytest.mark.parametrize("theirs", [f"us/{BLOCK}/index", "europe/a", "eu", BLOCK])
@pytest.mark.parametrize("options", [(True, True, False), (True, True, True), (True, False, False)])
def test_what_lies_outside_of_the_prefix_is_never_removed(theirs: str, options: tuple[bool, bool, bool]) -> None:
    server = with_objects(*OURS, theirs)
    with pytest.raises(Failure) as failure:
        converge.absent(server, *options, prefix="/eu/")
    assert f"holds objects outside of prefix 'eu' ({theirs}); it is kept: they are somebody else's." in str(
        failure.value
    )
    assert (server.exists, server.shelf.keys) == (True, [*OURS, theirs])


@pytest.mark.parametrize("prefix", ["eu", "/eu/", "", None])
def test_what_lies_beneath_the_prefix_goes_when_both_words_are_said(prefix: str | None) -> None:
    server = with_objects(*OURS)
    for force, delete_blocks, said in ((False, True, "is not empty (2 objects or more)"), (True, False, BLOCK)):
        with pytest.raises(Failure) as failure:
            converge.absent(server, force, delete_blocks, False, prefix)
        assert said in str(failure.value)
    assert converge.absent(server, True, True, False, prefix).action == "deleted"
    assert (server.exists, server.shelf.keys) == (False, [])


def test_without_force_one_page_is_enough() -> None:
    server = with_objects(*OURS)
    with pytest.raises(Failure):
        converge.absent(server, False, False, False, "eu")
    assert server.shelf.pages == 1


def test_what_the_server_asks_to_repeat_is_repeated() -> None:
    server = Faulty(faults={"create": [Transient("busy")], "tags": [Transient("busy"), Transient("busy")]})
    assert present(server, timeout=2, tags=TAGS).action == "created"
    assert server.features["tags"] == TAGS


def test_a_busy_server_is_given_up_in_time(clock: Clock) -> None:
    with pytest.raises(Failure, match="busy"):
        present(Faulty(exists=True, faults={"tags": [Transient("busy")] * 9}), timeout=2, tags=TAGS)
    assert 0 < clock.now <= 2


def test_a_failure_says_what_was_done_and_the_next_run_goes_on() -> None:
    server = Faulty(faults={"tags": [Failure("no.")]})
    with pytest.raises(Failure, match=r"could not be set: no\. Done before: versioning\. When that is mended,"):
        present(server, versioning="enabled", tags=TAGS)
    assert present(server, versioning="enabled", tags=TAGS).after == {"versioning": "enabled", "tags": TAGS}


def test_what_is_not_shown_after_all_is_a_failure() -> None:
    with pytest.raises(Failure, match="does not show them: tags is 'absent', not"):
        present(Faulty(exists=True, deaf=("tags",)), tags=TAGS)


def test_a_new_bucket_may_take_a_moment_to_be_seen() -> None:
    assert present(Faulty(hidden=2), timeout=2, tags=TAGS).action == "created"
    with pytest.raises(Failure, match="does not show it yet; run again"):
        present(Faulty(hidden=99), tags=TAGS)


def test_encryption_that_lets_nobody_write_is_taken_back() -> None:
    server = Faulty(exists=True, features={"encryption": {"type": "SSE-S3"}}, refusal="no key service")
    with pytest.raises(Failure, match="no key service"):
        present(server, encryption={"type": "SSE-KMS"})
    assert server.features["encryption"] == {"type": "SSE-S3"}


def test_whoever_may_not_remove_an_object_leaves_none_to_try_an_encryption() -> None:
    server = Faulty(exists=True, shelf=Shelf(kept=True))
    assert present(server, encryption={"type": "SSE-KMS"}).action == "updated"
    assert server.shelf.keys == []


@pytest.mark.parametrize(("level", "warnings"), [("warn", 1), ("ignore", 0)])
def test_a_refusal_on_writing_is_like_one_on_reading(level: str, warnings: int) -> None:
    server = Faulty(exists=True, faults={"tags": [Unsupported("not here")]})
    outcome = present(server, unsupported=level, tags=TAGS)
    assert (outcome.changed, len(outcome.warnings)) == (False, warnings)


def test_running_again_is_not_advised_where_it_cannot_help() -> None:
    faults: dict[str, list[Exception]] = {"tags": [Unsupported("this server does not have it (NotImplemented)")]}
    with pytest.raises(Failure) as failure:
        present(Faulty(exists=True, faults=faults), versioning="enabled", tags=TAGS)
    assert str(failure.value) == (
        "mem://b: tags could not be set: this server does not have it (NotImplemented). Done before: versioning. "
        "Running again cannot help: leave tags out (unmanaged, where the profile wants it), or set unsupported: warn."
    )


@pytest.mark.parametrize("exists", [True, False])
def test_what_only_the_profile_wishes_and_a_server_refuses_is_left_out(exists: bool) -> None:
    refusal = "mem://b: writing lifecycle failed: the server answers InvalidArgument (HTTP 400)."
    server = Faulty(exists=exists, faults={"lifecycle": [Refused(refusal)]})
    outcome = converge.present(server, desired({}, {"lifecycle": DEFAULT_RULES}), False, 0.5)
    assert outcome.changed is not exists
    assert outcome.warnings == (
        f"lifecycle is wanted by profile thanos only and was left out: {refusal} Add lifecycle to unmanaged to stop "
        "asking for it.",
    )


def test_what_was_asked_for_and_a_server_refuses_fails_and_names_unmanaged() -> None:
    server = Faulty(exists=True, faults={"tags": [Refused("the server answers InvalidTag (HTTP 400).")]})
    with pytest.raises(Failure, match=r"InvalidTag .HTTP 400.. Running again cannot help: leave tags out .unmanaged"):
        present(server, tags=TAGS)


def test_check_mode_predicts_and_writes_nothing() -> None:
    server = Faulty()
    outcome = converge.present(server, desired({"tags": TAGS}, {}), True, 1)
    assert (outcome.action, outcome.after, server.exists) == ("created", {"tags": TAGS}, False)


def test_bucket_that_another_run_has_just_made_is_taken() -> None:
    there = Failure("a bucket of this name is there already.")
    assert present(Faulty(exists=True, hidden=1, faults={"create": [there]})).action == "created"
    with pytest.raises(Failure, match="is there already"):
        present(Faulty(faults={"create": [there]}))
