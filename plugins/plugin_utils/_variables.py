# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's variables as the filters read them: those that are ours, as plain data, with what a play and a task set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from ansible.errors import AnsibleTemplatePluginError, AnsibleTemplateSyntaxError
from jinja2 import Undefined, UndefinedError
from jinja2.runtime import Context

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import PREFIX

# What to do with the templates of Prometheus.
_AS_IT_IS = (
    "If it is one of Prometheus, such as {{ $labels.instance }}, write !unsafe before the text, or {% raw %} at its "
    "beginning and {% endraw %} at its end; or keep rules in files, and name these in rule_files."
)
T = TypeVar("T")


def first_line(error: Exception) -> str:
    """What a message begins with."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def told(work: Callable[[], T]) -> T:
    """What ``work`` returns, its mistakes as the error that Ansible shows in full."""
    try:
        return work()
    except InvalidInput as e:
        raise AnsibleTemplatePluginError(str(e)) from None


class Ours(Mapping[str, Any]):
    """The variables that start with ``thanos_``, each made plain data when it is asked for; keys ``without`` are not.

    A host's variables are without those of the play, the role and the task, which the context of the task's own host
    has. What nothing asks for is not looked at: it may refer to what is not defined here, or to a slow lookup.
    """

    def __init__(self, context: Context, variables: Mapping[str, Any], without: Collection[str] = ()) -> None:
        self._without = without
        self._variables = variables
        self._names = {str(name) for name in variables if str(name).startswith(PREFIX)}
        self._context = context
        self._found: dict[str, Any] = {}
        host = variables.get("inventory_hostname")
        own = host is not None and host == context.resolve("inventory_hostname")
        self._nearer = {str(name) for name in context.get_all() if str(name).startswith(PREFIX)} if own else set()

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            value = self._context.resolve(name) if name in self._nearer else self._variables[name]
            self._found[name] = _plain(value, self._without, name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names | self._nearer)

    def __len__(self) -> int:
        return len(self._names | self._nearer)


def _plain(value: Any, without: Collection[str], path: str) -> Any:
    """Without the types in which Ansible remembers where data comes from, and which templates as it is read."""
    if isinstance(value, Undefined):
        return str(value)  # raises, and names what is not defined
    if isinstance(value, Mapping):
        # There the names of secret keys stand for where they come from, and the values are names as well.
        deep = {key: () if key == "credentials_from" else without for key in value}
        return {
            str(key): _plain(_item(value, key, f"{path}.{key}"), deep[key], f"{path}.{key}")
            for key in value
            if key not in without
        }
    if isinstance(value, (list, tuple)):
        return [_plain(_item(value, i, f"{path}[{i}]"), without, f"{path}[{i}]") for i in range(len(value))]
    return str(value) if isinstance(value, str) else value


def _item(values: Any, key: Any, path: str) -> Any:
    """One value, of which Ansible makes its template as it is read; what is no such template is told with a way out."""
    try:
        return values[key]
    except UndefinedError as error:
        cause = error.__cause__
        if not isinstance(cause, AnsibleTemplateSyntaxError):
            raise
        what = f"{path}: Ansible takes this text for a template of its own ({first_line(cause)})"
        raise AnsibleTemplatePluginError(f"{what}. {_AS_IT_IS}", obj=cause.obj) from None
