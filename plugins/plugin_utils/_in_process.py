# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's body in the controller's own process, where that comes to the same as the module; else the module.

A worker is the process that Ansible forks for a host and task. It saves packing the module, starting a Python and
importing an SDK, but nothing of what a module's process gives for nothing: see ``_worker``. What is imported here,
Ansible loads before it forks: also the roles' filters, which each worker would load anew with all that they need.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from ansible import constants as C
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.json import Direction, get_module_encoder
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import transform_to_native_types

from ansible_collections.o11y.thanos.plugins.module_utils._body import Body, Mode
from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure, MissingLibrary, mistaken
from ansible_collections.o11y.thanos.plugins.module_utils._masking import (
    masked,
    masked_result,
    refuse_torn,
    register,
)
from ansible_collections.o11y.thanos.plugins.module_utils._parameters import (
    accept,
    completed,
    credentials,
    deprecations,
    secrets,
    without_values,
)
from ansible_collections.o11y.thanos.plugins.plugin_utils import _ahead
from ansible_collections.o11y.thanos.plugins.plugin_utils._kept import RunKept
from ansible_collections.o11y.thanos.plugins.plugin_utils._worker import as_in_a_module, command

_ahead.load()

_DISCOVERED = ("", "auto", "auto_legacy", "auto_silent", "auto_legacy_silent")


class InProcess(ActionBase):
    """What every action plugin of the collection is: ``module`` and the ``body`` that it shares with it."""

    module: ClassVar[str]
    body: ClassVar[Body]

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The task's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        kept = RunKept(C.DEFAULT_LOCAL_TMP, str(variables.get("inventory_hostname", "")))
        wrote = not self._task.check_mode
        try:
            done = None if self._is_for_a_module(variables) else self._run_here(variables, kept)
            done = self._run_module(variables) if done is None else done
            wrote = wrote and bool(self._task.async_val or done.get("changed") or done.get("failed"))
        finally:
            if wrote:
                kept.forget()
        return {**result, **done}

    def _is_for_a_module(self, variables: Mapping[str, Any]) -> bool:
        """Whether the task asks for anything that this process is not."""
        return bool(
            self._task.async_val
            or self._connection.transport != "local"
            or self._connection.become
            or not _is_this_python(self._interpreter(variables))
        )

    def _interpreter(self, variables: Mapping[str, Any]) -> str:
        """The Python that a module is told to run with; what Ansible would first look for is ``auto`` or empty."""
        if self._task.delegate_to:
            variables = (variables.get("ansible_delegated_vars") or {}).get(self._task.delegate_to) or variables
        value = self._templar.template(C.config.get_config_value("INTERPRETER_PYTHON", variables=dict(variables)))
        return value if isinstance(value, str) else ""

    def _run_module(self, variables: dict[str, Any]) -> dict[str, Any]:
        """As the task would run without this plugin."""
        wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
        result: dict[str, Any] = self._execute_module(
            module_name=self.module, module_args=self._task.args, task_vars=variables, wrap_async=wrap_async
        )
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _run_here(self, variables: Mapping[str, Any], kept: RunKept) -> dict[str, Any] | None:
        """The body's result; None where this Python lacks a library, which the module's may have."""
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        # In the run's own folder, which ansible-playbook removes even after this process was killed.
        directory = tempfile.mkdtemp(prefix="o11y-thanos-", dir=C.DEFAULT_LOCAL_TMP)
        try:
            with as_in_a_module(environment, self._loader.get_basedir()):
                return self._result(variables, directory, kept)
        except MissingLibrary:
            return None
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _result(self, variables: Mapping[str, Any], directory: str, kept: RunKept) -> dict[str, Any]:
        """What the body returns, or what its failure says; nothing in it is a secret. Raises MissingLibrary."""
        hidden: set[str] = set()
        try:
            raw = _plain(self._task.args)
            checked = ArgumentSpecValidator(self.body.argument_spec).validate(raw)
            hidden = secrets(checked._no_log_values, self.body, raw)
            register(credentials(self.body, raw))
            work = accept(self.body, raw)
            if checked.error_messages:
                raise Failure(without_values(checked.errors.msg, raw))
            told = _told_of(checked, deprecations(self.body, raw))
            tell = partial(_tell, str(variables.get("inventory_hostname", "")), hidden)
            kept.hide(hidden)
            mode = Mode(self._task.check_mode, bool(self._task.diff), directory, tell, kept, command)
            parameters = completed(self.body, checked.validated_parameters)
            refuse_torn({name: make(parameters) for name, make in self.body.whole.items()}, hidden)
            result = work(parameters, mode)
            result = _through_json({**result, "warnings": [*told, *result.get("warnings", ())]})
        except MissingLibrary:
            raise
        except Failure as error:
            result = {"failed": True, "msg": str(error), **error.result}
        # A body that ended the process would end the whole run, of all hosts.
        except (Exception, SystemExit) as error:
            result = {"failed": True, "msg": mistaken(self.module, error), "exception": traceback.format_exc()}
        return masked_result(result, hidden)


def _tell(host: str, hidden: Collection[str], text: str) -> None:
    """A line on the terminal, in the log and in the events of ansible-runner, at once."""
    Display().display(f"{host}: {masked(text, hidden)}")


def _told_of(checked: Any, deprecated: Sequence[Mapping[str, Any]]) -> list[str]:
    """Warnings about the parameters; what is ``deprecated`` is told, too. A module does the same."""
    for row in (*checked._deprecations, *deprecated):
        Display().deprecated(
            row["msg"],
            version=row.get("version"),
            date=row.get("date"),
            collection_name=row.get("collection_name"),
        )
    return [f"Both option {row['option']} and its alias {row['alias']} are set." for row in checked._warnings]


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as a module gets them: Ansible's own types of text, which PyYAML refuses, become plain ones."""
    native = transform_to_native_types(arguments, redact=False)
    found: dict[str, Any] = json.loads(
        json.dumps(native, cls=get_module_encoder("legacy", Direction.CONTROLLER_TO_MODULE))
    )
    return found


def _through_json(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result as a module's arrives. Ansible cannot hand on every type, and fails a task without a word for some."""
    found: dict[str, Any] = json.loads(
        json.dumps(result, cls=get_module_encoder("legacy", Direction.MODULE_TO_CONTROLLER))
    )
    return found


def _is_this_python(interpreter: str) -> bool:
    """Whether a module would run with this Python and its libraries, or with what Ansible would first look for.

    The folder counts: in a virtual environment the program is a link to one that has other libraries.
    """
    if interpreter in _DISCOVERED:
        return True
    ours, theirs = (
        [os.path.realpath(path), os.path.realpath(os.path.dirname(path))] for path in (sys.executable, interpreter)
    )
    return ours == theirs
