# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With the option ``sources``, what is wrong with an object store or a certificate is named as the user typed it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.sources import sources
from tests.support.in_process import run_main

STORE = {"type": "S3", "regoin": "eu", "access": {"reader": {"grant": []}}, "lifecycle": [{"id": 5}], "tags": {"a": []}}
SHORT = {"thanos_objstore": STORE}
NAMED = {"thanos_objstores": {"default": STORE, "archive": STORE}}


@pytest.mark.parametrize("module", ["bucket", "objstore_secret"])
@pytest.mark.parametrize(
    ("variables", "store", "typed"),
    [
        (SHORT, "default", "thanos_objstore."),
        (NAMED, "default", "thanos_objstores.default."),
        (NAMED, "archive", "thanos_objstores.archive."),
    ],
)
def test_mistakes_of_a_store_name_the_variable(module: str, variables: dict[str, Any], store: str, typed: str) -> None:
    failed = run_main(module, {"store": STORE, "sources": sources(variables, store)}).values
    plain = run_main(module, {"store": STORE}).values
    assert "store.regoin: there is no such key" in plain["msg"]
    assert failed["msg"] == plain["msg"].replace("store.", typed)
    assert [each["where"] for each in failed["findings"]] == [
        each["where"].replace("store.", typed) for each in plain["findings"]
    ]


def test_names_of_a_secret_are_those_of_the_stack_and_of_the_store() -> None:
    typed = sources({"thanos_objstores": {"E_U": STORE}}, "E_U")
    failed = run_main("objstore_secret", {"name": "E_U", "stack": "2nd", "store": STORE, "sources": typed}).values
    assert "- thanos_objstores.E_U: 'E_U' is not at most 63 lower-case letters" in failed["msg"]
    assert "- thanos_stack: '2nd' is not at most 63 lower-case letters" in failed["msg"]


def test_store_that_is_not_there_is_named_by_its_variable() -> None:
    failed = run_main("bucket", {"store": None, "sources": {"store": "thanos_objstore"}}).values
    assert "- thanos_objstore is required" in failed["msg"]


def test_mistakes_of_certificates_name_the_variable() -> None:
    wrong = {"server": {"names": ["a b"], "lifetime": "x"}, "rotate": {"server_ca": "now"}, "settle": "y"}
    failed = run_main("pki", {**wrong, "sources": sources({})}).values
    assert sorted(each["where"] for each in failed["findings"]) == [
        "thanos_pki.server.lifetime",
        "thanos_pki.server.names",
        "thanos_pki.settle",
        "thanos_pki_rotate.server_ca",
    ]
