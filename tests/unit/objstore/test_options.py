# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping of a store: one typed mapping for bucket and pods, documented as it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.o11y.thanos.plugins.doc_fragments.objstore import ModuleDocFragment
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.feature_options import OPTIONS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import (
    argument_spec,
    for_bucket,
    for_pods,
    mistakes,
    read_ca,
    union,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import mistakes_in
from tests.unit.objstore.examples import SHORT, STORES

S3 = {"type": "S3", **SHORT["S3"]}


def found(**changes: Any) -> str:
    return "\n".join(mistakes({**S3, **changes}, "0.42.4"))


def test_documentation_is_that_of_the_options() -> None:
    def shape(options: dict[str, Any], below: str) -> dict[str, Any]:
        return {
            name: {
                **{k: v for k, v in row.items() if k in ("type", "elements", "choices", "default", "required")},
                **({"options": shape(row[below], below)} if below in row else {}),
            }
            for name, row in options.items()
        }

    documented = yaml.safe_load(ModuleDocFragment.STORE)["options"]["store"]
    assert shape(documented["suboptions"], "suboptions") == shape(argument_spec(), "options")


@pytest.mark.parametrize("name", STORES)
def test_store_without_mistakes_passes_both_validations(name: str) -> None:
    validated = ArgumentSpecValidator(argument_spec()).validate(STORES[name])
    assert validated.error_messages == []
    assert mistakes(STORES[name], "0.42.4") == []


def test_secrets_are_masked_on_both_sides() -> None:
    spec = argument_spec()
    secret = {name for name, key in union().items() if key.secret}
    assert {n for n, row in spec.items() if row.get("no_log")} == secret
    assert {n for n, row in spec["pods"]["options"].items() if row.get("no_log")} == secret


def test_keys_of_bucket_and_thanos_do_not_collide() -> None:
    assert not OPTIONS.keys() & union().keys()
    kinds = {name: {row.keys[name].type for row in PROVIDERS.values() if name in row.keys} for name in union()}
    assert {name for name, types in kinds.items() if len(types) > 1} == set()


def test_pods_default_to_what_makes_the_bucket() -> None:
    pods = {"access_key": "narrow", "secret_key": "y", "region": None}
    store = {**S3, "access_key": "admin", "secret_key": "x", "region": "eu", "pods": pods}
    assert for_bucket(store)["access_key"] == "admin"
    assert for_pods(store)["all"].keys == {**for_bucket(store), "access_key": "narrow", "secret_key": "y"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"acess_key": "a"}, "store.acess_key: there is no such key. Did you mean 'access_key'?"),
        ({"storage_account": "a"}, "store.storage_account: there is no such key."),
        ({"versionning": "enabled"}, "Did you mean 'versioning'?"),
        ({"versioning": "on"}, "store.versioning: 'on' is not one of enabled, disabled."),
        ({"profile": "thano"}, "Did you mean 'thanos'?"),
        ({"unmanaged": ["lifecycl"]}, "Did you mean 'lifecycle'?"),
        ({"unmanaged": ["tags"], "tags": {"a": "b"}}, "store.unmanaged: tags is set as well"),
        ({"unmanaged": "versioning,tags", "tags": {"a": "b"}}, "store.unmanaged: tags is set as well"),
        ({"unmanaged": True}, "store.unmanaged: True is not one of ownership, public_access"),
        ({"unmanaged": 5}, "store.unmanaged: 5 is not one of ownership, public_access"),
        ({"unmanaged": [["lifecycle"]]}, "store.unmanaged: ['lifecycle'] is not one of ownership, public_access"),
        ({"unmanaged": {"tags": True}}, "store.unmanaged: {'tags': True} is not one of ownership, public_access"),
        ({"allow": 5}, "store.allow: 5 is not one of expiry, archive, object_lock."),
        ({"allow": [["expiry"]]}, "store.allow: ['expiry'] is not one of expiry, archive, object_lock."),
        ({"versioning": ["enabled"]}, "store.versioning: ['enabled'] is not one of enabled, disabled."),
        ({"lifecycle": {"noncurrent_days": 0}}, "store.lifecycle.noncurrent_days: 0 is not a number of days"),
        ({"lifecycle": {"noncurrent_days": "²"}}, "store.lifecycle.noncurrent_days: '²' is not a number of days"),
        ({"soft_delete_days": "²"}, "store.soft_delete_days: '²' is not a number of days, 0 for off."),
        ({"lifecycle": {"days": 1}}, "store.lifecycle.days: there is no such key."),
        ({"lifecycle": "x"}, "store.lifecycle: this is not a mapping."),
        ({"encryption": {"type": "AES"}}, "store.encryption.type must be SSE-S3 or SSE-KMS."),
        ({"encryption": {"type": "SSE-S3", "kms_key_id": "k"}}, "kms_key_id has no effect"),
        ({"tags": {"a": []}}, "store.tags.a: a tag's value must be a text."),
        ({"pods": {"endpoint": "http://x"}}, "store.pods.endpoint: Thanos wants"),
        ({"pods": {"prefix": "x"}}, "store.pods.prefix: set it in store"),
        ({"pods": {"acess_key": "x"}}, "store.pods.acess_key: there is no such key"),
        ({"pods": "x"}, "store.pods must be a mapping."),
        ({"ca": "/nowhere/ca.crt"}, "ca: the file '/nowhere/ca.crt' cannot be read (No such file or directory)"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in found(**changes)


def test_one_mistake_is_said_once() -> None:
    assert found(endpoint="http://x", pods={"access_key": "a", "secret_key": "b"}).count("Thanos wants") == 1


def test_a_store_must_be_a_mapping() -> None:
    assert mistakes([], "0.42.4") == ["store must be a mapping with at least type and the bucket."]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({}, "store is required"),
        ({"store": S3, "timeout": 0}, "timeout: 0 is not a number of seconds"),
        ({"store": S3, "timeout": "²"}, "timeout: '²' is not a number of seconds"),
    ],
)
def test_mistakes_of_the_module(raw: dict[str, Any], sentence: str) -> None:
    assert sentence in "\n".join(mistakes_in(raw))


def test_authority_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    path.write_text("-----BEGIN CERTIFICATE-----")
    assert read_ca({"ca": str(path)})["ca"] == "-----BEGIN CERTIFICATE-----"
    assert read_ca({"ca": "-----BEGIN CERTIFICATE-----x"})["ca"].endswith("x")
