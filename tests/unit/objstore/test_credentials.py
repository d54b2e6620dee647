# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the pods of each access role come by their credential."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access import wanted
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import (
    CARRYING,
    MODES,
    ROLES,
    accesses,
    emptied,
    needs_of_pods,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import desired
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS, credential_keys
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import render
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import (
    for_pods,
    mistakes,
)
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.probe_task import known_credentials
from tests.support.findings import sentences
from tests.support.object_stores import SERVICE_ACCOUNT, SHORT
from tests.unit.objstore.reading import parse

VERSION = "0.42.4"
S3 = {"type": "S3", **SHORT["S3"], "access_key": "admin", "secret_key": "canary"}
GCS = {"type": "GCS", **SHORT["GCS"], "service_account": SERVICE_ACCOUNT}
AZURE = {"type": "AZURE", **SHORT["AZURE"], "storage_account_key": "canary"}
SWIFT = {"type": "SWIFT", **SHORT["SWIFT"]}
ROLE = "arn:aws:iam::123456789012:role/thanos"
UUID = "12345678-1234-1234-1234-123456789012"
FROM = {"name": "keys", "keys": {"access_key": "ID", "secret_key": "KEY"}}
ENV = {"credentials_mode": "env", "credentials_from": FROM}


def text_of(store: dict[str, Any], role: str = "all") -> str:
    assert mistakes(store, VERSION) == []
    return render(for_pods(store)[role].keys, VERSION).files["objstore.yml"]


def found(store: dict[str, Any]) -> str:
    return "\n".join(sentences(mistakes(store, VERSION)))


def test_a_store_has_one_secret_unless_roles_are_named() -> None:
    assert list(for_pods(S3)) == ["all"]
    assert list(for_pods({**S3, "access": {"reader": {"access_key": "r", "secret_key": "r"}}})) == ["all", "reader"]
    assert list(for_pods({**S3, "access": {role: {"region": "x"} for role in ROLES}})) == list(ROLES)


def test_levels_lie_over_each_other() -> None:
    pods = {"access_key": "pods", "secret_key": "p", "region": "in"}
    store = {**S3, "pods": pods, "access": {"reader": {"access_key": "reader", "secret_key": "r"}}}
    assert parse(text_of(store))["access_key"] == "pods"
    reader = parse(text_of(store, "reader"))
    assert (reader["access_key"], reader["secret_key"], reader["region"]) == ("reader", "r", "in")


@pytest.mark.parametrize(
    ("upper", "pods", "gone"),
    [
        ({**S3, "session_token": "of the admin"}, {"access_key": "p", "secret_key": "s"}, "session_token"),
        (AZURE, {"az_tenant_id": "t", "client_id": "c", "client_secret": "s"}, "storage_account_key"),
        (SWIFT, {"application_credential_id": "i", "application_credential_secret": "s"}, "password"),
    ],
)
def test_two_credentials_never_mix(upper: dict[str, Any], pods: dict[str, Any], gone: str) -> None:
    keys = for_pods({**upper, "pods": pods})["all"].keys
    assert gone not in keys
    assert keys.items() >= pods.items()


def test_a_role_with_an_identity_has_no_key_of_the_pods() -> None:
    compactor = {"credentials_mode": "identity", "identity": {"aws_role_arn": ROLE}}
    store = {**S3, "pods": {"access_key": "p", "secret_key": "s"}, "access": {"compactor": compactor}}
    assert not parse(text_of(store, "compactor")).keys() & credential_keys("S3")
    assert parse(text_of(store))["access_key"] == "p"


@pytest.mark.parametrize("value", ["plain", "a'b\"c\\d", "1e5", "- #x: {y}", "  spaces  before", "ends\n", "%&*!|>@`"])
def test_what_the_environment_brings_is_taken_as_it_is(value: str) -> None:
    """Thanos puts the value where its name is, and only then reads the file."""
    text = text_of({**S3, **ENV})
    assert "canary" not in text
    brought = text.replace("$(OBJSTORE_ACCESS_KEY)", value).replace("$(OBJSTORE_SECRET_KEY)", value)
    assert yaml.safe_load(brought)["config"]["secret_key"] == value.rstrip("\n")


def test_environment_is_told_to_the_pods() -> None:
    assert needs_of_pods(for_pods({**S3, **ENV})["all"]) == {
        "env": {"OBJSTORE_ACCESS_KEY": ["keys", "ID"], "OBJSTORE_SECRET_KEY": ["keys", "KEY"]}
    }


def test_google_credentials_may_come_from_the_environment() -> None:
    store = {**GCS, "credentials_mode": "env", "credentials_from": {"name": "k", "keys": {"service_account": "json"}}}
    assert "$(OBJSTORE_SERVICE_ACCOUNT)" in text_of(store)


@pytest.mark.parametrize(
    ("store", "identity", "annotations", "labels"),
    [
        (S3, {"aws_role_arn": ROLE}, {"eks.amazonaws.com/role-arn": ROLE}, None),
        (S3, None, None, None),
        (
            GCS,
            {"gcp_service_account": "thanos@project.iam.gserviceaccount.com"},
            {"iam.gke.io/gcp-service-account": "thanos@project.iam.gserviceaccount.com"},
            None,
        ),
        (
            AZURE,
            {"azure_client_id": UUID, "azure_tenant_id": UUID},
            {"azure.workload.identity/client-id": UUID, "azure.workload.identity/tenant-id": UUID},
            {"azure.workload.identity/use": "true"},
        ),
    ],
)
def test_an_identity_takes_the_place_of_every_credential(
    store: dict[str, Any], identity: Any, annotations: Any, labels: Any
) -> None:
    with_identity = {**store, "credentials_mode": "identity", "identity": identity}
    keys = parse(text_of(with_identity))
    assert not keys.keys() & credential_keys(store["type"])
    needs = needs_of_pods(for_pods(with_identity)["all"])
    assert needs.get("service_account_annotations") == annotations
    assert needs.get("pod_labels") == labels


def test_what_one_role_uses_may_stand_at_the_store() -> None:
    assert mistakes({**S3, "credentials_from": FROM, "access": {"reader": {"credentials_mode": "env"}}}, VERSION) == []


def test_only_what_is_given_here_is_known_here() -> None:
    assert known_credentials(S3)["all"] == S3
    for mode in set(MODES) - {"secret"}:
        assert known_credentials({**S3, **ENV, "credentials_mode": mode}) == {"all": None}


def test_a_role_may_differ_from_the_rest() -> None:
    store = {
        **S3,
        "credentials_mode": "identity",
        "identity": {"aws_role_arn": ROLE},
        "access": {"compactor": {"credentials_mode": "secret", "access_key": "c", "secret_key": "d"}},
    }
    assert "access_key" not in text_of(store)
    assert parse(text_of(store, "compactor"))["access_key"] == "c"


@pytest.mark.parametrize(
    ("store", "sentence"),
    [
        (
            {**S3, "credentials_mode": "enviroment"},
            "store.credentials_mode: 'enviroment' is not one of secret, existing",
        ),
        ({**S3, "credentials_mode": "env"}, "store.credentials_mode: env needs credentials_from.name"),
        ({**S3, **ENV, "credentials_from": {"name": "k"}}, "store.credentials_from.keys is required"),
        ({**S3, **ENV, "credentials_from": "k"}, "store.credentials_from: this is not a mapping"),
        (
            {**S3, **ENV, "credentials_from": {"name": "k", "keys": "x"}},
            "credentials_from.keys: this is not a mapping",
        ),
        ({**S3, **ENV, "credentials_from": {"nam": "k"}}, "credentials_from.nam: there is no such key. Did you mean"),
        (
            {**S3, **ENV, "credentials_from": {"name": "k", "keys": {"bucket": "b"}}},
            "credentials_from.keys.bucket: this is no key of a credential of S3; those are access_key, secret_key",
        ),
        ({**S3, **ENV, "credentials_from": {"name": "k", "keys": {"access_key": "b"}}}, "secret_key is missing"),
        ({**S3, "pods": {**ENV, "secret_key": "canary"}}, "store.pods.secret_key is set beside credentials_from"),
        ({**S3, "credentials_from": FROM, "pods": {"region": "x"}}, "store.credentials_from has no effect"),
        ({**S3, "identity": {"aws_role_arn": ROLE}, "pods": {"region": "x"}}, "store.identity needs credentials_mode"),
        ({**S3, "type": ["S3"]}, "store.type must be one of S3, GCS"),
        ({**S3, "credentials_from": FROM}, "credentials_from has no effect with credentials_mode: secret"),
        ({**S3, "identity": {"aws_role_arn": ROLE}}, "store.identity needs credentials_mode: identity."),
        ({**S3, "credentials_mode": "identity", "identity": {"aws_role_arn": "x"}}, "'x' is not the ARN of a role"),
        (
            {**S3, "credentials_mode": "identity", "identity": {"azure_client_id": UUID}},
            "identity.azure_client_id is for type AZURE only.",
        ),
        ({**S3, "credentials_mode": "identity", "pods": {"secret_key": "canary"}}, "secret_key has no effect with"),
        ({**SWIFT, "credentials_mode": "identity"}, "SWIFT needs a credential"),
        (
            {**AZURE, "credentials_mode": "identity", "identity": {"azure_client_id": UUID}, "user_assigned_id": "u"},
            "user_assigned_id and identity.azure_client_id exclude each other",
        ),
        ({**S3, "access": {"reeder": {}}}, "store.access.reeder: there is no such access role. Did you mean 'reader'?"),
        ({**S3, "access": "reader"}, "store.access must be a mapping of reader, writer, compactor."),
        ({**S3, "access": {"reader": "x"}}, "store.access.reader must be a mapping."),
        ({**S3, "access": {"reader": {"type": "GCS"}}}, "store.access.reader.type: set it in store"),
        ({**S3, "access": {"reader": {"grant_to": 3}}}, "store.access.reader.grant_to: this is not a list of names."),
        ({**S3, "access": {"reader": {"grant_to": [""]}}}, "store.access.reader.grant_to[0]: an entry is no name"),
        ({**S3, "access": {"reader": {"grant_to": "a,,b"}}}, "store.access.reader.grant_to[1]: an entry is no name"),
        ({**S3, **ENV, "credentials_from": {"name": ["k"]}}, "store.credentials_from.name: this is not a text."),
        (
            {**S3, **ENV, "credentials_from": {"name": "k", "keys": {"access_key": ["canary"]}}},
            "store.credentials_from.keys.access_key: this is not a text.",
        ),
        (
            {**AZURE, "access": {"reader": {"grant_to": ["x"]}}},
            "grant_to: a bucket of type AZURE carries no access list",
        ),
        ({**S3, "access": {"reader": {"acess_key": "x"}}}, "store.access.reader.acess_key: there is no such key."),
    ],
)
def test_a_mistake_is_named_and_no_secret_quoted(store: dict[str, Any], sentence: str) -> None:
    assert sentence in found(store)
    assert "canary" not in found(store)


NO_PAIR = {"access_key": "", "secret_key": ""}
NO_PRINCIPAL = {"storage_connection_string": "", "az_tenant_id": "", "client_id": "", "client_secret": ""}


@pytest.mark.parametrize(
    ("store", "where"),
    [
        ({**S3, **NO_PAIR}, "store.access_key, secret_key: empty"),
        ({**S3, "pods": NO_PAIR}, "store.pods.access_key, secret_key: empty"),
        ({**S3, "access": {"reader": NO_PAIR}}, "store.access.reader.access_key, secret_key: empty"),
        ({**S3, **NO_PAIR, "pods": {"session_token": ""}}, "store.access_key, secret_key: empty"),
        (
            {**AZURE, "storage_account_key": "", "pods": NO_PRINCIPAL},
            "store.pods.az_tenant_id, client_id, client_secret",
        ),
    ],
)
def test_credential_of_variables_that_are_not_set_is_a_mistake(store: dict[str, Any], where: str) -> None:
    told = [sentence for sentence in sentences(mistakes(store, VERSION)) if sentence.startswith(where)]
    assert ["credentials_mode: identity" in sentence for sentence in told] == [True]


@pytest.mark.parametrize(
    "store",
    [
        {**S3, "session_token": ""},
        {**S3, **NO_PAIR, "aws_sdk_auth": True},
        {**S3, **NO_PAIR, "pods": {"access_key": "p", "secret_key": "s"}},
        {**S3, "pods": {**NO_PAIR, "credentials_mode": "identity"}},
        {**S3, **NO_PAIR, **ENV},
        {**GCS, "pods": {"service_account": ""}},
        {**GCS, "service_account": ""},
        {**AZURE, "pods": {"storage_account_key": "", "user_assigned_id": "u"}},
        {**AZURE, "pods": {**NO_PRINCIPAL, "storage_account_key": "a2V5"}},
        {key: value for key, value in S3.items() if key not in NO_PAIR},
    ],
)
def test_a_value_that_is_taken_away_is_no_mistake(store: dict[str, Any]) -> None:
    assert mistakes(store, VERSION) == []


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ({**GCS, "pods": {"service_account": ""}}, ["store.pods.service_account: empty"]),
        ({**GCS, "service_account": "", "pods": {"credentials_mode": "identity"}}, []),
        ({**GCS, "service_account": "", "pods": {"service_account": SERVICE_ACCOUNT}}, []),
        ({**S3, "session_token": ""}, []),
    ],
)
def test_pods_that_are_left_without_a_credential_are_told_of(store: dict[str, Any], told: list[str]) -> None:
    found = emptied(store, for_pods(store), "store.", several=False)
    assert [sentence.partition(" (")[0] for sentence in sentences(found)] == told


def test_a_bucket_of_somebody_else_needs_no_credential_here() -> None:
    store = {**SWIFT, "manage": False, "credentials_mode": "env"}
    store = {**store, "credentials_from": {"name": "k", "keys": {"username": "u", "password": "p"}}}
    del store["username"], store["password"]
    assert mistakes(store, VERSION) == []
    assert "no credential" in found({**store, "manage": True})


def test_pods_of_swift_keep_project_and_domains_with_a_credential_of_their_own() -> None:
    login = {"username": "u", "password": "p"}
    from_secret = {"credentials_mode": "env", "credentials_from": {"name": "k", "keys": login}}
    where = {"domain_name": "Users", "project_name": "metrics", "project_domain_name": "Projects"}
    keys = accesses({"pods": from_secret}, {**SWIFT, **where, "user_id": "u1"})["all"].keys
    assert {name: keys[name] for name in where} == where
    assert "user_id" not in keys
    assert keys["password"] == "OBJSTORE_PASSWORD"


def test_who_is_granted_access_is_a_wish_of_the_bucket() -> None:
    store = {**S3, "access": {"reader": {"grant_to": ["arn:aws:iam::1:user/store"], "access_key": "r"}}}
    (wish,) = desired({**store, "profile": "none"}, {}).wishes
    assert (wish.feature, wish.asked, list(wish.value)) == (
        "access",
        True,
        ["O11yThanosReaderList", "O11yThanosReaderObjects"],
    )
    assert "grant_to" not in for_pods(store)["reader"].keys
    assert desired({**S3, "profile": "none", "access": {"reader": {"access_key": "r"}}}, {}).wishes == ()


def test_types_that_carry_access_are_those_of_the_documents() -> None:
    carried = {kind for kind in PROVIDERS if wanted({"type": kind, "bucket": "b"}, {"reader": ["x"]}) is not None}
    assert carried == set(CARRYING)


def test_keys_of_a_credential_are_keys_of_the_provider() -> None:
    for name, provider in PROVIDERS.items():
        assert credential_keys(name) <= provider.keys.keys()


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ({"file": "/var/run/secrets/tokens/gcp"}, "comes from the file /var/run/secrets/tokens/gcp; nothing puts that"),
        ({"executable": {"command": "/bin/token"}}, "comes from a program; nothing puts that into the pods"),
        ({"file": "/etc/thanos/secrets/google/token"}, ""),
        ({"certificate": {"certificate_config_location": "/x/y"}}, "comes from the file /x/y; nothing puts that"),
        ({"certificate": {"certificate_config_location": "/etc/thanos/secrets/google/config"}}, ""),
        (
            {
                "certificate": {
                    "certificate_config_location": "/etc/thanos/secrets/google/config",
                    "trust_chain_path": "/x/chain.pem",
                }
            },
            "comes from the file /x/chain.pem; nothing puts that",
        ),
        ({"certificate": {"use_default_certificate_config": True}}, ""),
        ({"url": "http://169.254.169.254/token"}, ""),
        ({"environment_id": "aws1"}, ""),
    ],
)
def test_a_token_of_somebody_else_must_be_in_the_pods(source: dict[str, Any], refused: str) -> None:
    account = {"type": "external_account", "audience": "a", "credential_source": source}
    impersonated = {"type": "impersonated_service_account", "source_credentials": account}
    for document, how in (
        (account, "is an external_account whose token "),
        (impersonated, "has as source_credentials an external_account whose token "),
    ):
        store = {"type": "GCS", "bucket": "metrics", "service_account": json.dumps(document)}
        found = "\n".join(sentences(mistakes(store, "0.42.4")))
        assert (how + refused in found) if refused else found == ""


def test_impersonation_with_a_key_of_its_own_needs_nothing_in_the_pods() -> None:
    for source in ({"type": "service_account"}, "x", None):
        document = json.dumps({"type": "impersonated_service_account", "source_credentials": source})
        store = {"type": "GCS", "bucket": "metrics", "service_account": document}
        assert sentences(mistakes(store, "0.42.4")) == []
