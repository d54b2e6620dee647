# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pods need of an object store follows from the inventory alone, in every credential mode, without a secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import objstore_needs
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import MODES
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import identity
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import render
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import for_pods
from tests.support.canary import leaks
from tests.support.object_stores import MORE, SHORT

ARN = "arn:aws:iam::123456789012:role/thanos"
CLIENT = "12345678-1234-1234-1234-123456789012"
FROM = {"name": "keys", "keys": {"secret_key": "SECRET", "access_key": "ID"}}
S3 = {"type": "S3", "bucket": "metrics"}
OURS = {"secret": "thanos-objstore-default", "key": "objstore.yml"}
ENV = {"OBJSTORE_ACCESS_KEY": {"name": "keys", "key": "ID"}, "OBJSTORE_SECRET_KEY": {"name": "keys", "key": "SECRET"}}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "secret": ({"access_key": "i", "secret_key": "k"}, {"credentials_mode": "secret", **OURS}),
    "existing": (
        {"credentials_mode": "existing", "credentials_from": FROM},
        {"credentials_mode": "existing", **OURS},
    ),
    "env": ({"credentials_mode": "env", "credentials_from": FROM}, {"credentials_mode": "env", **OURS, "env": ENV}),
    "external": (
        {"credentials_mode": "external", "credentials_from": {"name": "theirs", "key": "thanos.yaml"}},
        {"credentials_mode": "external", "secret": "theirs", "key": "thanos.yaml"},
    ),
    "identity": (
        {"credentials_mode": "identity", "identity": {"aws_role_arn": ARN}},
        {
            "credentials_mode": "identity",
            **OURS,
            "service_account_annotations": {"eks.amazonaws.com/role-arn": ARN},
        },
    ),
    "identity of Azure": (
        {"type": "AZURE", "credentials_mode": "identity", "identity": {"azure_client_id": CLIENT}},
        {
            "credentials_mode": "identity",
            **OURS,
            "service_account_annotations": {"azure.workload.identity/client-id": CLIENT},
            "pod_labels": {"azure.workload.identity/use": "true"},
        },
    ),
}


def needs_of(store: Any) -> dict[str, dict[str, Any]]:
    """Without the bucket."""
    found = objstore_needs({"thanos_objstore": store}, "thanos").get("default", {})
    return {role: {k: v for k, v in needs.items() if k != "bucket"} for role, needs in found.items()}


def bucket_of(store: Any, role: str = "compactor") -> Any:
    return objstore_needs({"thanos_objstore": store}, "thanos")["default"][role].get("bucket")


@pytest.mark.parametrize("kind", PROVIDERS)
def test_bucket_is_the_one_that_the_configuration_names(kind: str) -> None:
    store = {"type": kind, **SHORT[kind], **MORE.get(kind, {}), "prefix": "/eu/"}
    for access in for_pods(store).values():
        told = identity(render(access.keys, "0.42.4").files["objstore.yml"])
        assert told
        assert bucket_of(store) == {name: value for name, value in told._asdict().items() if value}


def test_bucket_is_that_of_the_pods_and_of_the_access_role() -> None:
    pods = {"pods": {"endpoint": "minio.minio.svc:9000"}, "access": {"reader": {"bucket": "copy"}}}
    inside = {"type": "S3", "endpoint": "minio.minio.svc:9000", "bucket": "metrics"}
    store = {**S3, "endpoint": "s3.example.org", **pods}
    assert bucket_of(store) == inside
    assert bucket_of(store, "reader") == {**inside, "bucket": "copy"}


def test_bucket_that_a_secret_tells_is_not_known() -> None:
    named = {"name": "theirs", "keys": {"bucket": "BUCKET", "access_key": "ID", "secret_key": "KEY"}}
    for mode in ("existing", "env"):
        assert bucket_of({"type": "S3", "endpoint": "e", "credentials_mode": mode, "credentials_from": named}) is None
    assert bucket_of({**S3, "credentials_mode": "external", "credentials_from": {"name": "theirs"}}) is None
    credential = {"name": "theirs", "keys": {"access_key": "ID", "secret_key": "KEY"}}
    assert bucket_of({**S3, "credentials_mode": "existing", "credentials_from": credential}) == S3


def test_there_is_a_case_for_every_mode() -> None:
    assert {expected["credentials_mode"] for _unused, expected in CASES.values()} == set(MODES)


@pytest.mark.parametrize(("options", "expected"), CASES.values(), ids=CASES)
def test_one_level_is_for_all_access_roles(options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert needs_of({**S3, **options}) == {"reader": expected, "writer": expected, "compactor": expected}


@pytest.mark.parametrize(("options", "expected"), CASES.values(), ids=CASES)
def test_access_role_with_a_level_of_its_own_has_its_own_secret(
    options: dict[str, Any], expected: dict[str, Any]
) -> None:
    kind = options.get("type", "S3")
    level = {name: value for name, value in options.items() if name != "type"}
    found = needs_of({"type": kind, "bucket": "metrics", "access": {"reader": level}})
    ours = {"secret": "thanos-objstore-default-reader"} if expected["secret"] == OURS["secret"] else {}
    assert found["reader"] == {**expected, **ours}
    assert found["writer"] == found["compactor"] == {"credentials_mode": "secret", **OURS}


def test_with_all_access_roles_named_none_shares_a_secret() -> None:
    found = needs_of({**S3, "access": {role: {"access_key": "i"} for role in ("reader", "writer", "compactor")}})
    assert {role: needs["secret"] for role, needs in found.items()} == {
        "reader": "thanos-objstore-default-reader",
        "writer": "thanos-objstore-default-writer",
        "compactor": "thanos-objstore-default-compactor",
    }


@pytest.mark.parametrize("kind", PROVIDERS)
def test_no_value_of_a_credential_is_in_it(kind: str) -> None:
    """On any level, also where a mode does not use it."""
    names = [name for name, key in PROVIDERS[kind].keys.items() if key.secret]
    levels = {level: {name: f"CANARY-{level}-{name}-0001" for name in names} for level in ("store", "pods", "role")}
    secrets = {f"{level} {name}": value for level, found in levels.items() for name, value in found.items()}
    for mode in MODES:
        more = {"credentials_mode": mode, "credentials_from": {"name": "keys", "keys": dict.fromkeys(names, "k")}}
        store = {"type": kind, **SHORT[kind], **MORE.get(kind, {}), **levels["store"], **more}
        store |= {"pods": levels["pods"], "access": {"reader": levels["role"], "writer": {**levels["role"], **more}}}
        assert leaks(json.dumps(objstore_needs({"thanos_objstore": store}, "thanos")), secrets) == []


@pytest.mark.parametrize(
    "store",
    [None, "text", {}, {"type": 1}, {**S3, "access": "x"}, {**S3, "access": {"reader": 1}, "pods": [1]},
     {**S3, "credentials_mode": "env", "credentials_from": "keys"}, {**S3, "credentials_mode": "env"}],
)  # fmt: skip
def test_what_is_malformed_is_told_where_the_secrets_are_made(store: Any) -> None:
    assert all(set(found) >= {"credentials_mode", "key"} for found in needs_of(store).values())
