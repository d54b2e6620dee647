# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options as data: one row per option, from which follow what Ansible validates and what we do before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Types of ours that are one of Ansible's with a closer look.
_ANSIBLE = {"count": "int"}
# Ansible warns of options that sound like a secret and do not say whether they are one.
_SOUNDS_SECRET = ("pass", "secret", "token", "key", "credential", "auth")


class Placeholder(str):
    """The name of an environment variable that the pods have, in the place of a value that is not known here."""


@dataclass(frozen=True)
class Option:
    """One option.

    ``type`` is one of Ansible's, or ``count``, a whole number that is not negative; ``raw`` is a text that may be typed
    as a number, true or false. ``form`` names a row of FORMS; of a list or a mapping each element or value must have
    it. ``elements`` is the type of a list's elements or of a mapping's values, or a row for each of them; without it a
    mapping's value that is null leaves the name out. ``keys`` is the form of a mapping's names.

    ``switch`` are the two of ``choices`` that true and false stand for, in whatever words Ansible takes for them.

    ``secret``: no sentence quotes the value, and Ansible blanks it wherever it occurs. An ``identifier`` is a part of a
    credential that is no secret by itself, such as the name of a key: blanked, it would tear holes into names.
    ``shorthand`` of a mapping: the one of its options that a value which is no mapping stands for. ``instead``: names
    in it that are offered nowhere → why, and what to do.

    ``former``: names that it had before → the release that takes none of them any more; until then each goes on.

    ``folded``: Ansible is not told its ``options``, which stand elsewhere in the same documentation; see levels.py.

    ``since``: the oldest Thanos that has it. ``strict``: no text is taken for a mapping, and no number for a list.
    ``blanks``: a text for a list keeps its empty entries. ``must`` and ``wording`` say in a sentence what a value of a
    wrong type should be.
    """

    type: str = "str"
    default: Any = None
    form: str = ""
    keys: str = ""
    choices: tuple[str, ...] = ()
    switch: tuple[str, str] | None = None
    elements: str | Option = ""
    options: Mapping[str, Option] | None = None
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    aliases: tuple[str, ...] = ()
    former: Mapping[str, str] = field(default_factory=dict)
    secret: bool = False
    identifier: bool = False
    since: str = ""
    strict: bool = False
    blanks: bool = False
    must: str = ""
    wording: str = ""
    shorthand: str = ""
    folded: bool = False
    instead: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def ansible_type(self) -> str:
        """The type that Ansible checks; what may be typed in two ways it leaves to us."""
        return "raw" if self.shorthand or self.switch else _ANSIBLE.get(self.type, self.type)

    @property
    def below(self) -> Mapping[str, Option] | None:
        """The options of the mapping, or of the mappings in the list; None where Ansible is not to look at them.

        It knows no mapping whose keys the user chooses, and would refuse each key.
        """
        if self.type == "dict" and self.elements:
            return None
        row = self.elements if isinstance(self.elements, Option) else self
        return None if row.shorthand or row.folded else row.options


Options = Mapping[str, Option]
# Of a task that says where its options were typed; see sourced.
SOURCES = Option("dict", form="text")


@dataclass(frozen=True)
class Reading:
    """How a table of rows is read.

    ``noun`` is what sentences call a name. ``instead``: a name that is offered nowhere → why, and what to do.
    ``complete``: defaults are filled in, and what is required is missed; else only what is set comes out, and an empty
    mapping is not set either.
    """

    noun: str = "option"
    instead: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    complete: bool = True

    def is_set(self, value: Any) -> bool:
        """Whether this is a value: False and 0 are."""
        return is_set(value) or (self.complete and isinstance(value, Mapping))


def is_set(value: Any) -> bool:
    """None, an empty text and an empty mapping mean "not set", to Thanos too; False and 0 are values."""
    return value is not None and value not in ("", {})


def argument_spec(options: Options) -> dict[str, Any]:
    """The rows as an ``argument_spec`` for AnsibleModule."""
    spec: dict[str, Any] = {}
    for name, option in options.items():
        row: dict[str, Any] = {"type": option.ansible_type}
        if option.default is not None:
            row["default"] = option.default
        if option.required:
            row["required"] = True
        if option.choices and not option.switch:
            row["choices"] = list(option.choices)
        if option.elements and option.type == "list":
            row["elements"] = option.elements.ansible_type if isinstance(option.elements, Option) else option.elements
        if option.below is not None:
            row["options"] = argument_spec(option.below)
        if option.aliases or option.former:
            row["aliases"] = [*option.aliases, *option.former]
        if option.former:
            # Ansible then warns whoever uses one.
            row["deprecated_aliases"] = [
                {"name": name, "version": release, "collection_name": "o11y.thanos"}
                for name, release in option.former.items()
            ]
        if option.secret and not option.identifier:
            row["no_log"] = True
        elif any(part in name for part in _SOUNDS_SECRET):
            row["no_log"] = False  # names a Secret or a key of one
        spec[name] = row
    return spec
