# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done to a bucket: (wished, read) → steps, warnings, problems. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from typing import Any

from .bucket_model import (
    ABSENT,
    Desired,
    FeatureChange,
    LifecycleRule,
    Observed,
    Read,
    State,
    Wish,
)

OWNED = "o11y.thanos/"
# What a server without the feature has anyway.
_NATURAL = (
    ("versioning", "disabled"),
    ("object_lock", "off"),
    ("soft_delete", "choose"),
    ("soft_delete", 0),
    ("tls_only", False),
)
# Fields of a rule → the options beneath lifecycle that they come from.
_OPTION_OF = {"abort_days": "abort_incomplete_multipart_days", "noncurrent_days": "noncurrent_days"}
# ULIDs of blocks begin with one of these (a time until the year 10889).
_ULID_STARTS = "01234567"


@dataclass(frozen=True)
class BucketPlan:
    """``steps`` in the order of the wishes. With ``problems`` nothing must be done."""

    steps: tuple[FeatureChange, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def plan(desired: Desired, observed: Observed) -> BucketPlan:
    """Compare; an absent bucket is taken for one without any feature."""
    steps: list[FeatureChange] = []
    warnings: list[str] = []
    problems = _region(desired, observed)
    for wished in desired.wishes:
        wish = _taken(wished, observed, desired, warnings, problems)
        read = _read(wish, observed)
        if read.state in (State.UNSUPPORTED, State.FORBIDDEN):
            if (wish.feature, wish.value) not in _NATURAL or read.state is State.FORBIDDEN:
                level = lacking(desired, wish)
                sentence = _lack(wish, read)
                problems += [sentence] if level == "fail" else []
                warnings += [sentence] if level == "warn" else []
            continue
        after = target(wish, read, desired.purge_tags)
        if not satisfied(wish.feature, after, read):
            steps.append(FeatureChange(wish.feature, read, after))
        _judge(wish, read, desired, warnings, problems)
    return BucketPlan(tuple(steps), tuple(warnings), tuple(problems))


def _read(wish: Wish, observed: Observed) -> Read:
    """What was read; of a bucket that is not there, what a new one has."""
    read = observed.features.get(wish.feature, ABSENT) if observed.exists else ABSENT
    known = observed.refuses.get(wish.feature, "")
    # What the server has written down without going by it can still be taken out.
    return Read(State.UNSUPPORTED, detail=known) if known and wish.value else read


def _taken(wish: Wish, observed: Observed, desired: Desired, warnings: list[str], problems: list[str]) -> Wish:
    """The wish without rules that this server is known to refuse; says so, unless that is to be ignored."""
    if wish.feature != "lifecycle" or not observed.refuses:
        return wish
    level, kept = lacking(desired, wish), []
    for rule in wish.value:
        lost = [name for name in _OPTION_OF if name in observed.refuses and getattr(rule, name)]
        for name in lost:
            who = "was asked for" if wish.asked else "is wanted by profile thanos"
            sentence = f"lifecycle.{_OPTION_OF[name]} {who}, but this server refuses it: {observed.refuses[name]}."
            if level == "fail":
                problems.append(f"{sentence} Leave it out, or add lifecycle to unmanaged.")
            elif level == "warn":
                warnings.append(sentence)
        if not lost:
            kept.append(rule)
    return replace(wish, value=tuple(kept))


def lacking(desired: Desired, wish: Wish) -> str:
    """What to do when a server cannot fulfil ``wish``: fail, warn or ignore."""
    return desired.unsupported or ("fail" if wish.asked else "warn")


def _lack(wish: Wish, read: Read) -> str:
    who = "was asked for" if wish.asked else "is wanted by profile thanos"
    detail = f" ({read.detail})" if read.detail else ""
    if read.state is State.FORBIDDEN:
        return f"{wish.feature} {who}, but this credential may not read it{detail}."
    return f"{wish.feature} {who}, but this server does not have it{detail}."


def _region(desired: Desired, observed: Observed) -> list[str]:
    if not (observed.exists and desired.region and observed.region) or desired.region == observed.region:
        return []
    return [
        f"region: the bucket exists in {observed.region!r}, not in {desired.region!r}. A bucket cannot move; set "
        "region to where it is, or choose another name."
    ]


def target(wish: Wish, read: Read, purge_tags: bool) -> Any:
    """The whole value that the feature shall have: what others put there is kept where it can be."""
    if wish.feature == "lifecycle":
        wished = {rule.id for rule in wish.value}
        return (*(rule for rule in read.value or () if _is_kept(rule, wished)), *wish.value)
    if wish.feature == "tags" and not purge_tags:
        return {**(read.value or {}), **wish.value}
    return wish.value


def _is_kept(rule: LifecycleRule, wished: Container[str]) -> bool:
    """Whether a rule of the bucket stays.

    Others' rules do. Ours go, but one without a name may be somebody else's, so it goes only when a rule of the same
    kind takes its place.
    """
    return not rule.id.startswith(OWNED) or (rule.nameless and rule.id not in wished)


def satisfied(feature: str, after: Any, read: Read) -> bool:
    """Whether what was read is as good as ``after``."""
    if feature in _COMPARE:
        return _COMPARE[feature](after, read)
    return bool(read.state is State.VALUE and read.value == after)


def _same_rules(after: Iterable[LifecycleRule], read: Read) -> bool:
    return sorted(after, key=_by_id) == sorted(read.value or (), key=_by_id)


def _by_id(rule: LifecycleRule) -> tuple[str, tuple[str, ...]]:
    return rule.id, rule.prefixes


def _same_access(after: dict[str, list[str]], read: Read) -> bool:
    """Whether the bucket lets in whom it shall.

    Where entries of ours can be told from others' (``detail`` is "owned"), they must be exactly the wished ones. Else
    the wished ones must be among all that there are.
    """
    found = read.value or {}
    if read.detail == "owned":
        return bool(after == found)
    return all(set(entries) <= set(found.get(name, ())) for name, entries in after.items())


def _same_encryption(after: Any, read: Read) -> bool:
    if after is None or read.value is None:
        return after is None and read.value is None
    wanted, found = after.get("kms_key_id") or "", read.value.get("kms_key_id") or ""
    # AWS takes a bare id or an alias and some servers answer with the whole ARN.
    same_key = not wanted or wanted == found or found.endswith((f"/{wanted}", f":{wanted}"))
    kms = after["type"] == "SSE-KMS"
    same_bucket_key = not kms or after["bucket_key"] == read.value.get("bucket_key", False)
    return bool(after["type"] == read.value["type"] and same_key and same_bucket_key)


_COMPARE: dict[str, Callable[[Any, Read], bool]] = {
    "access": _same_access,
    "lifecycle": _same_rules,
    "encryption": _same_encryption,
    "tags": lambda after, read: after == (read.value or {}),
    # Versions that are suspended, and versions that were never switched on, do the same with new objects.
    "versioning": lambda after, read: (read.value or "disabled") == after,
    "tls_only": lambda after, read: bool(read.value) == after,
    # "choose" is satisfied by any value: the user is told what it costs and nothing is written.
    "soft_delete": lambda after, read: after in ("choose", read.value or 0),
    # Satisfied by anything, so that it is never written: it is only read, to warn of it.
    "object_lock": lambda _after, _read: True,
}


def _judge(wish: Wish, read: Read, desired: Desired, warnings: list[str], problems: list[str]) -> None:
    """Judge what is there already and harms Thanos: a problem where blocks would be lost, else a warning."""
    if wish.feature == "lifecycle":
        for rule in read.value or ():
            touches = any(_covers_blocks(prefix, desired.prefix) for prefix in rule.prefixes)
            if rule.enabled and not rule.id.startswith(OWNED) and touches:
                _judge_rule(rule, desired, warnings, problems)
    elif wish.feature == "object_lock" and read.value == "retention" and "object_lock" not in desired.allow:
        warnings.append(
            "object_lock: the bucket has a default retention; the compactor cannot delete blocks until it is over. "
            "Take it off, or add object_lock to allow."
        )
    elif wish.feature == "soft_delete" and wish.value == "choose" and read.value:
        warnings.append(
            f"soft_delete: every compacted block is kept, and paid, for {read.value} days after it is deleted. Set "
            "soft_delete_days to 0, or to what you want."
        )
    elif wish.feature == "versioning" and wish.value == "enabled" and not _drops_versions(desired):
        warnings.append(
            "versioning is enabled without lifecycle.noncurrent_days: every compacted block is kept and paid."
        )


def _drops_versions(desired: Desired) -> bool:
    return any(rule.noncurrent_days for wish in desired.wishes if wish.feature == "lifecycle" for rule in wish.value)


def _judge_rule(rule: LifecycleRule, desired: Desired, warnings: list[str], problems: list[str]) -> None:
    name = f"lifecycle: the bucket's rule {rule.id!r}"
    if rule.expires and "expiry" not in desired.allow:
        problems.append(
            f"{name} deletes live objects and would tear blocks apart; retention is the compactor's work. Remove the "
            "rule, or add expiry to allow."
        )
    if rule.archives and "archive" not in desired.allow:
        problems.append(
            f"{name} moves blocks to {', '.join(rule.archives)}, where the store gateway cannot read them. Remove the "
            "rule, or add archive to allow."
        )
    if rule.cools:
        warnings.append(f"{name} moves blocks to {', '.join(rule.cools)}: reads and early deletion cost extra.")


def _covers_blocks(rule_prefix: str, prefix: str) -> bool:
    """Whether a rule with this prefix touches blocks that are stored beneath ``prefix``."""
    ours = f"{prefix}/" if prefix else ""
    if ours.startswith(rule_prefix):
        return True
    return rule_prefix.startswith(ours) and rule_prefix[len(ours)] in _ULID_STARTS
