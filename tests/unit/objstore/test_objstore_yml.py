# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""objstore.yml: what is written, what is refused, what identifies a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import render
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import Option
from tests.support.object_stores import SERVICE_ACCOUNT, SHORT, STORES
from tests.unit.objstore.reading import parse

VERSION = "0.42.4"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def short(kind: str, **changes: Any) -> dict[str, Any]:
    return {"type": kind, **SHORT[kind], **changes}


def mistakes(store: Mapping[str, Any], version: str = VERSION) -> str:
    with pytest.raises(InvalidInput) as caught:
        render(store, version)
    return str(caught.value)


def paths(keys: Mapping[str, Option], before: str = "") -> set[str]:
    return {
        p
        for name, key in keys.items()
        for p in (paths(key.options, f"{before}{name}.") if key.options else {before + name})
    }


def used(values: Mapping[str, Any], keys: Mapping[str, Option], before: str = "") -> set[str]:
    return {
        p
        for name, value in values.items()
        if name in keys
        for p in (used(value, keys[name].options or {}, f"{before}{name}.") if keys[name].options else {before + name})
    }


@pytest.mark.parametrize("name", STORES)
def test_what_is_rendered_is_read_back(name: str) -> None:
    store = {key: value for key, value in STORES[name].items() if value != ""}
    text = render(store, VERSION).files["objstore.yml"]
    ours = {"storage_create_container": False} if store["type"] == "AZURE" else {}
    assert parse(text) == {**ours, **store}
    assert set(yaml.safe_load(text)) == {"type", "config"}


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_key_is_in_an_example(kind: str) -> None:
    keys = PROVIDERS[kind].keys
    assert set().union(*(used(s, keys) for s in STORES.values() if s["type"] == kind)) == paths(keys)


@pytest.mark.parametrize(
    "text", ["1e5", "0123", "0x1F", "yes", "null", "~", "2026-11-21", "a: b", "#c", '"', "\\", "é", "\t"]
)
def test_a_text_stays_a_text(text: str) -> None:
    store = short("S3", access_key=text, secret_key=text)
    assert parse(render(store, VERSION).files["objstore.yml"])["secret_key"] == text


def test_a_secret_is_not_taken_for_an_environment_variable() -> None:
    text = render(short("S3", access_key="i", secret_key="a$(HOME)b"), VERSION).files["objstore.yml"]
    assert "$(" not in text
    assert parse(text)["secret_key"] == "a$(HOME)b"


def test_private_authority_becomes_a_file_of_the_secret() -> None:
    files = render(short("S3", ca=PEM), VERSION).files
    assert files["ca.crt"] == PEM + "\n"
    assert 'ca_file: "/etc/thanos/objstore/ca.crt"' in files["objstore.yml"]


def test_ca_file_of_the_user_wins() -> None:
    store = short("S3", ca=PEM, http_config={"tls_config": {"ca_file": "/etc/mine.crt"}})
    assert (
        parse(render(store, VERSION).files["objstore.yml"])["http_config"]["tls_config"]["ca_file"] == "/etc/mine.crt"
    )


def test_azure_does_not_make_the_container() -> None:
    assert "storage_create_container: false" in render(short("AZURE"), VERSION).files["objstore.yml"]


def test_prefix_loses_its_outer_slashes() -> None:
    assert parse(render(short("S3", prefix="/a/b/"), VERSION).files["objstore.yml"])["prefix"] == "a/b"


def test_files_are_not_shown_by_accident() -> None:
    assert "hidden" not in repr(render(short("S3", access_key="hidden", secret_key="hidden"), VERSION))


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        ("S3", {"endpoint": "https://s3.example.org:9000/x"}, "write 's3.example.org:9000'."),
        ("S3", {"endpoint": "http://s3.example.org"}, "write 's3.example.org' with insecure: true."),
        ("S3", {"endpoint": "a b"}, "endpoint: this is not a host name"),
        ("S3", {"endpoint": ""}, "endpoint is required for S3."),
        ("S3", {"access_key": "a"}, "secret_key is missing"),
        ("S3", {"secret_key": "a"}, "access_key is missing"),
        ("S3", {"access_key": "a", "secret_key": "b", "aws_sdk_auth": True}, "aws_sdk_auth and access_key exclude"),
        ("S3", {"session_token": "a"}, "session_token needs access_key"),
        ("S3", {"part_size": 1}, "part_size: 1 bytes is too small"),
        ("S3", {"part_size": "x"}, "part_size: 'x' is not a whole number"),
        ("S3", {"insecure": "maybe"}, "insecure: 'maybe' is not true or false."),
        ("S3", {"insecure": True, "ca": PEM}, "ca has no effect with insecure: true"),
        ("S3", {"ca": "x"}, "ca must be certificates in PEM form."),
        ("S3", {"sse_config": {"type": "SSE-KMS"}}, "sse_config.kms_key_id is required"),
        ("S3", {"sse_config": {"type": "SSE-C"}}, "sse_config.encryption_key is required"),
        ("S3", {"sse_config": {"type": "SSE-C", "encryption_key": "k"}}, "absolute path of a file"),
        ("S3", {"sse_config": {"type": "SSE-S3", "kms_key_id": "k"}}, "sse_config.kms_key_id has no effect"),
        ("S3", {"sse_config": {"kms_key_id": "k"}}, "sse_config.type is missing"),
        ("S3", {"http_config": {"idle_conn_timeout": "90"}}, "'90' is not a duration"),
        ("S3", {"http_config": {"tls_config": {"cert_file": "/c"}}}, "http_config.tls_config.key_file is missing"),
        ("S3", {"http_config": "x"}, "http_config: this is not a mapping"),
        ("S3", {"bucket_lookup_type": "pth"}, "Did you mean 'path'?"),
        ("S3", {"acess_key": "a"}, "acess_key: there is no such key. Did you mean 'access_key'?"),
        ("S3", {"hedging_config": {}}, "hedging_config: there is no such key; Thanos documents it"),
        ("S3", {"bucket": "Metrics"}, "only lower-case letters, digits, dots and hyphens"),
        ("GCS", {"no_auth": True}, "no_auth: there is no such key; Thanos cannot read it"),
        ("GCS", {"service_account": "x"}, "service_account must be the text"),
        ("GCS", {"use_grpc": True, "http_config": {"max_idle_conns": 1}}, "have no effect with use_grpc"),
        ("AZURE", {"user_assigned_id": "u", "storage_account_key": "k"}, "exclude each other"),
        ("AZURE", {"storage_connection_string": "c", "storage_account_key": "k"}, "exclude each other"),
        ("AZURE", {"client_id": "c"}, "az_tenant_id, client_secret missing"),
        ("AZURE", {"storage_account": "No"}, "storage_account must be 3 to 24"),
        ("AZURE", {"endpoint": "https://blob.core.windows.net"}, "write 'blob.core.windows.net'."),
        ("SWIFT", {"large_file_segments_container_name": "s"}, "write large_object_segments_container_name"),
        ("SWIFT", {"auth_url": "keystone:5000"}, "auth_url must be a URL"),
        ("SWIFT", {"password": ""}, "no credential"),
        ("SWIFT", {"username": ""}, "password needs username or user_id"),
        ("SWIFT", {"application_credential_secret": "s"}, "password and application_credential_secret exclude"),
        ("SWIFT", {"auth_version": 4}, "auth_version must be"),
        ("SWIFT", {"domain_name": ""}, "username needs user_domain_name or user_domain_id"),
        ("SWIFT", {"auth_url": "http://keystone:5000"}, "Thanos finds no version in it; end it with /v3"),
        ("SWIFT", {"auth_url": "http://keystone:5000", "auth_version": 3}, "auth_url must end with /v3"),
        ("SWIFT", {"auth_url": "http://keystone:5000/v3/auth/tokens"}, "auth_url must end with /v3"),
        ("COS", {"region": ""}, "region is required (or endpoint"),
        ("COS", {"endpoint": "cos.example.org"}, "endpoint must be a URL"),
        ("ALIYUNOSS", {"ca": PEM}, "Thanos takes no private certificate authority for ALIYUNOSS"),
        ("OBS", {"access_key": ""}, "access_key is required for OBS."),
        ("OBS", {"endpoint": "https://obs.example.org/bucket"}, "endpoint: write https:// (or http://), a host name"),
        ("ALIYUNOSS", {"endpoint": "s3://oss.example.org"}, "endpoint: write https:// (or http://), a host name"),
        ("BOS", {"endpoint": "bos.example.org/"}, "endpoint: write https:// (or http://), a host name"),
        ("OCI", {"provider": "raw"}, "tenancy_ocid is required with provider: raw."),
        ("OCI", {"provider": "oke-workload-identity"}, "region is required"),
        ("OCI", {"http_config": {"client_timeout": "1d"}}, "(without days)"),
        ("FILESYSTEM", {"directory": "data"}, "it must be an absolute path"),
    ],
)
def test_a_mistake_is_named(kind: str, changes: dict[str, Any], sentence: str) -> None:
    assert sentence in mistakes(short(kind, **changes))


@pytest.mark.parametrize(
    ("kind", "hint"), [("s3", "Did you mean 'S3'?"), ("AZUR", "Did you mean 'AZURE'?"), ("", "type is required")]
)
def test_type_must_be_known(kind: str, hint: str) -> None:
    assert hint in mistakes({"type": kind})


@pytest.mark.parametrize("kind", ["ALIYUNOSS", "BOS", "OBS"])
@pytest.mark.parametrize("endpoint", ["https://eu.example.org", "http://127.0.0.1:9000", "eu.example.org:443"])
def test_endpoint_may_have_a_scheme(kind: str, endpoint: str) -> None:
    assert f'endpoint: "{endpoint}"' in render(short(kind, endpoint=endpoint), VERSION).files["objstore.yml"]


def test_all_mistakes_come_at_once() -> None:
    text = mistakes(short("S3", endpoint="http://x", bucket="B_", part_size="x", nonsense=1, access_key="a"))
    assert "7 mistakes" in text


def test_a_key_needs_its_version() -> None:
    store = STORES["AZURE or"]
    assert "client_id needs Thanos 0.40 or newer, this is 0.39.2." in mistakes(store, "0.39.2")


def test_no_secret_value_is_in_a_sentence() -> None:
    for kind, provider in PROVIDERS.items():
        wrong = {name: ["canary"] for name, key in provider.keys.items() if key.secret}
        assert "canary" not in mistakes({"type": kind, **wrong})


def test_google_credentials_survive() -> None:
    text = render(short("GCS", service_account=SERVICE_ACCOUNT), VERSION).files["objstore.yml"]
    assert parse(text)["service_account"] == SERVICE_ACCOUNT
