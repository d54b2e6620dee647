# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task whose parameters are refused shows none of them, whether this collection or Ansible itself refuses it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import ROLES
from tests.support.in_process import run_main
from tests.support.object_stores import SHORT
from tests.tasks.source import modules_with_a_body

CANARY = "CANARY-misplaced-0001"
STRANGE = {"no_such_key": CANARY}
# In the place of a mapping, or of a list of them.
WRONG = (STRANGE, [STRANGE], [CANARY], [[CANARY]], CANARY, f"x={CANARY}")
MODULES = [path.stem for path in modules_with_a_body()]
STORE = {"store": {"type": "S3", **SHORT["S3"]}}
# What each module needs so that nothing is wrong but what a test puts in.
NEEDS: dict[str, dict[str, Any]] = {
    "bucket": STORE,
    "bucket_access": STORE,
    "bucket_info": STORE,
    "objstore_secret": STORE,
    "pki": {"client_ca": True},
    "secret": {"name": "n", "items": [{"key": "a", "value": "something else"}]},
    "stack": {"cluster": "eu", "instances": {"query": {}}},
    "verify": {"cluster": "eu", "instances": {"query": {}}},
}
LEVELS = {("store", "pods"), *(("store", "access", role) for role in ROLES)}


def module_of(name: str) -> ModuleType:
    return importlib.import_module(f"ansible_collections.o11y.thanos.plugins.modules.{name}")


def specification(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The options of a module, as it tells them to AnsibleModule."""

    class Told(Exception):
        pass

    told: dict[str, Any] = {}

    def tell(_self: Any, argument_spec: Mapping[str, Any], **_rest: Any) -> None:
        told.update(argument_spec)
        raise Told

    with monkeypatch.context() as patch, patch_module_args({}):
        patch.setattr(basic.AnsibleModule, "__init__", tell)
        with pytest.raises(Told):
            module_of(name).main()
    return told


def refusal(name: str, parameters: dict[str, Any]) -> str:
    """What the module prints."""
    result = run_main(name, parameters)
    assert result.failed
    return result.text


def places(rows: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every option with options of its own and its type, also where Ansible is not told of them."""
    for name, row in rows.items():
        path = (*before, name)
        if "options" in row or path in LEVELS:
            yield path, row["type"]
            yield from places(row.get("options", {}), path)


def beneath(parameters: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """``parameters`` with a value at the end of a path."""
    name, *rest = path
    below = parameters.get(name)
    level = beneath(below if isinstance(below, dict) else {}, tuple(rest), value) if rest else value
    return {**parameters, name: level}


@pytest.mark.parametrize("name", MODULES)
def test_what_is_misplaced_beneath_an_option_is_not_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, kind in places(specification(name, monkeypatch)):
        for value in ([STRANGE] if kind == "list" else STRANGE, *WRONG):
            printed = refusal(name, beneath(NEEDS.get(name, {"cluster": "eu"}), path, value))
            assert CANARY not in printed, (path, value)


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("secret", {"items": [{"key": "a", "vaule": CANARY}]}, "items[0].vaule: there is no such key. Did you mean"),
        ("secret", {"items": {"ca.crt": CANARY}}, "items must be a list of mappings"),
        ("secret", {"items": [CANARY]}, "items[0] must be a mapping"),
        ("secret", {"items": [{"value": CANARY}]}, "items[0].key is required."),
        ("secret", {"items": [{"key": "a", "value": {"x": CANARY}}]}, "items[0].value: this is not a text."),
        (
            "objstore_secret",
            {"state": "absent", "store": {"type": "S3", "acess_key": CANARY}},
            "store.acess_key: there is no such key. Did you mean 'access_key'?",
        ),
        (
            "objstore_secret",
            {"state": "absent", "store": {"type": "S3", "pods": {"http_config": [CANARY]}}},
            "store.pods.http_config: this is not a mapping",
        ),
        (
            "objstore_secret",
            {
                "store": {
                    **STORE["store"],
                    "pods": {
                        "credentials_mode": "external",
                        "credentials_from": {"name": "s"},
                        "acess_key": CANARY,
                    },
                }
            },
            "store.pods.acess_key: there is no such key. Did you mean 'access_key'?",
        ),
        ("bucket", {"store": {**STORE["store"], "put_user_metadata": {"a": [CANARY]}}}, "put_user_metadata.a: this"),
        ("bucket", {"store": {**STORE["store"], "tags": {"team": None}, "bucket": None}}, "store.tags.team: a tag's"),
    ],
)
def test_mistake_beneath_an_option_is_told_without_a_value(
    name: str, parameters: dict[str, Any], sentence: str
) -> None:
    printed = refusal(name, {**NEEDS[name], **parameters})
    assert sentence in json.loads(printed)["msg"]
    assert CANARY not in printed


def test_what_ansible_itself_refuses_is_told_with_its_option() -> None:
    printed = refusal("secret", {**NEEDS["secret"], "validate_certs": "perhaps", "items": [CANARY]})
    assert CANARY not in printed
    printed = refusal("secret", {**NEEDS["secret"], "validate_certs": "perhaps"})
    assert "'validate_certs'" in json.loads(printed)["msg"]
    assert json.loads(printed)["invocation"] == {"module_args": {}}


def test_what_comes_from_beneath_an_option_is_taken_out_of_the_words_of_ansible() -> None:
    printed = refusal(
        "secret", {**NEEDS["secret"], "proxy_headers": {"basic_auth": [[CANARY]]}, "validate_certs": [CANARY]}
    )
    assert CANARY not in printed
    assert "'validate_certs' is of type" in json.loads(printed)["msg"]
