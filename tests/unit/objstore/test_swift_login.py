# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With what the Swift client in Thanos logs in. test_keystone.py shows that a real Keystone and Thanos agree."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import FILE, render
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.swift_login import (
    problems,
    version_of,
)
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import Placeholder
from tests.support.object_stores import SHORT

STORE = {key: value for key, value in SHORT["SWIFT"].items() if key != "domain_name"}


def config(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(render({"type": "SWIFT", **STORE, **changes}, "0.42.4").files[FILE])
    return dict(found["config"])


def test_domain_of_the_user_has_the_name_that_thanos_reads() -> None:
    assert config(user_domain_name="Users") == {**STORE, "user_domain_name": "Users", "domain_name": "Users"}
    assert config(user_domain_id="u1") == {**STORE, "user_domain_id": "u1", "domain_id": "u1"}
    assert config(domain_name="Users") == {**STORE, "domain_name": "Users"}
    assert config(user_domain_name="Users", domain_name="Others")["domain_name"] == "Users"


def test_domain_out_of_the_environment_has_it_too() -> None:
    assert config(user_domain_name=Placeholder("DOMAIN"))["domain_name"] == "$(DOMAIN)"


@pytest.mark.parametrize(
    ("values", "version"),
    [
        ({"auth_url": "https://k.example/v3"}, 3),
        ({"auth_url": "https://k.example/v2.0"}, 2),
        ({"auth_url": "https://k.example/auth/v1.0"}, 1),
        ({"auth_url": "https://k.example/auth/1.0"}, 0),
        ({"auth_url": "https://k.example/auth/1.0", "auth_version": 1}, 1),
        ({"auth_url": "https://k.example/v1", "auth_version": 3}, 3),
    ],
)
def test_version_is_found_as_thanos_finds_it(values: dict[str, Any], version: int) -> None:
    assert version_of(values) == version


@pytest.mark.parametrize(
    "values",
    [
        {"auth_url": "https://k.example/v3", "user_id": "u"},
        {"auth_url": "https://k.example/v3/", "username": "u", "domain_id": "default"},
        {"auth_url": "https://k.example/identity/v3", "application_credential_id": "a"},
        {"auth_url": "https://k.example/auth/v1.0", "username": "account:user"},
    ],
)
def test_login_that_works_is_not_a_mistake(values: dict[str, Any]) -> None:
    assert problems(values) == []
