# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw values of one provider's keys → typed ones, with a sentence for everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_int

from .._errors import nearest
from .keys import NOT_OFFERED, Key

_DURATION = re.compile(r"(?!$)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?")
_GO_DURATION = re.compile(r"(?!$)(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+ms)?")


class Placeholder(str):
    """The name of an environment variable that the pods have, in the place of a value that is not known here."""


def unknown(name: str, known: Collection[str]) -> str:
    """The sentence about a key that does not exist."""
    return (
        f"there is no such key; {NOT_OFFERED[name]}"
        if name in NOT_OFFERED
        else (f"there is no such key.{nearest(name, known)}")
    )


def _text(value: Any) -> str:
    if value is None or isinstance(value, (bool, Mapping, list, tuple)):
        raise TypeError("not a text")
    return value if isinstance(value, Placeholder) else str(value)


def _number(value: Any) -> int:
    number = int(check_type_int(value))
    if isinstance(value, bool) or number < 0:
        raise TypeError("not a number")
    return number


def _form(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def accept(value: Any) -> str:
        text = _text(value)
        if text != "0" and not pattern.fullmatch(text):
            raise ValueError("not a duration")
        return "0s" if text == "0" else text

    return accept


TYPES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "str": (_text, "a text"),
    "int": (_number, "a whole number, 0 or more"),
    "bool": (check_type_bool, "true or false"),
    "duration": (_form(_DURATION), "a duration such as 30s or 1m30s"),
    "go_duration": (_form(_GO_DURATION), "a duration such as 30s or 1m30s (without days)"),
    "map": (check_type_dict, "a mapping"),
}


def is_set(value: Any) -> bool:
    """None, an empty text and an empty mapping mean "not set", to Thanos too; False and 0 are values."""
    return value is not None and value not in ("", {})


def typed(keys: Mapping[str, Key], raw: Mapping[str, Any], where: str, problems: list[str]) -> dict[str, Any]:
    """The keys of ``raw`` that are set, in the order of ``keys``. ``where`` is put before names in sentences."""
    problems += [f"{where}{name}: {unknown(str(name), keys)}" for name in raw if name not in keys]
    result: dict[str, Any] = {}
    for name, key in keys.items():
        if not is_set(raw.get(name)):
            continue
        before = len(problems)
        value = _value(key, raw[name], f"{where}{name}", problems)
        if len(problems) == before and is_set(value):
            result[name] = value
    return result


def converted(kind: str, value: Any, where: str, problems: list[str], secret: bool = False) -> Any:
    """``value`` as one of TYPES; None, and a sentence in ``problems``, where it is none."""
    convert, wording = TYPES[kind]
    try:
        result = convert(value)
    except (TypeError, ValueError, ArithmeticError):
        shown = repr(value) if isinstance(value, (str, int, float)) and not secret and kind != "map" else "this"
        problems.append(f"{where}: {shown} is not {wording}.")
        return None
    if kind == "map":
        return {str(k): converted("str", text, f"{where}.{k}", problems) for k, text in result.items()}
    return result


def _value(key: Key, value: Any, where: str, problems: list[str]) -> Any:
    if key.keys is not None:
        if not isinstance(value, Mapping):
            problems.append(f"{where}: this is not a mapping.")
            return None
        return typed(key.keys, value, f"{where}.", problems)
    result = converted(key.type, value, where, problems, key.secret)
    if key.choices and result is not None and result not in key.choices:
        problems.append(f"{where}: {result!r} is not one of {', '.join(key.choices)}.{nearest(result, key.choices)}")
    return result
