# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: what is written, what is kept, what is refused."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import (
    Desired,
    LifecycleRule,
    Observed,
    Read,
    State,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import (
    ABORT_RULE,
    DEFAULT_RULES,
    NONCURRENT_RULE,
    desired,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.planner import BucketPlan, plan

PROFILE: dict[str, Any] = {
    "ownership": "BucketOwnerEnforced",
    "public_access": "blocked",
    "versioning": "disabled",
    "lifecycle": DEFAULT_RULES,
    "object_lock": "off",
}
UNSUPPORTED = Read(State.UNSUPPORTED, detail="it answers NotImplemented")
FORBIDDEN = Read(State.FORBIDDEN, detail="needs s3:GetBucketTagging")


def wanted(**store: Any) -> Desired:
    return desired(store, PROFILE)


def value(of: Any) -> Read:
    return Read(State.VALUE, of)


def found(region: str = "", **features: Read) -> Observed:
    return Observed(True, region, features)


def steps(todo: BucketPlan) -> dict[str, Any]:
    return {step.feature: step.after for step in todo.steps}


def after(todo: BucketPlan, before: Observed) -> Observed:
    """What a server shows that did as it was told."""
    return Observed(True, before.region, {**before.features, **{s.feature: value(s.after) for s in todo.steps}})


REFUSES = {"abort_days": "it removes them by itself", "public_access": "it has none"}


def test_rules_that_a_server_refuses_are_left_out_where_only_the_profile_wants_them() -> None:
    there = Observed(True, features={"public_access": UNSUPPORTED}, refuses=REFUSES)
    for before in (Observed(False, refuses=REFUSES), there):
        todo = plan(wanted(versioning="enabled", unmanaged=["ownership"]), before)
        assert [rule.id for rule in steps(todo)["lifecycle"]] == [NONCURRENT_RULE]
        assert [text.split(" ")[0] for text in todo.warnings] == [
            "public_access",
            "lifecycle.abort_incomplete_multipart_days",
        ]
    assert steps(plan(wanted(unmanaged=["ownership", "versioning"]), there)) == {}


def test_rules_that_a_server_refuses_are_a_problem_where_they_were_asked_for() -> None:
    asked = wanted(lifecycle={"abort_incomplete_multipart_days": 3, "noncurrent_days": 4}, unmanaged=["public_access"])
    assert plan(asked, Observed(False, refuses=REFUSES)).problems == (
        "lifecycle.abort_incomplete_multipart_days was asked for, but this server refuses it: it removes them by "
        "itself. Leave it out, or add lifecycle to unmanaged.",
    )


def test_new_bucket_gets_the_profile_in_order() -> None:
    assert list(steps(plan(wanted(), Observed(False)))) == ["ownership", "public_access", "lifecycle"]


def test_without_a_profile_nothing_is_wished_for() -> None:
    assert wanted(profile="none").wishes == ()


def test_nothing_is_done_twice() -> None:
    options: list[dict[str, Any]] = [
        {"tags": {"a": "b"}},
        {"encryption": {"type": "SSE-KMS", "kms_key_id": "k"}},
        {"versioning": "enabled"},
        {"tls_only": True},
        {"tls_only": False},
        {"lifecycle": {"noncurrent_days": 3}},
        {"tags": {}},
    ]
    for store in options:
        wish = wanted(**store)
        assert plan(wish, after(plan(wish, found()), found())).steps == ()


def test_order_of_rules_does_not_matter() -> None:
    rules = [LifecycleRule(name, prefixes=("logs/",), abort_days=1) for name in "abcdef"]
    for seed in range(5):
        random.Random(seed).shuffle(rules)
        assert "lifecycle" not in steps(plan(wanted(), found(lifecycle=value((*rules, *DEFAULT_RULES)))))


def test_rules_and_tags_of_others_are_kept() -> None:
    foreign = LifecycleRule("theirs", prefixes=("logs/",), expires=True, raw={"ID": "theirs"})
    todo = steps(plan(wanted(tags={"a": "1"}), found(lifecycle=value((foreign,)), tags=value({"b": "2"}))))
    assert todo["lifecycle"] == (foreign, *DEFAULT_RULES)
    assert todo["tags"] == {"a": "1", "b": "2"}


def test_owned_rule_that_is_not_wanted_any_more_goes() -> None:
    old = (*DEFAULT_RULES, LifecycleRule(NONCURRENT_RULE, noncurrent_days=3, delete_markers=True))
    assert steps(plan(wanted(), found(lifecycle=value(old))))["lifecycle"] == DEFAULT_RULES


def test_owned_rule_that_somebody_changed_is_restored() -> None:
    changed = (LifecycleRule(ABORT_RULE, abort_days=7, expires=True),)
    assert steps(plan(wanted(), found(lifecycle=value(changed))))["lifecycle"] == DEFAULT_RULES


def test_tags_of_others_go_when_asked() -> None:
    assert steps(plan(wanted(tags={}, purge_tags=True), found(tags=value({"b": "2"}))))["tags"] == {}


def test_unmanaged_features_are_not_even_read() -> None:
    assert "lifecycle" not in {wish.feature for wish in wanted(unmanaged=["lifecycle"]).wishes}


def test_versions_are_dropped_where_they_are_kept() -> None:
    todo = plan(wanted(versioning="enabled"), found())
    assert {rule.id for rule in steps(todo)["lifecycle"]} == {ABORT_RULE, NONCURRENT_RULE}
    kept = plan(wanted(versioning="enabled", unmanaged=["lifecycle"]), found())
    assert "every compacted block is kept" in kept.warnings[0]


@pytest.mark.parametrize(
    ("read", "changes"),
    [
        (Read(State.ABSENT), False),
        (value("disabled"), False),
        (value("enabled"), True),
    ],
)
def test_versioning_that_was_never_on_is_off(read: Read, changes: bool) -> None:
    assert ("versioning" in steps(plan(wanted(), found(versioning=read)))) is changes


@pytest.mark.parametrize(
    ("wish", "read", "changes"),
    [
        ({"kms_key_id": "1234"}, {"kms_key_id": "arn:aws:kms:eu-central-1:1:key/1234"}, False),
        ({"kms_key_id": "alias/a"}, {"kms_key_id": "arn:aws:kms:eu-central-1:1:alias/a"}, False),
        ({}, {"kms_key_id": "whatever"}, False),
        ({"kms_key_id": "1234"}, {"kms_key_id": "arn:aws:kms:eu-central-1:1:key/91234"}, True),
        ({"kms_key_id": "1234"}, {}, True),
        ({"bucket_key": False}, {}, True),
    ],
)
def test_keys_are_compared_by_what_they_name(wish: Mapping[str, Any], read: Mapping[str, Any], changes: bool) -> None:
    kms = {"type": "SSE-KMS", "bucket_key": True}
    todo = plan(wanted(encryption={**kms, **wish}), found(encryption=value({**kms, **read})))
    assert ("encryption" in steps(todo)) is changes


@pytest.mark.parametrize("read", [UNSUPPORTED, FORBIDDEN])
def test_what_was_asked_for_and_is_not_there_is_a_problem(read: Read) -> None:
    todo = plan(wanted(tags={"a": "b"}), found(tags=read))
    assert read.detail in todo.problems[0]
    assert "tags" not in steps(todo)


def test_what_only_the_profile_wants_is_a_warning() -> None:
    todo = plan(wanted(), found(lifecycle=UNSUPPORTED))
    assert todo.problems == ()
    assert "lifecycle is wanted by profile thanos" in todo.warnings[0]


@pytest.mark.parametrize(("level", "warnings", "problems"), [("fail", 0, 2), ("warn", 2, 0), ("ignore", 0, 0)])
def test_unsupported_can_be_decided(level: str, warnings: int, problems: int) -> None:
    todo = plan(wanted(unsupported=level, tags={"a": "b"}), found(tags=UNSUPPORTED, lifecycle=UNSUPPORTED))
    assert (len(todo.warnings), len(todo.problems)) == (warnings, problems)


def test_lacking_what_is_not_wanted_is_fine() -> None:
    todo = plan(wanted(tls_only=False), found(versioning=UNSUPPORTED, object_lock=UNSUPPORTED, tls_only=UNSUPPORTED))
    assert (todo.warnings, todo.problems) == ((), ())


@pytest.mark.parametrize(
    ("prefix", "rule", "harmful"),
    [
        ("", "", True),
        ("", "01", True),
        ("", "logs/", False),
        ("a", "", True),
        ("a", "a/", True),
        ("a", "a/01ABC", True),
        ("a", "a/tmp/", False),
        ("a", "b/", False),
        ("a", "ab", False),
    ],
)
def test_expiry_is_refused_where_blocks_are(prefix: str, rule: str, harmful: bool) -> None:
    before = found(lifecycle=value((LifecycleRule("theirs", prefixes=(rule,), expires=True),)))
    assert bool(plan(wanted(prefix=prefix), before).problems) is harmful
    assert plan(wanted(prefix=prefix, allow=["expiry"]), before).problems == ()


def test_every_prefix_of_a_rule_is_judged_by_itself() -> None:
    for prefixes, problems in ((("logs/", "tmp/"), 0), (("logs/", "01"), 1)):
        before = found(lifecycle=value((LifecycleRule("theirs", prefixes=prefixes, expires=True),)))
        assert len(plan(wanted(), before).problems) == problems


def test_what_may_be_somebody_elses_only_gives_way_to_one_of_its_kind() -> None:
    """Where rules have no names, as on Google Cloud Storage."""
    abort = LifecycleRule(ABORT_RULE, abort_days=30, nameless=True)
    versions = LifecycleRule(NONCURRENT_RULE, noncurrent_days=30, delete_markers=True, nameless=True)
    before = found(lifecycle=value((abort, versions)))
    assert steps(plan(wanted(), before))["lifecycle"] == (versions, *DEFAULT_RULES)
    assert "lifecycle" not in steps(plan(wanted(lifecycle={}), before))
    both = steps(plan(wanted(lifecycle={"abort_incomplete_multipart_days": 7, "noncurrent_days": 3}), before))
    assert [(rule.abort_days, rule.noncurrent_days) for rule in both["lifecycle"]] == [(7, 0), (0, 3)]


def test_archives_are_refused_and_cooler_classes_warned_of() -> None:
    rules = (
        LifecycleRule("cold", archives=("GLACIER",)),
        LifecycleRule("cool", cools=("STANDARD_IA",)),
        LifecycleRule("off", enabled=False, expires=True),
    )
    todo = plan(wanted(), found(lifecycle=value(rules)))
    assert ["GLACIER" in todo.problems[0], "STANDARD_IA" in todo.warnings[0], len(todo.problems)] == [True, True, 1]
    assert plan(wanted(allow=["archive"]), found(lifecycle=value(rules))).problems == ()


def test_default_retention_is_warned_of() -> None:
    before = found(object_lock=value("retention"))
    assert "compactor cannot delete" in plan(wanted(), before).warnings[0]
    assert plan(wanted(allow=["object_lock"]), before).warnings == ()


@pytest.mark.parametrize(
    ("asked", "there", "refused"), [("a", "b", True), ("a", "a", False), ("", "b", False), ("a", "", False)]
)
def test_a_bucket_elsewhere_is_refused(asked: str, there: str, refused: bool) -> None:
    assert bool(plan(wanted(region=asked), found(region=there)).problems) is refused
