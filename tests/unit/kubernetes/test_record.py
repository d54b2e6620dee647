# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a stack: what it remembers, in which form, and how several runs write it."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Listing, Manifest, Ref, Scope
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.record import (
    Loan,
    Record,
    forget,
    read_record,
    record_of,
    write_record,
)
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from tests.unit.kubernetes.recorded import Recorded

SCOPE = Scope("eu", "monitoring")
MAPS = "/api/v1/namespaces/monitoring/configmaps"
PATH = f"{MAPS}/o11y-thanos-eu"
LISTINGS = frozenset({Listing("ConfigMap", "monitoring"), Listing("Namespace", "")})
LOANS = frozenset({Loan("sidecar", Ref("StatefulSet", "apps", "prometheus"))})


def record(data: dict[str, str]) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "o11y-thanos-eu", "namespace": "monitoring"},
        "data": data,
    }


def test_what_is_written_is_what_is_read() -> None:
    written = record_of(SCOPE, Record(LISTINGS, LOANS))
    assert read_record(Recorded([written]), SCOPE) == Record(LISTINGS, LOANS)


def test_form_on_the_server() -> None:
    written = record_of(SCOPE, Record(LISTINGS, LOANS))
    assert written["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "o11y.thanos", "o11y.thanos/stack": "eu"}
    assert written["data"] == {
        "ConfigMap.monitoring": "v1",
        "Namespace": "v1",
        "loan.a4f95355c305576f": '{"instance": "sidecar", "kind": "StatefulSet", "namespace": "apps", '
        '"name": "prometheus"}',
    }


def test_no_record_is_not_an_empty_one() -> None:
    assert read_record(Recorded(), SCOPE) is None
    assert read_record(Recorded([record({})]), SCOPE) == Record()


@pytest.mark.parametrize(
    "data",
    [
        {"Dragon.monitoring": "v1"},
        {"loan.1": "not JSON"},
        {"loan.1": "[]"},
        {"loan.1": '{"instance": "a"}'},
        {"loan.1": '{"instance": "a", "kind": "Dragon", "namespace": "b", "name": "c"}'},
    ],
)
def test_entry_of_a_later_version_or_of_another_hand_is_passed_over(data: dict[str, str]) -> None:
    assert read_record(Recorded([record(data)]), SCOPE) == Record()


def test_names_of_any_length_fit_into_a_key() -> None:
    (key,) = record_of(SCOPE, Record(loans=frozenset({Loan("a", Ref("StatefulSet", "b", "c" * 253))})))["data"]
    assert len(key) < 64


def test_what_is_new_is_added_by_a_merge_that_leaves_the_rest() -> None:
    server = Recorded([record({})])
    write_record(server, SCOPE, Record(LISTINGS), exists=True)
    assert server.asked == [f"PATCH {PATH}"]
    assert server.sent[0].query == {"fieldManager": "o11y.thanos/eu/"}
    assert set(server.sent[0].body["data"]) == {"ConfigMap.monitoring", "Namespace"}


def test_first_record_is_made_and_one_that_another_run_made_meanwhile_is_added_to() -> None:
    answer = (409, {"reason": "AlreadyExists"})
    first, second = Recorded(), Recorded(answers={f"POST {MAPS}": answer})
    for server in (first, second):
        write_record(server, SCOPE, Record(LISTINGS), exists=False)
    assert first.asked == [f"POST {MAPS}"]
    assert second.asked == [f"POST {MAPS}", f"PATCH {PATH}"]


def test_record_that_may_not_be_made_ends_the_run() -> None:
    with pytest.raises(ApiError, match="403"):
        write_record(Recorded(answers={f"POST {MAPS}": (403, {})}), SCOPE, Record(LISTINGS), exists=False)


def test_loan_that_ended_is_taken_out_and_nothing_else() -> None:
    server = Recorded()
    forget(server, SCOPE, LOANS)
    assert server.sent[0].body == {"data": dict.fromkeys(record_of(SCOPE, Record(loans=LOANS))["data"])}


def test_records_are_added_and_taken_from_each_other() -> None:
    both = Record(LISTINGS).plus(Record(loans=LOANS))
    assert both == Record(LISTINGS, LOANS)
    assert both.minus(Record(LISTINGS)) == Record(loans=LOANS)
    assert both
    assert not both.minus(both)
