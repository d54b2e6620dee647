# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One step that converts raw values and finds every mistake at once.

Ansible's own validation stops at the first mistake and knows no forms; ``convert`` runs before it, on the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_int, check_type_list

from .._errors import nearest
from .._findings import Finding, mistake
from .forms import FORMS
from .rows import Option, Options, Placeholder, Reading
from .switches import is_false, is_true

OPTIONS = Reading()


def convert(
    options: Options, values: Mapping[str, Any], where: str, found: list[Finding], reading: Reading = OPTIONS
) -> dict[str, Any]:
    """Typed values for every row of ``options``, defaults filled in; see Reading for those that are not complete.

    ``where`` prefixes option names in findings (``instances.store.``). Mistakes are appended to ``found``; a row with a
    mistake gets its default, so that the other rows are still looked at. None and empty text mean "not set"; in a
    mapping of texts None leaves the name out.
    """
    names = {alias: name for name, option in options.items() for alias in (name, *option.aliases)}
    former = {old: name for name, option in options.items() for old in option.former}
    given: dict[str, Any] = {}
    # Former names last, so that one beside the name of today is seen.
    for key, value in sorted(values.items(), key=lambda item: item[0] in former):
        if key not in names and key not in former:
            found.append(unknown(key, names, where, reading))
        elif not reading.is_set(value):
            continue
        elif key in former and former[key] in given:
            what = f"is the former name of {former[key]}, which is set too"
            found.append(mistake("option-conflict", f"{where}{key}", what, "leave it out", joint=" "))
        else:
            given[names.get(key) or former[key]] = value
    result: dict[str, Any] = {}
    for name, option in options.items():
        if name not in given and not reading.complete:
            continue
        before, path = len(found), f"{where}{name}"
        value = None
        if name in given:
            value = _value(option, given[name], path, found, reading)
        elif option.required:
            found.append(mistake("option-required", path, "is required", joint=" "))
        sound = name in given and len(found) == before
        if reading.complete:
            result[name] = value if sound else _default(option, path)
        elif sound and reading.is_set(value):
            result[name] = value
    return result


def unknown(key: Any, names: Mapping[str, Any] | list[str], where: str, reading: Reading = OPTIONS) -> Finding:
    """The finding about a name that does not exist."""
    what = f"there is no such {reading.noun}"
    if key in reading.instead:
        why, advice = reading.instead[key]
        return mistake("option-unknown", f"{where}{key}", f"{what}; {why}", advice)
    return mistake("option-unknown", f"{where}{key}", what, nearest(str(key), names).strip())


def _default(option: Option, where: str) -> Any:
    if option.type == "dict" and option.options is not None and option.default is not None:
        return convert(option.options, option.default, f"{where}.", [])
    if option.default is None and option.type == "list":
        return []
    if option.default is None and option.type == "dict" and option.options is None:
        return {}
    return option.default


def _text(value: Any) -> str:
    if value is None or isinstance(value, (bool, Mapping, list, tuple)):
        raise TypeError("not a text")
    return value if isinstance(value, Placeholder) else str(value)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else _text(value)


def separated(text: str) -> list[str]:
    """The entries of a list that surveys and the command line give as text, with commas or lines between them."""
    return [entry.strip() for entry in text.replace("\n", ",").split(",")]


def entries(value: Any) -> list[Any]:
    """What a raw list of texts holds, whether it is typed as a list or as a text; any other value is its only entry."""
    if isinstance(value, str):
        return separated(value)
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("not a number")
    return int(check_type_int(value))


def _count(value: Any) -> int:
    number = _whole(value)
    if number < 0:
        raise ValueError("negative")
    return number


_TYPES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "str": (_text, "a text"),
    "int": (_whole, "a whole number"),
    "count": (_count, "a whole number"),
    "bool": (check_type_bool, "true or false"),
    "list": (check_type_list, "a list"),
    "dict": (check_type_dict, "a mapping"),
    "path": (_text, "a path"),
    "raw": (_scalar, "a text"),
}


def _typed(option: Option, value: Any) -> Any:
    """``value`` of the option's type. Raises TypeError or ValueError."""
    if option.type == "list":
        if isinstance(value, str) and (not isinstance(option.elements, Option) or option.elements.shorthand):
            return separated(value) if option.blanks else list(filter(None, separated(value)))
        if option.strict and not isinstance(value, (list, tuple)):
            raise TypeError("not a list")
    if option.type == "dict" and option.strict and not isinstance(value, Mapping):
        raise TypeError("not a mapping")
    return _TYPES[option.type][0](value)


def _value(option: Option, value: Any, where: str, found: list[Finding], reading: Reading) -> Any:
    if option.shorthand and not isinstance(value, Mapping):
        return _short(option, value, where, found, reading)
    try:
        value = _typed(option, _switched(option, value))
    except (TypeError, ValueError, ArithmeticError):
        found.append(_wrong_type(option, value, where))
        return None
    if option.type == "list":
        row = _row_of(option)
        return [_entry(row, item, f"{where}[{i}]", found, reading) for i, item in enumerate(value)]
    if option.type == "dict":
        return _mapping(option, value, where, found, reading)
    _judge(option, value, where, found)
    return FORMS[option.form].normal(value) if option.form else value


def _short(option: Option, value: Any, where: str, found: list[Finding], reading: Reading) -> dict[str, Any]:
    """The mapping that a single value stands for."""
    rows = dict(option.options or {})
    row = rows.pop(option.shorthand)
    return {
        **convert(rows, {}, f"{where}.", found, reading),
        option.shorthand: _value(row, value, where, found, reading),
    }


def _switched(option: Option, value: Any) -> Any:
    """The choice that a value stands for which Ansible takes for true or false; any other value as it is."""
    if option.switch is None:
        return value
    on, off = option.switch
    return on if is_true(value) else off if is_false(value) else value


def _wrong_type(option: Option, value: Any, where: str) -> Finding:
    if option.must:
        return mistake("option-type", where, f"must be {option.must}", joint=" ")
    # What should have been, or is, a mapping may hold anything, such as a variable with a secret.
    hidden = option.secret or option.type in ("dict", "list") or not isinstance(value, (str, int, float))
    shown = "this" if hidden else repr(value)
    if option.choices:
        return _no_choice(option, shown, where)
    what = f"{shown} is not {option.wording or _TYPES[option.type][1]}{_range(option)}"
    return mistake("option-type", where, what, "" if option.wording else _example(option))


def _no_choice(option: Option, shown: str, where: str, advice: str = "") -> Finding:
    only = f"write {option.choices[0]}, or leave it out" if len(option.choices) == 1 else ""
    return mistake("option-choice", where, f"{shown} is not one of {', '.join(option.choices)}", advice or only)


def _range(option: Option) -> str:
    """Which numbers an option takes, to follow on what it is."""
    if option.wording or option.type not in ("int", "count"):
        return ""
    least = 0 if option.type == "count" else option.minimum
    if option.maximum is not None:
        return f" from {least or 0} to {option.maximum}"
    return " such as 3" if least is None else f", {least} or more"


_MOST_NAMES = 8


def _example(option: Option) -> str:
    """How a list or a mapping is written, for who wrote something else."""
    if option.type == "list":
        each = option.elements
        mappings = each == "dict" or (isinstance(each, Option) and each.type == "dict" and not each.shorthand)
        return f"write it as a list, such as {'[{name: value}]' if mappings else '[one, two]'}"
    if option.type != "dict":
        return ""
    names = [*(option.options or ())]
    if not names or option.elements:
        return "write it as names and values, such as {name: value}"
    return f"write what it takes beneath it: {', '.join(names[:_MOST_NAMES])}{', …' if names[_MOST_NAMES:] else ''}"


def _row_of(option: Option) -> Option:
    """The row of a list's entries."""
    row = option.elements
    return row if isinstance(row, Option) else replace(option, type=row or "raw", elements="", must="", wording="")


def _entry(row: Option, value: Any, where: str, found: list[Finding], reading: Reading) -> Any:
    if value is None and not row.must:
        what = f"null is not {row.wording or _TYPES[row.type][1]}"
        found.append(mistake("option-null", where, what, "give it a value or leave it out"))
        return None
    return _value(row, value, where, found, reading)


def _mapping(
    option: Option, value: Mapping[str, Any], where: str, found: list[Finding], reading: Reading
) -> dict[str, Any]:
    if option.options is not None:
        below = replace(reading, instead={**reading.instead, **option.instead}) if option.instead else reading
        return convert(option.options, value, f"{where}.", found, below)
    if not option.form and not option.elements:
        return dict(value)
    if option.keys:
        keys = FORMS[option.keys]
        found.extend(
            mistake("option-form", where, f"'{k}' is not {keys.wording}") for k in value if not keys.accepts(str(k))
        )
    row = option.elements if isinstance(option.elements, Option) else Option(option.elements or "raw", form=option.form)
    given = {str(k): v for k, v in value.items() if v is not None or option.elements}
    return {k: _value(row, v, f"{where}.{k}", found, reading) for k, v in given.items()}


def _judge(option: Option, value: Any, where: str, found: list[Finding]) -> None:
    shown = "this" if option.secret else repr(value)
    if option.choices and value not in option.choices:
        found.append(_no_choice(option, shown, where, nearest(str(value), option.choices).strip()))
    if option.form and not FORMS[option.form].accepts(str(value)):
        form = FORMS[option.form]
        what, advice = form.sentence or (f"{shown} is not {form.wording}", "")
        found.append(mistake("option-form", where, what, advice))
    if option.minimum is not None and value < option.minimum:
        found.append(mistake("option-range", where, f"{value} is too small", f"the least is {option.minimum}"))
    if option.maximum is not None and value > option.maximum:
        found.append(mistake("option-range", where, f"{value} is too large", f"the most is {option.maximum}"))
