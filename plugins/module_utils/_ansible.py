# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to Ansible: parameters in, every mistake at once, one exit. Nothing else knows AnsibleModule."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from ansible.module_utils import basic

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure, InvalidInput


def raw_parameters() -> dict[str, Any]:
    """The parameters as the user typed them, before Ansible's own validation, which would stop at the first mistake."""
    return {k: v for k, v in basic._load_params().items() if not k.startswith("_ansible_")}


def refuse(problems: Sequence[str]) -> NoReturn:
    """Fail the task with every mistake; what AnsibleModule would print had it been made."""
    error = InvalidInput(problems)
    print(json.dumps({"failed": True, "changed": False, "msg": str(error), "problems": list(error.problems)}))
    sys.exit(1)


def checked(
    argument_spec: Mapping[str, Any], mistakes: Callable[[Mapping[str, Any]], Sequence[str]]
) -> basic.AnsibleModule:
    """An AnsibleModule whose parameters have no mistake; else the task has failed with all of them.

    ``mistakes`` looks at the raw parameters and returns sentences without any secret value.
    """
    problems = mistakes(raw_parameters())
    if problems:
        refuse(problems)
    return basic.AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True)


def finish(module: basic.AnsibleModule, work: Callable[[], Mapping[str, Any]]) -> NoReturn:
    """Do the work and exit with what it returns; a Failure is a failed task with its sentence and no stack trace."""
    try:
        result = work()
    except InvalidInput as e:
        module.fail_json(msg=str(e), problems=list(e.problems))
    except Failure as e:
        module.fail_json(msg=str(e))
    module.exit_json(**result)
