# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options as data: one row per option, and one step that converts raw values and reports every mistake at once.

Ansible's own validation stops at the first mistake and knows no forms; ``convert`` is run by ``stack`` for each
instance, and by the tier modules before AnsibleModule, on the same rows that ``argument_spec`` turns into Ansible's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_int, check_type_list

from .._errors import nearest
from .forms import FORMS


@dataclass(frozen=True)
class Option:
    """One option. ``form`` names a row of FORMS; of a list or a mapping each element or value must have it.

    ``keys`` is the form of a mapping's names. ``raw`` is a text that may be typed as a number, true or false.
    """

    type: str = "str"
    default: Any = None
    form: str = ""
    keys: str = ""
    choices: tuple[str, ...] = ()
    elements: str = ""
    options: Mapping[str, Option] | None = None
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    aliases: tuple[str, ...] = ()


Options = Mapping[str, Option]


def argument_spec(options: Options) -> dict[str, Any]:
    """The rows as an ``argument_spec`` for AnsibleModule."""
    spec: dict[str, Any] = {}
    for name, option in options.items():
        row: dict[str, Any] = {"type": option.type}
        if option.default is not None:
            row["default"] = option.default
        if option.required:
            row["required"] = True
        if option.choices:
            row["choices"] = list(option.choices)
        if option.elements:
            row["elements"] = option.elements
        if option.options is not None:
            row["options"] = argument_spec(option.options)
        if option.aliases:
            row["aliases"] = list(option.aliases)
        if "secret" in name or name == "key":
            row["no_log"] = False  # names a Secret or a key of one; no tier takes a secret value
        spec[name] = row
    return spec


def convert(options: Options, values: Mapping[str, Any], where: str, problems: list[str]) -> dict[str, Any]:
    """Typed values for every row of ``options``, defaults filled in.

    ``where`` prefixes option names in sentences (``instances.store.``). Mistakes are appended to ``problems``; a row
    with a mistake gets its default, so that the other rows are still looked at. None and empty text mean "not set"; in
    a mapping of texts None leaves the name out.
    """
    names = {alias: name for name, option in options.items() for alias in (name, *option.aliases)}
    given: dict[str, Any] = {}
    for key, value in values.items():
        if key not in names:
            problems.append(f"{where}{key}: there is no such option.{nearest(str(key), names)}")
        elif value is not None and value != "":
            given[names[key]] = value
    result: dict[str, Any] = {}
    for name, option in options.items():
        found = len(problems)
        if name in given:
            result[name] = _value(option, given[name], f"{where}{name}", problems)
        elif option.required:
            problems.append(f"{where}{name} is required.")
        if name not in result or len(problems) > found:
            result[name] = _default(option, f"{where}{name}")
    return result


def _default(option: Option, where: str) -> Any:
    if option.type == "dict" and option.options is not None and option.default is not None:
        return convert(option.options, option.default, f"{where}.", [])
    if option.default is None and option.type == "list":
        return []
    if option.default is None and option.type == "dict" and option.options is None:
        return {}
    return option.default


def _text(value: Any) -> str:
    if isinstance(value, (bool, Mapping, list, tuple)):
        raise TypeError("not a text")
    return str(value)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else _text(value)


def separated(text: str) -> list[str]:
    """The entries of a list that surveys and the command line give as text, with commas or lines between them."""
    return [entry.strip() for entry in text.replace("\n", ",").split(",")]


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return list(filter(None, separated(value)))
    return list(check_type_list(value))


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("not a number")
    return int(check_type_int(value))


_TYPES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "str": (_text, "a text"),
    "int": (_whole, "a whole number"),
    "bool": (check_type_bool, "true or false"),
    "list": (_list, "a list"),
    "dict": (check_type_dict, "a mapping"),
    "path": (_text, "a path"),
    "raw": (_scalar, "a text"),
}


def _value(option: Option, value: Any, where: str, problems: list[str]) -> Any:
    change, wording = _TYPES[option.type]
    if value is None:
        problems.append(f"{where}: null is not {wording}; give it a value or leave it out.")
        return None
    try:
        value = change(value)
    except (TypeError, ValueError):
        # What should have been, or is, a mapping may hold anything, such as a variable with a secret.
        deep = option.type in ("dict", "list") or isinstance(value, (Mapping, list, tuple))
        problems.append(f"{where}: {'this' if deep else repr(value)} is not {wording}.")
        return None
    if option.type == "list":
        element = Option(option.elements or "raw", form=option.form, choices=option.choices, options=option.options)
        return [_value(element, item, f"{where}[{i}]", problems) for i, item in enumerate(value)]
    if option.type == "dict":
        return _mapping(option, value, where, problems)
    _judge(option, value, where, problems)
    return value


def _mapping(option: Option, value: Mapping[str, Any], where: str, problems: list[str]) -> dict[str, Any]:
    if option.options is not None:
        return convert(option.options, value, f"{where}.", problems)
    if not option.form:
        return dict(value)
    if option.keys:
        keys = FORMS[option.keys]
        problems.extend(f"{where}: '{k}' is not {keys.wording}." for k in value if not keys.accepts(str(k)))
    row = Option("raw", form=option.form)
    return {str(k): _value(row, v, f"{where}.{k}", problems) for k, v in value.items() if v is not None}


def _judge(option: Option, value: Any, where: str, problems: list[str]) -> None:
    if option.choices and value not in option.choices:
        problems.append(
            f"{where}: {value!r} is not one of {', '.join(option.choices)}.{nearest(str(value), option.choices)}"
        )
    if option.form and not FORMS[option.form].accepts(str(value)):
        problems.append(f"{where}: {value!r} is not {FORMS[option.form].wording}.")
    if option.minimum is not None and value < option.minimum:
        problems.append(f"{where}: {value} is too small; the least is {option.minimum}.")
    if option.maximum is not None and value > option.maximum:
        problems.append(f"{where}: {value} is too large; the most is {option.maximum}.")
