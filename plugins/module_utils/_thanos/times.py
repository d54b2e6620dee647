# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The range of time that a tier serves of a bucket: ``min_time`` and ``max_time``."""

from __future__ import annotations

import time

from .._findings import Finding, mistake
from .._options.forms import is_age, moment, seconds
from .model import Instance

# Thanos' own bounds.
_EVER, _NEVER = "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"


def problems_of_times(instance: Instance) -> list[Finding]:
    """Ranges in which there are no samples, and times that bound nothing."""
    low, high, now = instance["min_time"], instance["max_time"], time.time()
    tier = instance.tier.name
    ages = {"min_time": low, "max_time": high}
    future = [name for name, text in ages.items() if text and is_age(text) and text[0] != "-" and seconds(text)]
    if future:
        what = "{0} is {0} from now"
        return [
            mistake("option-conflict", name, what.format(ages[name]), f"for {ages[name]} ago, write -{ages[name]}")
            for name in future
        ]
    try:
        begin, end = moment(low or _EVER, now), moment(high or _NEVER, now)
    except ValueError as error:
        return [mistake("option-form", "min_time or max_time", str(error))]
    if begin >= now:
        return [mistake("option-conflict", "min_time", f"{low} is not in the past; the {tier} would serve nothing")]
    if begin >= end:
        what = f"{low} is not before max_time ({high}); the {tier} would serve nothing"
        return [mistake("option-conflict", "min_time", what)]
    return []
