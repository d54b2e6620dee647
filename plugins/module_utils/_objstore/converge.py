# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a bucket to what is wished: read, plan, create the minimum, write feature by feature, read again."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from .._errors import Failure
from .blocks import tally
from .bucket_model import (
    Adapter,
    Desired,
    FeatureChange,
    LifecycleRule,
    Observed,
    Read,
    Refused,
    State,
    Transient,
    Unsupported,
    Wish,
)
from .planner import BucketPlan, lacking, plan
from .throwaway import folder, why_not_writable

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.0)
_SHOWN_BLOCKS = 3


@dataclass(frozen=True)
class BucketOutcome:
    """What was done. ``before`` and ``after`` are feature → plain value for people, None for no bucket."""

    changed: bool
    action: str
    region: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    warnings: tuple[str, ...] = ()


def present(adapter: Adapter, desired: Desired, check_mode: bool, timeout: float) -> BucketOutcome:
    """Make the bucket exist and be as desired; with ``check_mode`` only say what would be done.

    ``timeout``: seconds to wait until the server shows what was written. Raises Failure; a second run goes on.
    """
    features = tuple(wish.feature for wish in desired.wishes)
    found = adapter.observe(features)
    todo = _planned(adapter, desired, found)
    before = _plain(found) if found.exists else None
    if check_mode or (found.exists and not todo.steps):
        action = "unchanged" if found.exists and not todo.steps else "updated" if found.exists else "created"
        after = _predicted(found, todo)
        return BucketOutcome(
            action != "unchanged", action, found.region or desired.region, before, after, todo.warnings
        )
    waits = _Patience(timeout)
    written: list[str] = []
    try:
        if not found.exists:
            _create(adapter, desired.region, waits)
            written.append("")
            todo = _planned(adapter, desired, _visible(adapter, features, waits))
        refused = _apply(adapter, desired, todo, waits, written)
        wanted = replace(desired, wishes=tuple(w for w in desired.wishes if w.feature not in refused))
        final = _settled(adapter, wanted, features, waits)
    except Failure as error:
        if written:
            error.result["changed"] = True
        raise
    warnings = (*todo.warnings, *filter(None, refused.values()))
    # When the server had none of the features of an update, nothing was changed.
    changed = not found.exists or len(refused) < len(todo.steps)
    action = "created" if not found.exists else "updated" if changed else "unchanged"
    return BucketOutcome(changed, action, final.region or desired.region, before, _plain(final), warnings)


def absent(
    adapter: Adapter, force: bool, delete_blocks: bool, check_mode: bool, prefix: str | None = None
) -> BucketOutcome:
    """Remove the bucket, or what is left of it.

    One with objects needs ``force``, one with blocks of Thanos ``delete_blocks`` too. What is not beneath the store's
    ``prefix`` belongs to others and is never removed.
    """
    found = adapter.observe(())
    if not found.exists and not found.rest:
        return BucketOutcome(False, "unchanged", "", None, None)
    prefix = (prefix or "").strip("/")
    contents = tally(adapter.objects.everything(), folder(prefix), force)
    where = adapter.describe()
    if contents.outside:
        raise Failure(
            f"{where} holds objects outside of prefix {prefix!r} ({', '.join(contents.outside)}); it is kept: they are "
            "somebody else's. Remove your own objects with the provider's tools, or leave prefix out when all of it "
            "shall go."
        )
    if contents.objects and not force:
        raise Failure(
            f"{where} is not empty ({contents.objects} objects or more); it is kept. force: true removes them with it."
        )
    if contents.blocks and not delete_blocks:
        some = ", ".join(contents.blocks[:_SHOWN_BLOCKS])
        raise Failure(
            f"{where} holds {len(contents.blocks)} blocks of Thanos ({some}); it is kept. delete_blocks: true "
            "destroys these metrics."
        )
    if not check_mode:
        if force:
            adapter.objects.empty()
        _Patience(10).until_done(adapter.delete)
    return BucketOutcome(True, "deleted", found.region, _plain(found), None)


class _Patience:
    """Repeats what the server asks to repeat, until ``timeout`` seconds from now."""

    def __init__(self, timeout: float) -> None:
        self._deadline = time.monotonic() + timeout
        self._pauses = iter(_PAUSES)

    def pause(self) -> bool:
        """Sleep a little; False when the time is over."""
        seconds = next(self._pauses, _PAUSES[-1])
        if time.monotonic() + seconds > self._deadline:
            return False
        time.sleep(seconds)
        return True

    def until_done(self, act: Callable[[], None]) -> None:
        """Run ``act``; again while it raises Transient and there is time."""
        while True:
            try:
                act()
            except Transient:
                if not self.pause():
                    raise
            else:
                return


def _planned(adapter: Adapter, desired: Desired, found: Observed) -> BucketPlan:
    todo = plan(desired, found)
    if todo.problems:
        lines = "".join(f"\n- {problem}" for problem in todo.problems)
        state = "left as it was" if found.exists else "not created"
        raise Failure(f"{adapter.describe()} cannot be as asked; it was {state}:{lines}")
    return todo


def _create(adapter: Adapter, region: str, waits: _Patience) -> None:
    """Make the bucket. If that fails and it exists all the same, a run for another cluster that shares it made it."""
    try:
        waits.until_done(lambda: adapter.create(region))
    except Failure:
        with suppress(Failure):
            if adapter.observe(()).exists:
                return
        raise


def _visible(adapter: Adapter, features: tuple[str, ...], waits: _Patience) -> Observed:
    while True:
        found = adapter.observe(features)
        if found.exists:
            return found
        if not waits.pause():
            raise Failure(f"{adapter.describe()} was created, but the server does not show it yet; run again.")


def _apply(
    adapter: Adapter, desired: Desired, todo: BucketPlan, waits: _Patience, written: list[str]
) -> dict[str, str]:
    """Write every step, and note in ``written`` which were.

    Returns feature → warning ("" = none) for what the server turned out not to take.

    What only the profile wishes is not worth a failed run: Thanos works without it.
    """
    refused: dict[str, str] = {}
    done: list[str] = []
    for step in todo.steps:
        try:
            _write(adapter, desired.prefix, step, waits)
        except (Unsupported, Refused) as e:
            wish = next(w for w in desired.wishes if w.feature == step.feature)
            level = lacking(desired, wish)
            if level == "fail":
                raise _partly(adapter, step, done, e) from None
            refused[step.feature] = _left_out(wish, e) if level == "warn" else ""
        except Failure as e:
            raise _partly(adapter, step, done, e) from None
        else:
            done.append(step.feature)
            written.append(step.feature)
    return refused


def _left_out(wish: Wish, error: Failure) -> str:
    if isinstance(error, Unsupported):
        return f"{wish.feature}: {error}"
    who = "was asked for" if wish.asked else "is wanted by profile thanos only"
    return f"{wish.feature} {who} and was left out: {error} Add {wish.feature} to unmanaged to stop asking for it."


def _write(adapter: Adapter, prefix: str, step: FeatureChange, waits: _Patience) -> None:
    """Write one feature. Raises Failure.

    Some servers accept a default encryption without the key service that it needs, and then refuse every object. So
    an object is written before and after, and an encryption that stops it is put back.
    """
    was_writable = step.feature == "encryption" and not why_not_writable(adapter.objects, prefix)
    waits.until_done(lambda: adapter.apply(step))
    reason = why_not_writable(adapter.objects, prefix) if was_writable else ""
    if reason:
        adapter.apply(FeatureChange(step.feature, Read(State.VALUE, step.after), step.before.value))
        why = reason.removeprefix(f"{adapter.describe()}: ").rstrip(".")
        raise Failure(f"with this encryption no object can be written ({why}); the former one was put back.")


def _partly(adapter: Adapter, step: FeatureChange, done: list[str], error: Failure) -> Failure:
    so_far = f" Done before: {', '.join(done)}." if done else ""
    what_next = "When that is mended, run again to go on."
    reason = str(error)
    if isinstance(error, (Unsupported, Refused)):
        reason = reason.rstrip(".") + "."
        what_next = (
            f"Running again cannot help: leave {step.feature} out (unmanaged, where the profile wants it), or set "
            "unsupported: warn."
        )
    return Failure(f"{adapter.describe()}: {step.feature} could not be set: {reason}{so_far} {what_next}")


def _settled(adapter: Adapter, desired: Desired, features: tuple[str, ...], waits: _Patience) -> Observed:
    while True:
        final = adapter.observe(features)
        left = plan(desired, final)
        if final.exists and not left.steps:
            return final
        if not waits.pause():
            names = "; ".join(f"{s.feature} is {_value(s.before)!r}, not {shown(s.after)!r}" for s in left.steps)
            raise Failure(f"{adapter.describe()}: the server took the changes but does not show them: {names}.")


def _predicted(found: Observed, todo: BucketPlan) -> dict[str, Any]:
    after = _plain(found) if found.exists else {}
    return {**after, **{step.feature: shown(step.after) for step in todo.steps}}


def _plain(found: Observed) -> dict[str, Any]:
    return {name: _value(read) for name, read in found.features.items() if read.state is not State.UNSUPPORTED}


def _value(read: Read) -> Any:
    return shown(read.value) if read.state is State.VALUE else read.state.value


def shown(value: Any) -> Any:
    """A value as plain data for a diff: rules by id, without what is not set."""
    if isinstance(value, tuple):
        return {rule.id: _rule(rule) for rule in sorted(value, key=lambda rule: rule.id)}
    return value


def _rule(rule: LifecycleRule) -> dict[str, Any]:
    shown = {k: getattr(rule, k) for k in ("abort_days", "noncurrent_days", "delete_markers", "expires")}
    # A rule has one prefix or none; only somebody else's may have several.
    prefixes = {"prefix": ", ".join(rule.prefixes)}
    plain = {k: v for k, v in {**prefixes, **shown}.items() if v}
    storage = [*rule.archives, *rule.cools]
    return {**plain, **({"moves_to": storage} if storage else {}), **({} if rule.enabled else {"enabled": False})}
