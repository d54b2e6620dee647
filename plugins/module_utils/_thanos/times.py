# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The range of time that a tier serves of a bucket: ``min_time`` and ``max_time``, or their flags in ``extra_args``."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from .._findings import Finding, mistake
from .._options.forms import FORMS, is_age, moment, seconds
from .flags import name_of
from .model import Instance, Stack
from .tier import Duty

# Thanos' own bounds.
_EVER, _NEVER = "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"


@dataclass(frozen=True)
class _Bound:
    """One end of the range: its text, the ``option`` that it is given in, and its flag there, if that is extra_args."""

    text: str
    option: str
    flag: str = ""

    @property
    def name(self) -> str:
        return self.flag or self.option

    @property
    def where(self) -> str:
        """The option, and the flag in it; what is said of them follows a colon."""
        return f"{self.option}: {self.flag}" if self.flag else self.option

    def mistake(self, kind: str, what: str, advice: str = "") -> Finding:
        return mistake(kind, self.option, f"{self.flag}: {what}" if self.flag else what, advice)


def problems_of_times(instance: Instance) -> list[Finding]:
    """Ranges in which there are no samples, and times that bound nothing."""
    now = time.time()
    low, high = _bound(instance, "min", _EVER), _bound(instance, "max", _NEVER)
    problems = [problem for bound in (low, high) for problem in _of_itself(bound, now)]
    if problems:
        return problems
    begin, end = moment(low.text, now), moment(high.text, now)
    work = "would compact nothing" if Duty.COMPACT in instance.tier.duties else "would serve nothing"
    idle = f"the {instance.tier.name} {work}"
    if begin >= now:
        return [low.mistake("option-conflict", f"{low.text} is not in the past; {idle}")]
    if begin >= end:
        return [low.mistake("option-conflict", f"{low.text} is not before {high.name} ({high.text}); {idle}")]
    return []


def warnings_of_times(stack: Stack) -> list[str]:
    """Sentences about stores whose range ends before what the compactor of their bucket keeps begins."""
    now = time.time()
    ends = [(store, _bound(store, "max", _NEVER)) for store in stack.doing(Duty.BLOCKS)]
    return [
        f"instances.{store.name}.{high.where}: {high.text} is longer ago than {compact.name} keeps any block, so that "
        f"{store.name} is likely to serve nothing; see the options retention_resolution_raw, _5m and _1h of "
        f"{compact.name}"
        for store, high in ends
        for compact in stack.doing(Duty.COMPACT)
        if all(store[name] == compact[name] for name in ("objstore", "objstore_secret"))
        and moment(high.text, now) < now - _kept(compact)
    ]


def _kept(compact: Instance) -> float:
    """The age in seconds at which no block is left; endless where some are kept, or left to another compactor."""
    ages = [seconds(compact[f"retention_resolution_{resolution}"]) for resolution in ("raw", "5m", "1h")]
    apart = [a for a in compact["extra_args"] if name_of(a).startswith(("min-time", "max-time", "selector."))]
    if compact["paused"] or apart or not all(ages):
        return math.inf
    # A block goes by its youngest sample, and may be two weeks long.
    return max(ages) + seconds(compact["delete_delay"]) + seconds("2w")


def _bound(instance: Instance, end: str, default: str) -> _Bound:
    """The ``min`` or ``max`` of the range. A text that Kubernetes completes is not known here, so it bounds nothing."""
    option, flag = f"{end}_time", f"{end}-time"
    if instance.options.get(option):
        return _Bound(instance[option], option)
    given = [a.partition("=")[2] for a in instance["extra_args"] if name_of(a) == flag and "=" in a]
    if flag in instance.tier.flags and given and "$(" not in given[-1]:
        return _Bound(given[-1], "extra_args", f"--{flag}")
    return _Bound(default, option)


def _of_itself(bound: _Bound, now: float) -> list[Finding]:
    """What is wrong with one end, whatever the other is."""
    text = bound.text
    if not FORMS["time"].accepts(text):
        return [bound.mistake("option-form", f"'{text}' is not {FORMS['time'].wording}")]
    if is_age(text) and text[0] != "-" and seconds(text):
        return [bound.mistake("option-conflict", f"{text} is {text} from now", f"for {text} ago, write -{text}")]
    try:
        moment(text, now)
    except ValueError as error:
        return [bound.mistake("option-form", str(error))]
    return []
