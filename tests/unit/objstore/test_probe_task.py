# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``bucket`` asks again after its task in check mode, and what not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._findings import FAIL, PASS, PENDING
from ansible_collections.o11y.thanos.plugins.module_utils._objstore import probe_task, task
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import Observed, Read, State
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.probe import (
    CHECK_MODE,
    NOT_HERE,
    NOTHING_YET,
    as_pods,
    tried,
)
from ansible_collections.o11y.thanos.plugins.plugin_utils._kept import RunKept

PARAMS: dict[str, Any] = {
    "store": {"type": "S3", "bucket": "b", "endpoint": "e", "manage": True},
    "state": "present",
    "timeout": 1,
}
TRIED = tried("all", "list", PASS, "")
NOT_TRIED = tried("all", "write", PENDING, CHECK_MODE)


class Asked:
    """Stands for all that asks a store: remembers what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.asked: list[str] = []
        self.action = "unchanged"
        self.findings = [TRIED]
        self.folder = folder
        monkeypatch.setattr(task, "run", self._converge)
        monkeypatch.setattr(probe_task, "probe", self._probe)

    def _converge(self, _params: Any, _mode: Mode) -> dict[str, Any]:
        self.asked.append("bucket")
        changed = self.action not in ("unchanged", "unmanaged")
        return {"changed": changed, "action": self.action, "location": "", "bucket": "b", "warnings": ["kept, too"]}

    def _probe(self, *_arguments: Any) -> list[Any]:
        self.asked.append("probe")
        return self.findings

    def run(self, check_mode: bool, **more: Any) -> dict[str, Any]:
        """One task; what it asked replaces what was asked before."""
        self.asked.clear()
        return probe_task.run({**PARAMS, **more}, Mode(check_mode, kept=RunKept(str(self.folder), "one")))


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    return Asked(monkeypatch, tmp_path)


@pytest.mark.parametrize("probe", [True, False])
@pytest.mark.parametrize("action", ["unchanged", "unmanaged"])
def test_an_unchanged_bucket_is_asked_once(store: Asked, probe: bool, action: str) -> None:
    store.action = action
    store.findings = [TRIED, tried("writer", "write", PENDING, f"{NOT_HERE}: not known")]
    first = store.run(True, probe=probe)
    assert store.run(False, probe=probe) == first
    assert store.asked == []


@pytest.mark.parametrize("finding", [NOT_TRIED, tried("reader", "read", PENDING, NOTHING_YET)])
def test_what_check_mode_could_not_try_is_tried(store: Asked, finding: Any) -> None:
    store.findings = [TRIED, finding]
    store.run(True, probe=True)
    store.findings = [TRIED, TRIED]
    assert [each["state"] for each in store.run(False, probe=True)["probe"]] == [PASS, PASS]
    assert store.asked == ["probe"]


@pytest.mark.parametrize(
    ("action", "more"),
    [("created", {}), ("updated", {}), ("unchanged", {"timeout": 2}), ("unchanged", {"state": "absent"})],
)
def test_a_bucket_that_changes_or_other_options_are_asked(store: Asked, action: str, more: dict[str, Any]) -> None:
    store.action = action
    store.run(True, probe=False)
    store.run(False, probe=False, **more)
    assert store.asked == ["bucket"]


def test_check_mode_takes_no_answer(store: Asked) -> None:
    store.run(True, probe=False)
    store.run(True, probe=False)
    assert store.asked == ["bucket"]


def test_pods_with_the_credential_of_the_bucket_share_its_client(store: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(own: Any, roles: Any, _there: Any, _check_mode: Any, opened: Any, _later: Any) -> list[Any]:
        shared = opened(own)
        assert opened(as_pods(own, roles["all"])) is shared
        assert opened({**own, "access_key": "other"}) is not shared
        return [TRIED]

    monkeypatch.setattr(probe_task, "open_store", lambda *_arguments: object())
    monkeypatch.setattr(probe_task, "probe", probe)
    keys = {"access_key": "a", "secret_key": "s", "session_token": None}
    assert store.run(False, probe=True, store={**PARAMS["store"], **keys})["probe"]


class Bucket:
    """Stands for an adapter whose server answers so when it is asked for the bucket's policy."""

    def __init__(self, seen: Observed) -> None:
        self.seen = seen

    def observe(self, _features: tuple[str, ...]) -> Observed:
        return self.seen


POLICY = Observed(True, features={"access": Read(State.ABSENT)})
NO_POLICY = Observed(True, features={"access": Read(State.UNSUPPORTED)})
MINIO = Observed(True, features={"access": Read(State.ABSENT)}, refuses={"access": "MinIO does not go by it"})


@pytest.mark.parametrize(
    ("action", "check_mode", "sentence"),
    [
        ("created", False, "this bucket, which this run has made:"),
        ("updated", False, "this bucket, which this run has changed as asked:"),
        ("updated", True, "this bucket, which is not changed in check mode:"),
        ("unchanged", False, "this bucket, which was left as it is:"),
        ("unmanaged", False, "this bucket, which is not managed here (manage: false):"),
    ],
)
def test_what_was_done_to_a_bucket_that_pods_cannot_work_with_is_said(
    store: Asked, monkeypatch: pytest.MonkeyPatch, action: str, check_mode: bool, sentence: str
) -> None:
    monkeypatch.setattr(probe_task, "open_store", lambda *_arguments: Bucket(POLICY))
    store.action, store.findings = action, [tried("all", "list", FAIL, "forbidden.")]
    with pytest.raises(Failure) as refused:
        store.run(check_mode, probe=True)
    assert sentence in str(refused.value)
    assert "grant_to of an access role lets its user in" in str(refused.value)


@pytest.mark.parametrize(("kind", "seen"), [("S3", NO_POLICY), ("S3", MINIO), ("AZURE", POLICY)])
def test_grant_to_is_no_advice_where_no_bucket_names_users(
    store: Asked, monkeypatch: pytest.MonkeyPatch, kind: str, seen: Observed
) -> None:
    monkeypatch.setattr(probe_task, "open_store", lambda *_arguments: Bucket(seen))
    store.findings = [tried("all", "list", FAIL, "forbidden.")]
    where = {"endpoint": "e"} if kind == "S3" else {"container": "b", "storage_account": "a"}
    with pytest.raises(Failure, match="by the provider's own means, not by grant_to: the module bucket_access"):
        store.run(False, probe=True, store={"type": kind, "bucket": "b", "manage": True, **where})
