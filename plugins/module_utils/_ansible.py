# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A body as a module: parameters in, one exit. Nothing else makes an AnsibleModule."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from typing import Any

from ansible.module_utils import basic

from ._body import Body, Mode
from ._errors import Failure, InvalidInput
from ._masking import masked, unharmed
from ._parameters import accept, completed, secrets, specification, without_values


class _Module(basic.AnsibleModule):
    """Fails with the refusal, if there is one. Until all is checked it shows no parameter: one may be a secret."""

    _checked = False

    def __init__(
        self, argument_spec: Mapping[str, Any], raw: Mapping[str, Any], refusal: InvalidInput | None = None
    ) -> None:
        self._raw, self._refusal = raw, refusal
        super().__init__(argument_spec=dict(argument_spec), supports_check_mode=True)
        if refusal:
            self.fail_json()
        self._checked = True

    def fail_json(self, msg: str = "", **kwargs: Any) -> None:
        if self._refusal:
            msg, kwargs = str(self._refusal), dict(self._refusal.result)
        elif not self._checked:
            msg = without_values(msg, self._raw)
        if not self._checked:
            kwargs["invocation"] = {"module_args": {}}
        super().fail_json(msg, **kwargs)


def run(body: Body) -> None:
    """Do the body's work and exit with its result; a Failure is a failed task with its sentence and no stack trace."""
    # Before Ansible's own validation, which would stop at the first mistake. None is what ansible-test gives while it
    # reads the argument specification.
    raw = {k: v for k, v in (basic._load_params() or {}).items() if not k.startswith("_ansible_")}
    try:
        work = accept(body, raw)
    except InvalidInput as refusal:
        _Module(body.argument_spec, raw, refusal)
        raise
    module = _Module(specification(body, raw), raw)
    module.no_log_values = secrets(module.no_log_values, body, raw)
    module.params = completed(body, module.params)
    directory = tempfile.mkdtemp(prefix="o11y-thanos-")
    try:
        done = work(module.params, Mode(module.check_mode, bool(module._diff), directory))
        result = unharmed(done, module.no_log_values, body.whole)
    except Failure as error:
        module.fail_json(msg=str(error), **error.result)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for warning in masked(result.get("warnings", []), module.no_log_values):
        module.warn(warning)
    module.exit_json(**{name: value for name, value in result.items() if name != "warnings"})
