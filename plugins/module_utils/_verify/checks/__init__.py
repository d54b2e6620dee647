# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks by name, in the order of the report.

A check is a function from what is expected and what was answered to lines. It needs no list of its questions: what it
looks up and does not find is asked, and the check is run again, until it finds everything (see ``run``).
"""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.alerts import alerts
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.compactor import compactor
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.endpoints import endpoints
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.history import history
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.pods import pods
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.queries import clean, dedup, fresh
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.rules import rules
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.upload import upload
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import Line

Check = Callable[[Expectations, Answers], list[Line]]

CHECKS: dict[str, Check] = {
    "pods": pods,
    "endpoints": endpoints,
    "fresh": fresh,
    "dedup": dedup,
    "clean": clean,
    "history": history,
    "compactor": compactor,
    "rules": rules,
    "alerts": alerts,
    "upload": upload,
}
