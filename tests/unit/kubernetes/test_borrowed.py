# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields on objects of others: in which order they are asked about, remembered, written, given back and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Outcome, run
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, Ref, Scope
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Borrowed, Gate, Phase, failed
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.record import Loan, Record, record_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.running import Settings
from tests.unit.kubernetes.recorded import Recorded

SCOPE = Scope("thanos", "monitoring")
MANAGER = "o11y.thanos-fields/thanos/sidecar"
THEIRS = Ref("Secret", "monitoring", "theirs")
LOAN = Loan("sidecar", THEIRS)
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "monitoring"}}
RECORD = "/api/v1/namespaces/monitoring/configmaps/o11y-thanos-thanos"
CANARY = "c4n4ry-s3cr3t"


def theirs(*managers: str) -> Manifest:
    fields = [{"manager": manager, "operation": "Apply", "apiVersion": "v1"} for manager in managers]
    metadata = {"name": "theirs", "namespace": "monitoring", "uid": "u", "managedFields": fields}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"theirs": "eA=="}}


def wish() -> Borrowed:
    fields = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "theirs"}, "stringData": {"ours": CANARY}}
    return Borrowed("sidecar", fields)


def server(*managers: str, loans: tuple[Loan, ...] = ()) -> Recorded:
    return Recorded([NAMESPACE, record_of(SCOPE, Record(loans=frozenset(loans))), theirs(*managers)])


def borrow(client: Recorded, *wishes: Borrowed, **settings: Any) -> Outcome:
    phase = Phase("fields", borrows=list(wishes), gate=settings.pop("gate", None))
    return run(client, SCOPE, [phase], Settings(**{"wait": False, **settings}))


def written(client: Recorded) -> list[tuple[str, str]]:
    return [(sent.path, sent.query.get("dryRun", "")) for sent in client.writes]


def test_the_server_is_asked_first_then_the_loan_is_remembered_then_the_fields_are_written() -> None:
    client = server()
    borrow(client, wish())
    assert written(client) == [(THEIRS.path, "All"), (RECORD, ""), (THEIRS.path, "")]
    assert all("force" not in sent.query for sent in client.writes)


def test_fields_are_given_back_before_the_loan_is_forgotten() -> None:
    client = server(MANAGER, loans=(LOAN,))
    borrow(client)
    assert written(client) == [(THEIRS.path, ""), (RECORD, "")]
    assert client.writes[0].query == {"fieldManager": MANAGER}
    assert client.writes[0].body["metadata"] == {"name": "theirs", "namespace": "monitoring", "uid": "u"}
    assert list(client.writes[1].body["data"].values()) == [None]


def test_loan_of_which_nothing_is_left_is_only_forgotten() -> None:
    client = server("helm", loans=(LOAN,))
    borrow(client)
    assert written(client) == [(RECORD, "")]


def test_loan_that_could_not_be_given_back_is_not_forgotten() -> None:
    client = server(MANAGER, loans=(LOAN,))
    client.answers[f"PATCH {THEIRS.path}"] = (403, {"message": "forbidden"})
    with pytest.raises(Failure, match="403"):
        borrow(client)
    assert written(client) == [(THEIRS.path, "")]


def test_loan_that_another_run_took_over_meanwhile_is_a_sentence_and_not_taken_back() -> None:
    client = server()
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "vault"', "field": ".data.ours"}
    conflict = (409, {"reason": "Conflict", "details": {"causes": [cause]}})
    client.answers[f"PATCH {THEIRS.path}"] = [(200, theirs(MANAGER)), conflict]
    with pytest.raises(
        Failure, match=r"'sidecar' wants to set \.data\.ours, which is held by vault with another value"
    ):
        borrow(client, wish())


def test_one_loan_asked_for_twice_is_refused_before_anything_is_read() -> None:
    client = server()
    with pytest.raises(Failure, match=r"rendered more than once.*: fields of 'sidecar' on Secret monitoring/theirs"):
        borrow(client, wish(), wish())
    assert client.sent == []


def test_value_of_a_borrowed_secret_is_quoted_nowhere() -> None:
    gate = Gate("door", (), lambda _snapshot: failed(f"it holds {CANARY}"))
    with pytest.raises(Failure) as failure:
        borrow(server(), wish(), gate=gate, wait=True)
    assert "door: it holds ********" in str(failure.value)
    diff = borrow(server(), wish(), check_mode=True, with_diff=True).diff
    assert CANARY not in str(diff)
