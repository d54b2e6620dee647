# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of a store that Ansible does not look into hold secrets all the same, and their values have types."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import ROLES
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS, credential_keys
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import rows
from ansible_collections.o11y.thanos.plugins.module_utils._options.levels import secrets_below, typed_below
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import Option
from tests.support.canary import SHORTEST, leaks
from tests.support.in_process import run_main
from tests.support.object_stores import STORES

ROWS = {"store": Option("dict", options=rows())}
# Nothing is asked of a bucket, and no cluster is reached: what is left is what the task shows of its parameters.
MODULES: dict[str, dict[str, Any]] = {"bucket": {}, "objstore_secret": {"kubeconfig": "/nowhere"}}


def is_secret(kind: str, name: str) -> bool:
    row = PROVIDERS[kind].keys[name]
    return row.secret and not row.identifier


def canaries(name: str) -> dict[str, dict[str, Any]]:
    """Each level, with the credential of a store; where that may be any text it is the level's own."""
    store = STORES[name]
    credential = {key: store[key] for key in credential_keys(store["type"]) if key in store}

    def own(level: str, key: str, value: Any) -> Any:
        any_text = is_secret(store["type"], key) and len(value) < SHORTEST
        return f"canary-of-{level}-{key}" if any_text else value

    return {
        level: {key: own(level, key, value) for key, value in credential.items()} for level in ("upper", "pods", *ROLES)
    }


# The others of Swift hold several logins at once.
LOGINS = [name for name, store in STORES.items() if store["type"] != "SWIFT" or name == "SWIFT short"]
CASES = [name for name in LOGINS if any(is_secret(STORES[name]["type"], key) for key in canaries(name)["pods"])]


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("case", CASES)
def test_secret_of_no_level_is_shown(case: str, name: str) -> None:
    kind, levels = STORES[case]["type"], canaries(case)
    below = {"pods": levels["pods"], "access": {role: levels[role] for role in ROLES}}
    store = {**STORES[case], **levels["upper"], "manage": False, **below}
    secret = {f"{at} {key}": v for at, level in levels.items() for key, v in level.items() if is_secret(kind, key)}
    assert secrets_below(ROWS, {"store": store}) == {v for at, v in secret.items() if not at.startswith("upper ")}
    result = run_main(name, {**MODULES[name], "store": store})
    assert result["invocation"]["module_args"]["store"]["type"] == kind
    assert leaks(result.text, secret) == []


@pytest.mark.parametrize(
    ("level", "hidden"),
    [
        ({"acess_key": "a", "secret_key": "b", "region": "eu"}, {"a", "b"}),
        ({"access_key": "an-id", "insecure": True, "put_user_metadata": {"team": "a"}}, set()),
        ({"region": ["a", {"b": "c"}], "http_config": "d", "credentials_from": {"nmae": "e", "name": "f"}}, {*"acde"}),
        (["a", {"b": "c"}], {"a", "c"}),
        ("a=b", {"a=b"}),
        (None, set()),
    ],
)
def test_what_stands_where_it_does_not_belong_is_taken_for_a_secret(level: Any, hidden: set[str]) -> None:
    assert secrets_below(ROWS, {"store": {"type": "S3", "pods": level}}) == hidden
    assert secrets_below(ROWS, {"store": {"type": "S3", "access": {"reader": level}}}) == hidden


def test_values_of_a_level_have_the_types_of_the_upper_one() -> None:
    level = {"insecure": "yes", "part_size": "1024", "region": "", "http_config": {"max_conns_per_host": "5"}}
    typed = {"insecure": True, "part_size": 1024, "region": "", "http_config": {"max_conns_per_host": 5}}
    store = {"type": "S3", "insecure": False, "pods": level, "access": {"reader": {**level, "grant_to": "a, b"}}}
    assert typed_below(ROWS, {"store": store})["store"] == {
        **store,
        "pods": typed,
        "access": {"reader": {**typed, "grant_to": ["a", "b"]}},
    }
