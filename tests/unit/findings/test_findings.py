# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a finding says, which ids there are, and that a failed task returns them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._findings import IDS, Finding, mistake

PAGE = Path(__file__).parents[3] / "docs" / "findings.md"
SOURCES = {
    "instances.compact": "thanos_compact",
    "instances.compact.retention_resolution_raw": "thanos_compact_group.retention_resolution_raw",
    "instances.store": "thanos_store",
    "common": "thanos_common",
}


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (mistake("option-type", "wait", "'x' is not true or false"), "wait: 'x' is not true or false."),
        (mistake("option-required", "cluster", "is required", joint=" "), "cluster is required."),
        (mistake("option-null", "a[0]", "null is not a text", "omit"), "a[0]: null is not a text; omit."),
        (mistake("option-unknown", "nam", "there is no such option", "Did you mean 'name'?"),
         "nam: there is no such option. Did you mean 'name'?"),
        (mistake("store-missing", "", "a sentence."), "a sentence."),
    ],
)  # fmt: skip
def test_finding_is_a_sentence(finding: Finding, sentence: str) -> None:
    assert str(finding) == sentence


def test_failed_task_returns_sentences_and_findings() -> None:
    told = InvalidInput(
        [
            mistake("option-null", "a[0]", "null is not a text", "leave it out"),
            mistake("store-missing", "", "another one"),
        ]
    ).result
    assert told["problems"] == ["a[0]: null is not a text; leave it out.", "another one."]
    assert [found["id"] for found in told["findings"]] == ["option-null", "store-missing"]
    assert told["findings"][0] == {
        "id": "option-null",
        "severity": "error",
        "where": "a[0]",
        "what": "null is not a text",
        "advice": "leave it out",
    }


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("instances.compact.retention_resolution_raw", "thanos_compact_group.retention_resolution_raw"),
        ("instances.compact.replicas", "thanos_compact.replicas"),
        ("instances.compact", "thanos_compact"),
        ("instances.compact-eu.replicas", "instances.compact-eu.replicas"),
        ("common.tolerations[1].key", "thanos_common.tolerations[1].key"),
        ("purge", "purge"),
    ],
)
def test_longest_known_part_of_a_path_becomes_what_was_typed(path: str, typed: str) -> None:
    assert mistake("option-null", path, "…").typed(SOURCES).where == typed


def test_option_paths_in_the_text_become_what_was_typed() -> None:
    found = mistake(
        "instance-collision",
        "instances.compact",
        "and instances.store would both be named x",
        joint=" ",
        names=["instances.store"],
    )
    assert str(found.typed(SOURCES)) == "thanos_compact and thanos_store would both be named x."


def test_an_id_that_nobody_documented_is_an_error_of_the_program() -> None:
    with pytest.raises(LookupError):
        mistake("no-such-id", "", "")


def test_page_shows_every_id_with_its_meaning_and_advice() -> None:
    rows = [f"| `{id}` | {meaning} | {advice} |" for id, (meaning, advice) in IDS.items()]
    shown = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert shown == rows
