# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible leaves unmasked: an action plugin's result, a module's warnings.

Done as Ansible does it for a module's result, and in the keys of mappings as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


def unharmed(result: dict[str, Any], hidden: Collection[str], whole: Collection[str]) -> dict[str, Any]:
    """The result, of which the parts named ``whole`` hold nothing hidden. Raises Failure: they would be of no use."""
    torn = [name for name in whole if name in result and masked(result[name], hidden) != result[name]]
    if torn:
        raise Failure(
            f"the result '{torn[0]}' holds the value of a secret option of this task, and Ansible would blank it, "
            "within names too. Make a secret that occurs in no name, or rename what is named like it.",
            {"changed": bool(result.get("changed"))},
        )
    return result


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
