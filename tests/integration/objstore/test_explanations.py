# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each provider refuses in its own words, and options that no server can take: one sentence each.

The servers are small ones on loopback; what real ones refuse is in test_refusals.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.bad_servers import (
    CANARY,
    HTML,
    after_login,
    azure_error,
    fixed,
    google_error,
    keystone,
    s3_error,
    sentence,
)
from tests.integration.objstore.test_bad_servers import environment, said
from tests.integration.objstore.test_gcs import service_account
from tests.support.http_server import SILENCE, HttpServer, Rule

__all__ = ["environment", "said"]

# ---- what one provider refuses in its own words ----------------------------------------------------------------------

REFUSALS: dict[str, tuple[str, Rule, str]] = {
    "S3, expired": ("S3", s3_error("ExpiredToken", 400), "the temporary credential has expired"),
    "S3, clock": ("S3", s3_error("RequestTimeTooSkewed"), "the clock of this host differs too much"),
    "S3, session": ("S3", s3_error("InvalidToken", 400), "session_token is malformed"),
    "S3, permission": ("S3", s3_error("AccessDenied"), "the credential lacks s3:ListBucket, or the bucket belongs to"),
    "S3, region": ("S3", s3_error("AuthorizationHeaderMalformed", 400), "set region to the server's"),
    "S3, elsewhere": ("S3", s3_error("PermanentRedirect", 301), "set region and endpoint to where the bucket is"),
    "S3, taken": (
        "S3",
        lambda request: (
            s3_error("BucketAlreadyExists", 409) if request.method == "PUT" else s3_error("NoSuchBucket", 404)
        )(request),
        "a bucket of this name belongs to another account; choose another name",
    ),
    "Azure, key": (
        "AZURE",
        azure_error("AuthenticationFailed"),
        "it is another account's or has expired, or the clock",
    ),
    "Azure, permission": (
        "AZURE",
        azure_error("AuthorizationPermissionMismatch"),
        "the identity lacks the (data) action containers/read on the container",
    ),
    "Azure, no keys": ("AZURE", azure_error("KeyBasedAuthenticationNotPermitted"), "use an identity"),
    "Azure, HTTPS": ("AZURE", azure_error("AccountRequiresHttps", 400), "write https in storage_connection_string"),
    "Azure, token": ("AZURE", azure_error("ExpiredToken", 401), "the credential has expired"),
    "Azure, version": ("AZURE", azure_error("InvalidHeaderValue", 400), "set api_version to one that it knows"),
    "Google, permission": (
        "GCS",
        google_error(403),
        "the credential lacks storage.buckets.get, or the bucket is another",
    ),
    "Google, quota": ("GCS", google_error(403, "rateLimitExceeded"), "the server is busy"),
    "Google, nobody": ("GCS", google_error(401), "the server wants a credential; give service_account"),
    "Google, taken": (
        "GCS",
        lambda request: google_error(409 if request.method == "POST" else 404)(request),
        "a bucket of this name belongs to another project",
    ),
    "Google, location": (
        "GCS",
        lambda request: google_error(400 if request.method == "POST" else 404)(request),
        "making the bucket failed: the server does not take what it was asked for; check location",
    ),
    "Swift, password": ("SWIFT", fixed(401), "check the user, its domain and password"),
    "Swift, token": ("SWIFT", after_login(fixed(401)), "check the user, its domain and password"),
    "Swift, role": ("SWIFT", after_login(fixed(403)), "the user needs a role that may do this in the project"),
    "Swift, nonsense": ("SWIFT", after_login(fixed(200, HTML)), "is not that of Swift"),
    "Swift, silence": ("SWIFT", after_login(lambda _request: SILENCE), "no answer within the time"),
    "Keystone, password": ("KEYSTONE", fixed(401), "check the user, its domain and password"),
    "Keystone, project": ("KEYSTONE", keystone([]), "names no object store for this user; set project_name"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_explained(case: str, said: Any) -> None:
    kind, rule, wanted = REFUSALS[case]
    with HttpServer(rule) as server:
        assert wanted in said(kind, server.url)


def test_a_region_that_keystone_does_not_have(said: Any) -> None:
    endpoint = {"interface": "public", "region": "one", "region_id": "one", "url": "http://127.0.0.1:1/v1/metrics"}
    with HttpServer(keystone([{"type": "object-store", "name": "swift", "endpoints": [endpoint]}])) as server:
        assert "no object store in this region; check region_name" in said("KEYSTONE", server.url, region_name="two")
        assert "nothing answers there" in said("KEYSTONE", server.url, region_name="one")


GRANTS: dict[str, tuple[Rule, str]] = {
    "clock": (
        fixed(
            400, b'{"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token"}'
        ),
        "the clock of this host differs too much from Google's",
    ),
    "key": (
        fixed(400, b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}'),
        "the key in service_account was deleted or is not its account's; make a new one",
    ),
    "account": (
        fixed(400, b'{"error": "invalid_grant", "error_description": "Invalid grant: account not found"}'),
        "the account of service_account was deleted or disabled",
    ),
    "withdrawn": (fixed(400, b'{"error": "invalid_grant"}'), "the credential was withdrawn or has expired"),
    "HTML": (fixed(200, HTML), "check STORAGE_EMULATOR_HOST (if it is set) and token_uri in service_account"),
    "silence": (lambda _request: SILENCE, "no answer within the time; check token_uri in service_account"),
}


@pytest.mark.parametrize("case", GRANTS)
def test_a_service_account_that_gets_no_token(case: str, said: Any) -> None:
    rule, wanted = GRANTS[case]
    with service_account(rule) as text:
        found = said("GCS", "http://127.0.0.1:1", service_account=text)
    assert wanted in found
    assert "PRIVATE KEY" not in found


# ---- what can be seen before anybody is asked ------------------------------------------------------------------------

OPTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "S3, line break": (
        "S3",
        {"access_key": f"{CANARY}\n"},
        "a credential or another value holds a character that cannot be sent",
    ),
    "S3, session": (
        "S3",
        {"session_token": f"{CANARY}\r\n"},
        "a credential or another value holds a character that cannot be sent",
    ),
    "S3, region": ("S3", {"region": "eu west"}, "region is not the name of a region"),
    "S3, port": ("S3", {"endpoint": "127.0.0.1:99999"}, "endpoint is not an address"),
    "Azure, key": ("AZURE", {"storage_connection_string": None, "storage_account_key": CANARY}, "a key is base64"),
    "Azure, no text": ("AZURE", {"storage_connection_string": CANARY}, "AccountName=…;AccountKey=…"),
    "Azure, tenant": (
        "AZURE",
        {"storage_connection_string": None, "az_tenant_id": "a/b", "client_id": "c", "client_secret": CANARY},
        "az_tenant_id: this is not the id or the domain of a tenant",
    ),
    "Google, no key": (
        "GCS",
        {"service_account": '{"type": "service_account", "private_key": "CANARY"}'},
        "service_account: this is not a usable credential",
    ),
    "Google, no account": ("GCS", {"service_account": '{"type": "CANARY"}'}, "this is not a usable credential"),
    "Swift, line break": (
        "SWIFT",
        {"password": f"{CANARY}\n"},
        "a credential or another value holds a character that cannot be sent",
    ),
    "Swift, port": ("SWIFT", {"auth_url": "http://127.0.0.1:99999/auth/v1.0"}, "auth_url is not a URL"),
    "Swift, user": ("SWIFT", {"auth_url": f"http://{CANARY}:{CANARY}@127.0.0.1:1/auth/v1.0"}, "nothing answers there"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_an_option_that_no_server_can_take(case: str, said: Any) -> None:
    kind, changes, wanted = OPTIONS[case]
    assert wanted in said(kind, "http://127.0.0.1:1", **changes)


SDKS = {
    "S3": ("boto3", "the Python package boto3", "requirements-s3.txt"),
    "GCS": ("google.cloud.storage", "the Python package google-cloud-storage", "requirements-gcs.txt"),
    "AZURE": ("azure.storage.blob", "the Python package azure-storage-blob", "requirements-azure.txt"),
    "SWIFT": (
        "swiftclient.client",
        "the Python packages python-swiftclient and keystoneauth1",
        "requirements-swift.txt",
    ),
}


@pytest.mark.parametrize("kind", SDKS)
def test_an_sdk_that_is_not_installed(kind: str, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module, packages, extra = SDKS[kind]
    monkeypatch.setitem(sys.modules, module, None)
    text = said(kind, "http://127.0.0.1:1")
    assert packages in text
    assert extra in text


@pytest.mark.parametrize("path", ["/proc/nowhere/metrics", f"/{'long' * 100}"])
def test_a_directory_that_cannot_be_made(path: str, tmp_path: Path) -> None:
    assert "; check directory, and who the task runs as." in sentence(
        {"type": "FILESYSTEM", "directory": path}, tmp_path
    )
