# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A body as a module: parameters in, one exit. Nothing else makes an AnsibleModule."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils import basic

from ._body import Body, Ended, Mode
from ._errors import Failure, InvalidInput, mistaken
from ._masking import masked, masked_result, refuse_torn, register
from ._parameters import accept, completed, credentials, deprecations, secrets, without_values


class _Module(basic.AnsibleModule):
    """Masks whatever it returns itself: from version 2.22 on Ansible does so on the screen alone.

    Fails with the refusal, if there is one. Until all is checked it shows no parameter: one may be a secret.
    """

    no_log_values: set[str]
    params: dict[str, Any]
    _checked = False

    def __init__(self, body: Body, raw: Mapping[str, Any], refusal: InvalidInput | None = None) -> None:
        self._body, self._raw, self._refusal = body, raw, refusal
        super().__init__(argument_spec=dict(body.argument_spec), supports_check_mode=True)
        if refusal:
            self.fail_json()
        self._hide()
        self._checked = True

    def _hide(self) -> None:
        """Know all secrets. Ansible returns to the controller those that are registered once the module is made."""
        self.no_log_values = secrets(self.no_log_values, self._body, self._raw)
        register(credentials(self._body, self._raw))

    def _log_invocation(self) -> None:
        """The log of the system gets the parameters as they are returned."""
        self._hide()
        given, self.params = self.params, masked(self.params, self.no_log_values)
        super()._log_invocation()
        self.params = given

    def _masked(self, result: Mapping[str, Any]) -> dict[str, Any]:
        shown = self.params if self._checked else {}
        return masked_result({**result, "invocation": {"module_args": shown}}, self.no_log_values)

    def command(self, arguments: Sequence[str], seconds: float) -> Ended:
        """See Command. Ansible's own way knows no limit."""
        late, done = threading.Event(), threading.Event()

        def limit(process: subprocess.Popen[bytes]) -> None:
            def end() -> None:
                if not done.wait(seconds):
                    late.set()
                    process.kill()

            threading.Thread(target=end, daemon=True).start()

        how = {"handle_exceptions": False, "expand_user_and_vars": False, "before_communicate_callback": limit}
        try:
            code, out, err = self.run_command(list(arguments), **how)
        finally:
            done.set()
        if late.is_set():
            raise TimeoutError
        return Ended(code, err or out)

    def exit_json(self, **kwargs: Any) -> None:
        super().exit_json(**self._masked(kwargs))

    def fail_json(self, msg: str = "", **kwargs: Any) -> None:
        if self._refusal:
            msg, kwargs = str(self._refusal), dict(self._refusal.result)
        elif not self._checked:
            msg = without_values(msg, self._raw)
        super().fail_json(**self._masked({**kwargs, "msg": msg}))


def run(body: Body) -> None:
    """Do the body's work and exit with its result; a Failure is a failed task with its sentence and no stack trace."""
    # Before Ansible's own validation, which would stop at the first mistake. None is what ansible-test gives while it
    # reads the argument specification.
    raw = {k: v for k, v in (basic._load_params() or {}).items() if not k.startswith("_ansible_")}
    try:
        work = accept(body, raw)
    except InvalidInput as refusal:
        _Module(body, raw, refusal)
        raise
    module = _Module(body, raw)
    for row in deprecations(body, raw):
        module.deprecate(row["msg"], version=row["version"], collection_name=row["collection_name"])
    module.params = completed(body, module.params)
    directory = tempfile.mkdtemp(prefix="o11y-thanos-")
    try:
        refuse_torn({name: make(module.params) for name, make in body.whole.items()}, module.no_log_values)
        result = work(module.params, Mode(module.check_mode, bool(module._diff), directory, command=module.command))
    except Failure as error:
        module.fail_json(msg=str(error), **error.result)
    except Exception as error:
        # Ansible would show it as it is, with what it quotes.
        module.fail_json(msg=mistaken(module._name, error), exception=traceback.format_exc())
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for warning in masked(result.get("warnings", []), module.no_log_values):
        module.warn(warning)
    module.exit_json(**{name: value for name, value in result.items() if name != "warnings"})
