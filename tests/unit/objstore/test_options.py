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
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import ROLES
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.feature_options import OPTIONS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import desired
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import render
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import (
    argument_spec,
    for_bucket,
    for_pods,
    mistakes,
    read_ca,
    union,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import mistakes_in
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.wishes import mistakes_in_wishes
from ansible_collections.o11y.thanos.plugins.module_utils._parameters import completed
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.objstore_secret_task import OBJSTORE_SECRET
from tests.support.findings import sentences
from tests.support.object_stores import SHORT, STORES

S3 = {"type": "S3", **SHORT["S3"]}


def found(**changes: Any) -> str:
    store = {**S3, **changes}
    return "\n".join(sentences([*mistakes(store, "0.42.4"), *mistakes_in_wishes(store)]))


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


def test_what_is_secret_is_masked() -> None:
    spec = argument_spec()
    secret = {name for name, key in union().items() if key.secret and not key.identifier}
    assert not secret & {"access_key", "access_key_id", "secret_id", "username"}
    assert {n for n, row in spec.items() if row.get("no_log")} == secret


def test_levels_that_repeat_the_upper_one_are_not_written_out_again() -> None:
    spec = argument_spec()
    assert spec["pods"] == {"type": "dict"}
    assert spec["access"]["options"] == {role: {"type": "dict"} for role in ROLES}


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
        (
            {"timeout": 5},
            "store.timeout: there is no such key; it is an option of the module bucket, beside store; leave it out",
        ),
        ({"http_config": {"timeout": "5s"}}, "store.http_config.timeout: there is no such key."),
        ({"versionning": "enabled"}, "Did you mean 'versioning'?"),
        ({"versioning": "perhaps"}, "store.versioning: 'perhaps' is not one of enabled, disabled."),
        ({"profile": "thano"}, "Did you mean 'thanos'?"),
        ({"unmanaged": ["lifecycl"]}, "Did you mean 'lifecycle'?"),
        ({"unmanaged": ["tags"], "tags": {"a": "b"}}, "store.unmanaged: tags is set as well"),
        ({"unmanaged": "versioning,tags", "tags": {"a": "b"}}, "store.unmanaged: tags is set as well"),
        ({"public_access": True}, "store.public_access: True is not one of blocked; write blocked, or leave it out"),
        ({"unmanaged": True}, "store.unmanaged[0]: 'True' is not one of ownership, public_access"),
        ({"unmanaged": 5}, "store.unmanaged[0]: '5' is not one of ownership, public_access"),
        ({"unmanaged": [["lifecycle"]]}, "store.unmanaged[0]: this is not one of ownership, public_access"),
        ({"unmanaged": {"tags": True}}, "store.unmanaged: this is not one of ownership, public_access"),
        ({"allow": 5}, "store.allow[0]: '5' is not one of expiry, archive, object_lock."),
        ({"allow": [["expiry"]]}, "store.allow[0]: this is not one of expiry, archive, object_lock."),
        ({"versioning": ["enabled"]}, "store.versioning: this is not one of enabled, disabled."),
        ({"lifecycle": {"noncurrent_days": 0}}, "store.lifecycle.noncurrent_days: 0 is not a number of days"),
        ({"lifecycle": {"noncurrent_days": "²"}}, "store.lifecycle.noncurrent_days: '²' is not a whole number"),
        ({"soft_delete_days": "²"}, "store.soft_delete_days: '²' is not a whole number, 0 or more."),
        ({"lifecycle": {"days": 1}}, "store.lifecycle.days: there is no such key."),
        ({"lifecycle": "x"}, "store.lifecycle: this is not a mapping"),
        ({"encryption": {"type": "AES"}}, "store.encryption.type: 'AES' is not one of SSE-S3, SSE-KMS."),
        ({"encryption": {"kms_key_id": "k"}}, "store.encryption.type must be SSE-S3 or SSE-KMS."),
        ({"encryption": {"type": "SSE-S3", "kms_key_id": "k"}}, "kms_key_id has no effect"),
        ({"tags": {"a": []}}, "store.tags.a: a tag's value must be a text."),
        ({"tags": {"a": None}}, "store.tags.a: a tag's value must be a text."),
        ({"put_user_metadata": {"a": None}}, "store.put_user_metadata.a: this is not a text."),
        ({"encryption": {"type": "SSE-KMS", "kms_key_id": ["k"]}}, "store.encryption.kms_key_id: this is not a text."),
        (
            {"tls_only": True, "insecure": True},
            "store.tls_only is true, and so is insecure: the bucket would refuse all",
        ),
        (
            {"tls_only": "yes", "pods": {"insecure": True}},
            "store.tls_only is true, and so is pods.insecure: the bucket",
        ),
        ({"tls_only": True, "access": {"writer": {"insecure": True}}}, "and so is access.writer.insecure: the bucket"),
        ({"tls_only": "perhaps"}, "store.tls_only: 'perhaps' is not true or false."),
        ({"type": []}, "store.type must be one of S3, GCS"),
        ({"type": {}}, "store.type must be one of S3, GCS"),
        ({"ca": ["x"]}, "store.ca: this is not a text."),
        ({"bucket": {}}, "store.bucket is required for S3."),
        ({"pods": []}, "store.pods must be a mapping."),
        ({"pods": {"acess_key": None}}, "store.pods.acess_key: there is no such key. Did you mean 'access_key'?"),
        ({"pods": {"grant_to": ["x"]}}, "store.pods.grant_to: there is no such key."),
        ({"pods": {"endpoint": "http://x"}}, "store.pods.endpoint: Thanos wants"),
        ({"pods": {"prefix": "x"}}, "store.pods.prefix: set it in store"),
        ({"pods": {"acess_key": "x"}}, "store.pods.acess_key: there is no such key"),
        ({"pods": "x"}, "store.pods must be a mapping."),
        ({"ca": "/nowhere/ca.crt"}, "ca: the file '/nowhere/ca.crt' cannot be read (No such file or directory)"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in found(**changes)


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        *((word, "enabled") for word in (True, "true", "yes", "Yes", "on", "y", "t", "1", 1, "enabled")),
        *((word, "disabled") for word in (False, "False", "no", "OFF", "n", "f", "0", 0, "disabled")),
    ],
)
def test_versions_may_be_wished_for_in_all_words_that_ansible_takes(typed: Any, wish: str) -> None:
    store = {**S3, "versioning": typed}
    assert ArgumentSpecValidator(argument_spec()).validate(store).error_messages == []
    assert mistakes(store, "0.42") == []
    assert [w.value for w in desired(store, {}).wishes] == [wish]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"encryption": {"type": "SSE-KMS"}}, "encryption.kms_key_id is required for GCS with type SSE-KMS"),
        ({"encryption": {"type": "SSE-S3", "bucket_key": True}}, "encryption.bucket_key has no effect for GCS"),
        ({"soft_delete_days": 6}, "soft_delete_days: Google takes 7 to 90 days, or 0 for off; not 6."),
        ({"soft_delete_days": "91"}, "soft_delete_days: Google takes 7 to 90 days"),
    ],
)
def test_what_google_never_does_is_not_wished_for(wish: dict[str, Any], sentence: str) -> None:
    assert sentence in "\n".join(sentences(mistakes_in_wishes({"type": "GCS", **SHORT["GCS"], **wish})))
    assert mistakes_in_wishes({**S3, **wish}) == []


AWS = {**S3, "endpoint": "s3.eu-central-1.amazonaws.com"}
GCS, AZURE, SWIFT = ({"type": kind, **SHORT[kind]} for kind in ("GCS", "AZURE", "SWIFT"))
MANY = {f"t{i}": "x" for i in range(51)}


@pytest.mark.parametrize(
    ("store", "tags", "starts"),
    [
        (S3, {"": "x"}, ["store.tags.: an empty name is none."]),
        (AWS, {"a": "x" * 257}, ["store.tags.a: the value has 257 characters, and Amazon takes 256; shorten it."]),
        (
            AWS,
            {"k" * 129: "x"},
            [f"store.tags.{'k' * 129}: the name has 129 characters, and Amazon takes 128"],
        ),
        (AWS, {"aws:team": "x"}, ["store.tags.aws:team: names that begin with aws: are Amazon's own; choose another"]),
        (AWS, {"AWS:team": "x"}, ["store.tags.AWS:team: names that begin with aws:"]),
        ({**S3, "endpoint": "s3.eusc-de-east-1.amazonaws.eu"}, {"aws:a": "x"}, ["store.tags.aws:a: names that begin"]),
        ({**S3, "endpoint": "S3.eu-west-1.amazonaws.com:443"}, {"aws:a": "x"}, ["store.tags.aws:a: names that begin"]),
        (AWS, MANY, ["store.tags: these are 51, and Amazon takes 50 for a bucket; leave some of them out."]),
        (AWS, {"a": "x" * 257, "aws:b": None}, ["store.tags.aws:b: a tag's value must be", "store.tags.a: the value"]),
        (GCS, {"Team": "x"}, ["store.tags.Team: a label has lower-case letters, digits, '-' and '_' only, at most 63"]),
        (GCS, {"k" * 64: "x"}, [f"store.tags.{'k' * 64}: a label has"]),
        (GCS, {"1": "x"}, ["store.tags.1: a label has"]),
        (GCS, {"a": "Team A"}, ["store.tags.a: 'Team A' is no value of a label, which has lower-case letters, digits"]),
        (GCS, {"a": "x" * 64}, [f"store.tags.a: '{'x' * 64}' is no value of a label"]),
        (GCS, {f"t{i}": "" for i in range(65)}, ["store.tags: these are 65, and Google takes 64 for a bucket"]),
        (AZURE, {"a": "x" * 8192}, ["store.tags: names and values have 8193 bytes together, and Azure takes 8192"]),
        (AZURE, {"": "x"}, ["store.tags.: metadata has lower-case letters"]),
        (
            AZURE,
            {"a": "b\nc"},
            ["store.tags.a: a value is sent as a header, so it has no line break and begins with no"],
        ),
        (AZURE, {"a": "\u65e5\u672c"}, ["store.tags.a: a value is sent as a header, which has no such letters"]),
        (SWIFT, {"a_b": "x"}, ["store.tags.a_b: Swift keeps lower-case letters"]),
        (SWIFT, {"a": " b"}, ["store.tags.a: a value is sent as a header, so it has no line break and begins with no"]),
    ],
)
def test_tags_that_a_provider_never_takes_are_named(
    store: dict[str, Any], tags: dict[str, Any], starts: list[str]
) -> None:
    told = sentences(mistakes_in_wishes({**store, "tags": tags}))
    assert len(told) == len(starts)
    assert all(sentence.startswith(start) for sentence, start in zip(told, starts, strict=True))


@pytest.mark.parametrize(
    ("store", "tags"),
    [
        # Whether a server of somebody's own has Amazon's limits, that server alone knows.
        (S3, {"aws:k": "x" * 257, "k" * 129: "x", **MANY}),
        (AWS, {"k" * 128: "x" * 256, "Team: A/B": "", "n": 5, "on": True, **{f"t{i}": "ä" for i in range(46)}}),
        (GCS, {"équipe": "schlüssel_1-a", "k" * 63: "x" * 63, "on": True, "n": 5, "empty": ""}),
        (AZURE, {"a": "x" * 8191}),
        (AZURE, {"a": "", "b": "b c"}),
        (SWIFT, {"a": "x" * 999, "b": "\u65e5\u672c", **MANY}),
        # Tags of a whole group of hosts, one of which leaves its bucket alone: nobody writes them there.
        ({**AWS, "manage": False}, {"aws:a": "x"}),
        ({**GCS, "manage": "no"}, {"Team": "x"}),
    ],
)
def test_tags_that_a_provider_may_take_are_left_to_it(store: dict[str, Any], tags: dict[str, Any]) -> None:
    assert mistakes_in_wishes({**store, "tags": tags}) == []


@pytest.mark.parametrize("days", [0, 7, "90", "", None])
def test_days_that_google_takes(days: Any) -> None:
    assert mistakes_in_wishes({"type": "GCS", **SHORT["GCS"], "soft_delete_days": days}) == []


@pytest.mark.parametrize(
    ("upper", "sentence"),
    [
        ({"type": "GCS", **SHORT["GCS"], "service_account": "/key.json"}, "store.service_account must be the text"),
        ({"type": "AZURE", **SHORT["AZURE"], "client_secret": "s"}, "store.az_tenant_id, client_id missing"),
        ({**S3, "access_key": "a"}, "store.secret_key is missing"),
        ({"type": "SWIFT", **SHORT["SWIFT"], "username": ""}, "store.password needs username or user_id."),
    ],
)
def test_upper_level_that_leads_to_a_bucket_is_right_when_it_is_left_alone(
    upper: dict[str, Any], sentence: str
) -> None:
    """The pods have another credential; ``probe`` uses that of the upper level."""
    elsewhere = {"credentials_mode": "external", "credentials_from": {"name": "theirs"}}
    store = {**upper, "manage": False, **elsewhere}
    assert any(found.startswith(sentence) for found in sentences(mistakes(store, "0.42.4")))


@pytest.mark.parametrize("missing", ["endpoint", "bucket"])
def test_upper_level_need_not_lead_to_a_bucket_that_is_left_alone(missing: str) -> None:
    upper = {k: v for k, v in S3.items() if k != missing}
    elsewhere = {"credentials_mode": "external", "credentials_from": {"name": "theirs"}}
    assert mistakes({**upper, "access_key": "a", "manage": False, **elsewhere}, "0.42.4") == []


def test_of_a_store_whose_secrets_go_only_names_and_types_matter() -> None:
    assert mistakes({"type": "S3", "endpoint": "http://x", "access_key": "a"}, "0.42.4", whole=False) == []
    found = mistakes(
        {"type": "S3", "buckt": "x", "max_retries": "many", "pods": {"regoin": "y"}}, "0.42.4", whole=False
    )
    assert sentences(found) == [
        "store.buckt: there is no such key. Did you mean 'bucket'?",
        "store.max_retries: 'many' is not a whole number, 0 or more.",
        "store.pods.regoin: there is no such key. Did you mean 'region'?",
    ]


def test_one_mistake_is_said_once() -> None:
    assert found(endpoint="http://x", pods={"access_key": "a", "secret_key": "b"}).count("Thanos wants") == 1


def test_a_store_must_be_a_mapping() -> None:
    assert sentences(mistakes([], "0.42.4")) == ["store must be a mapping with at least type and the bucket."]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({}, "store is required"),
        ({"store": S3, "timeout": 0}, "timeout: 0 is not a number of seconds"),
        ({"store": S3, "timeout": "²"}, "timeout: '²' is not a number of seconds"),
    ],
)
def test_mistakes_of_the_module(raw: dict[str, Any], sentence: str) -> None:
    assert sentence in "\n".join(sentences(mistakes_in(raw)))


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ({"region": "RegionOne"}, "RegionOne"),
        ({"location": "EUROPE-WEST3"}, "europe-west3"),
        ({"region": "eu", "location": ""}, "eu"),
        ({}, ""),
    ],
)
def test_region_is_asked_for_as_it_is_signed_for(place: dict[str, Any], region: str) -> None:
    assert desired(place, {}).region == region


def test_authority_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    path.write_text("-----BEGIN CERTIFICATE-----")
    assert read_ca({"ca": str(path)})["ca"] == "-----BEGIN CERTIFICATE-----"
    assert read_ca({"ca": "-----BEGIN CERTIFICATE-----x"})["ca"].endswith("x")


@pytest.mark.parametrize("name", STORES)
def test_what_ansible_fills_in_beneath_a_key_is_not_taken_for_given(name: str) -> None:
    """It knows one mapping of suboptions for all providers, and sets those that are not given to None."""
    given = {key: value for key, value in STORES[name].items() if value != ""}
    checked = ArgumentSpecValidator(OBJSTORE_SECRET.argument_spec).validate({"store": given})
    assert checked.error_messages == []
    filled = completed(OBJSTORE_SECRET, checked.validated_parameters)["store"]
    assert render(for_pods(filled)["all"].keys, "0.42.4") == render(for_pods(given)["all"].keys, "0.42.4")
