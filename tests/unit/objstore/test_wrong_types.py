# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value of whatever type at whatever place of a store is a sentence where Ansible would refuse it, never an error."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import argument_spec, mistakes
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.wishes import mistakes_in_wishes
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import is_set
from tests.support.object_stores import SHORT

VERSION = "0.42.4"
SPEC = argument_spec()
VALUES: tuple[Any, ...] = ([], {}, 0, 1.5, True, "", "x", None, [None], {"x": []}, {"x": None})
Path = tuple[str, ...]


def paths(rows: Mapping[str, Any], kind: str, before: Path = ()) -> Iterator[Path]:
    """Every option of a store of this type, however deep."""
    others = {name for provider in PROVIDERS.values() for name in provider.keys} - PROVIDERS[kind].keys.keys()
    for name, row in rows.items():
        # What writer and compactor take is what the reader takes.
        if name in others or name in ("writer", "compactor"):
            continue
        yield (*before, name)
        yield from paths(row.get("options", {}), kind, (*before, name))


def with_value(store: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(dict(store))
    level = result
    for name in path[:-1]:
        level = level.setdefault(name, {})
    level[path[-1]] = value
    return result


def refused_by_ansible(store: Mapping[str, Any]) -> bool:
    return bool(ArgumentSpecValidator(SPEC).validate(copy.deepcopy(dict(store))).error_messages)


CASES: list[tuple[str, dict[str, Any]]] = [
    *((kind, {}) for kind in PROVIDERS),
    ("S3", {"credentials_mode": "env", "credentials_from": {"name": "n", "keys": {"access_key": "k"}}}),
    ("SWIFT", {"manage": False}),
]


@pytest.mark.parametrize(("kind", "extra"), CASES, ids=lambda part: part if isinstance(part, str) else "".join(part))
def test_wrong_type_is_a_sentence(kind: str, extra: Mapping[str, Any]) -> None:
    whole = {"type": kind, **SHORT[kind], **extra}
    silent = []
    for path in paths(SPEC, kind):
        for value in VALUES:
            store = with_value(whole, path, value)
            found = [*mistakes(store, VERSION), *mistakes_in_wishes(store), *mistakes(store, VERSION, whole=False)]
            assert all(isinstance(finding, Finding) and str(finding) for finding in found)
            # What means "not set" is told of by Ansible where it does not, with the option's name.
            if not found and is_set(value) and refused_by_ansible(store):
                silent.append((path, value))
    assert silent == []
