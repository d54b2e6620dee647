# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks by name, in the order of the report.

A check is a function from what is expected and what was answered to lines. It needs no list of its questions: what it
looks up and does not find is asked, and the check is run again, until it finds everything (see ``run``).
"""

from __future__ import annotations

from collections.abc import Callable

from ..._findings import Finding
from ..answers import Answers
from ..expect import Expectations
from .alerts import alerts
from .bucket import bucket
from .cache import cache
from .compactor import compactor
from .endpoints import endpoints
from .history import history
from .loaded_rings import hashrings
from .pods import pods
from .queries import clean, dedup, fresh
from .rules import rules
from .tenants import tenants
from .upload import upload

Check = Callable[[Expectations, Answers], list[Finding]]

CHECKS: dict[str, Check] = {
    "pods": pods,
    "endpoints": endpoints,
    "fresh": fresh,
    "dedup": dedup,
    "clean": clean,
    "cache": cache,
    "history": history,
    "bucket": bucket,
    "compactor": compactor,
    "rules": rules,
    "alerts": alerts,
    "upload": upload,
    "hashrings": hashrings,
    "tenants": tenants,
}
