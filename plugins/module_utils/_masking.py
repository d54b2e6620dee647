# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible leaves unmasked: an action plugin's result, a module's warnings, from version 2.22 on any result.

Done as Ansible does it for a module's result, and in the keys of mappings as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ._errors import Failure

# As a module's result has it: for a whole value, and for a part of one.
_WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_PART = "********"


def masked(value: Any, hidden: Collection[str]) -> Any:
    """``value``, of the types that JSON has, with nothing in it that is in ``hidden``."""
    return _masked(value, sorted(filter(None, hidden), key=len, reverse=True)) if hidden else value


def masked_result(result: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """A task's result, of which Ansible itself reads some keys, so that these stay."""
    return {name: value if name in ("failed", "changed") else masked(value, hidden) for name, value in result.items()}


def refuse_torn(parts: Mapping[str, Any], hidden: Collection[str]) -> None:
    """Raises Failure where a part of a result, by its name, holds something hidden: masked it would be of no use."""
    for name, part in parts.items():
        if masked(part, hidden) != part:
            raise Failure(
                f"the result '{name}' would hold the value of a secret option of this task, and Ansible would blank "
                "it, within names too. This task changed nothing. Make a secret that occurs in no name, or rename what "
                "is named like it."
            )


def register(secrets: Iterable[str]) -> None:
    """Have Ansible blank these wherever the run shows them, from version 2.22 on; older ones have no such register.

    It knows no least length: a word that is registered goes out of every name that it is a part of.
    """
    try:
        from ansible.module_utils.secrets import register_secrets
    except ImportError:
        return
    register_secrets(secrets)


def _masked(value: Any, hidden: Collection[str]) -> Any:
    if isinstance(value, Mapping):
        return {_masked(name, hidden): _masked(below, hidden) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(below, hidden) for below in value]
    text = str(value)
    if text in hidden:
        return _WHOLE
    if not isinstance(value, str):
        return _WHOLE if any(secret in text for secret in hidden) else value
    for secret in hidden:
        text = text.replace(secret, _PART)
    return text
