# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``probe`` asks with which credential, what the answers mean, and that it tidies up after faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import Adapter, Unreachable
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.probe import (
    Answer,
    action_of,
    as_pods,
    findings,
    refusal,
    tried,
    why_not_from_here,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.probe_task import probe
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.throwaway import abandoned, name

S3 = {"type": "S3", "bucket": "b", "endpoint": "outside", "prefix": "eu"}
OWNER = {**S3, "access_key": "owner", "secret_key": "s"}
PODS = {**S3, "endpoint": "inside", "access_key": "pods", "secret_key": "s"}


@dataclass
class Server:
    """Objects in memory. ``rights``: user → what they may do, everything by default; ``faults``: what they run into.

    ``kept``: what is there cannot be removed, whatever the rights, as where objects are locked.
    """

    rights: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, BaseException] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    kept: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def open(self, store: Mapping[str, Any]) -> Adapter:
        # Only ``describe`` and ``objects`` of an adapter matter here.
        return cast("Adapter", User(self, store["access_key"]))

    def ask(self, user: str, deed: str) -> None:
        self.asked.append((user, deed))
        if user in self.faults:
            raise self.faults[user]
        if deed not in self.rights.get(user, "list read write delete"):
            raise Failure(f"mem://b: it lacks {deed}.")


@dataclass
class User:
    """Somebody's view of the server, as adapter and as objects."""

    server: Server
    user: str

    @property
    def objects(self) -> User:
        return self

    def describe(self) -> str:
        return "mem://b"

    def names(self, beneath: str, most: int) -> list[str]:
        self.server.ask(self.user, "list")
        return sorted(key for key in self.server.keys if key.startswith(beneath))[:most]

    def holds(self, key: str) -> bool:
        self.server.ask(self.user, "read")
        return key in self.server.keys

    def put(self, key: str) -> None:
        self.server.ask(self.user, "write")
        self.server.keys.add(key)

    def remove(self, key: str, every_version: bool) -> None:
        del every_version
        self.server.ask(self.user, "delete")
        if self.server.kept and key in self.server.keys:
            raise Failure("mem://b: it is locked.")
        self.server.keys.discard(key)


def states(server: Server, check_mode: bool = False, there: bool = True, access: str = "compactor") -> dict[str, str]:
    found = probe(OWNER, {access: PODS}, there, check_mode, server.open)
    return {action_of(finding): finding.severity for finding in found}


def test_every_right_is_tried_by_itself_and_nothing_is_left() -> None:
    server = Server()
    assert set(states(server).values()) == {"pass"}
    assert {deed for user, deed in server.asked if user == "pods"} == {"list", "read", "write", "delete"}
    assert server.keys == set()


@pytest.mark.parametrize("right", ["list", "read", "write", "delete"])
def test_one_right_less_is_one_failure(right: str) -> None:
    server = Server({"pods": " ".join({"list", "read", "write", "delete"} - {right})})
    assert [action for action, state in states(server).items() if state == "fail"] == [right]
    assert server.keys == set()


def test_check_mode_writes_nothing_as_anybody() -> None:
    server = Server(keys={"eu/block"})
    assert states(server, check_mode=True) == {"list": "pass", "read": "pass", "write": "pending", "delete": "pending"}
    assert {deed for _user, deed in server.asked} == {"list", "read"}


def test_a_missing_object_proves_nothing() -> None:
    assert states(Server(), check_mode=True)["read"] == "pending"


@pytest.mark.parametrize("rights", ["list read write", "list read delete", "list read", ""])
def test_what_could_not_be_removed_is_not_written(rights: str) -> None:
    server = Server({"owner": rights}, keys={"eu/block"})
    assert states(server) == {"list": "pass", "read": "pass", "write": "pending", "delete": "pending"}
    assert ("pods", "write") not in server.asked
    assert server.keys == {"eu/block"}


def test_an_object_that_is_left_is_named() -> None:
    server = Server(kept=True)
    found = {action_of(finding): finding for finding in probe(OWNER, {"all": OWNER}, True, False, server.open)}
    (left,) = server.keys
    assert (found["write"].severity, found["delete"].severity) == ("pass", "fail")
    assert found["delete"].what == f"it is locked. The object {left} of this try may be left there; remove it."


def test_an_object_that_can_no_longer_be_removed_is_named() -> None:
    server = Server()

    class Locking(User):
        def names(self, beneath: str, most: int) -> list[str]:
            self.server.kept = True
            return super().names(beneath, most)

    def opened(store: Mapping[str, Any]) -> Adapter:
        of = Locking if store["access_key"] == "pods" else User
        return cast("Adapter", of(server, store["access_key"]))

    with pytest.raises(Failure, match=r"it is locked\. The object eu/\.o11y\.thanos-probe-\S+ of this try may be left"):
        probe(OWNER, {"reader": PODS}, True, False, opened)


@pytest.mark.parametrize(
    ("rights", "state"),
    [
        ("list read delete", {"write": "fail", "delete": "pass"}),
        ("list read write", {"write": "pending", "delete": "fail"}),
        ("list read", {"write": "pending", "delete": "fail"}),
    ],
)
def test_pods_with_the_buckets_own_credential_lack_what_it_lacks(rights: str, state: dict[str, str]) -> None:
    server = Server({"owner": rights}, keys={"eu/block"})
    found = probe(OWNER, {"all": OWNER}, True, False, server.open)
    assert {action_of(finding): finding.severity for finding in found} == {"list": "pass", "read": "pass", **state}
    assert server.keys == {"eu/block"}


def test_a_bucket_that_is_not_there_is_not_asked() -> None:
    server = Server()
    assert set(states(server, there=False, check_mode=True).values()) == {"pending"}
    assert server.asked == []


def test_a_server_that_does_not_answer_tells_nothing() -> None:
    server = Server(faults={"pods": Unreachable("mem://b: nothing answers.")})
    assert set(states(server).values()) == {"pending"}
    assert server.keys == set()


def test_an_interrupted_run_tidies_up() -> None:
    server = Server(faults={"pods": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        states(server)
    assert server.keys == set()


def test_a_reader_writes_nothing() -> None:
    server = Server()
    assert states(server, access="reader") == {"list": "pass", "read": "pass"}
    assert {deed for user, deed in server.asked if user == "pods"} == {"list", "read"}


def test_pods_are_tried_at_the_upper_levels_address() -> None:
    assert as_pods(OWNER, PODS) == {**PODS, "endpoint": "outside"}
    assert as_pods({**OWNER, "session_token": "t"}, PODS) == {**PODS, "endpoint": "outside"}
    # The upper level of a bucket that is not managed may say nothing.
    assert as_pods({"type": "S3", "insecure": True}, PODS) == PODS


PENDING: dict[str, tuple[str, dict[str, Any] | None, str]] = {
    "not known": ("S3", None, "is not known here"),
    "found by the pods": ("S3", {**S3, "aws_sdk_auth": True}, "find a credential themselves"),
    "managed identity": ("AZURE", {"user_assigned_id": "u"}, "find a credential themselves"),
    "no client": ("BOS", {"access_key": "a", "secret_key": "s"}, "no client for type BOS"),
    "known": ("S3", PODS, ""),
    "nobody": ("FILESYSTEM", {"directory": "/d"}, ""),
}


@pytest.mark.parametrize("case", PENDING)
def test_what_cannot_be_tried_from_here(case: str) -> None:
    kind, keys, sentence = PENDING[case]
    reason = why_not_from_here(kind, keys, set(PROVIDERS) - {"BOS"})
    assert sentence in reason
    assert bool(sentence) == bool(reason)


def test_reading_a_missing_object_tells_nothing_without_the_right_to_list() -> None:
    answers = {"list": Answer("fail", "l"), "read": Answer("fail", "r")}
    assert [found.severity for found in findings("reader", answers, seen=False)] == ["fail", "pending"]
    assert [found.severity for found in findings("reader", answers, seen=True)] == ["fail", "fail"]


def test_failures_come_at_once_and_one_reason_once() -> None:
    found = [
        tried("reader", "list", "fail", "no key."),
        tried("reader", "read", "fail", "no key."),
        tried("all", "write", "fail", "it lacks s3:PutObject."),
        tried("all", "delete", "pending", "later"),
    ]
    assert refusal(found).splitlines()[1:] == [
        "- the credential of the reader cannot list, read: no key.",
        "- the credential of all pods cannot write: it lacks s3:PutObject.",
    ]
    assert refusal(found[3:]) == ""


def test_only_old_throw_away_objects_are_abandoned() -> None:
    old, young = ".o11y.thanos-probe-1000-0123456789ab", ".o11y.thanos-probe-9000-0123456789ab"
    keys = [old, f"eu/{old}", young, f"{old}.txt", f"x{old}", ".o11y.thanos-probe-notes", name("eu")]
    assert abandoned(keys, now=10000) == [old, f"eu/{old}"]
    assert abandoned([name("")], now=4e9) != []
