# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run over one cluster: spec → gather → checks → render → plan → apply → wait. Knows no AnsibleModule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes import engine
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Outcome, Scope
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check, missing_objstores
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.gather import gather
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.promtool import problems_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rollout import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rules import rule_files


def deploy(client: Client, stack: Stack, options: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Bring the cluster to ``stack``. ``options`` are the module's: purge, wait and what the engine takes.

    Raises InvalidInput with everything that can be known to be wrong, before anything is changed.
    """
    facts = gather(client, stack)
    problems, warnings = check(stack, facts)
    for ruler in stack.of("ruler"):
        if not problems:
            problems.extend(problems_of(rule_files(ruler, facts), f"instances.{ruler.name}.rules"))
    missing = missing_objstores(stack, facts)
    if check_mode:
        warnings.extend(missing)
    else:
        problems.extend(missing)
    if problems:
        raise InvalidInput(problems)
    scope = Scope(stack.name, stack.namespace, frozenset(i.name for i in (*stack.instances, *stack.absent)))
    return engine.run(client, scope, phases(stack, facts), check_mode=check_mode, warnings=warnings, options=options)
