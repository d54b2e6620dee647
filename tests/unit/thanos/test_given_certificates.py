# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that somebody else made are judged before pods are started with them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import MissingLibrary
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import INSTANCE_LABEL
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import given_certificates
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.given_certificates import unfit
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.certificates import DAY, NAME, NOW, authority, leaf

CA, OTHER = authority(), authority("other")
OLD = authority("old", NOW - 20 * DAY, 10 * DAY)
GIVEN = leaf(CA)
AUTHORITY = {"tls.crt": CA.certificate.pem, "tls.key": CA.key, "ca.crt": CA.certificate.pem}
PUBLISHED = {"query": {"grpc_tls": {"secret": "given", "names": [NAME]}}}
READING = {
    "query": {
        "client_tls": {"secret": "given"},
        "endpoints": [{"address": "eu.example:10901", "tls": {"ca": "eu.crt"}}],
    }
}
LOCAL = {
    "store": {"grpc_tls": {"secret": "store"}},
    "query": {
        "client_tls": {"secret": "given", "certificate": False},
        "local_tls": {"server_name": "store.internal", "ca": "eu.crt"},
    },
}


def secret(texts: Mapping[str, str], **labels: str) -> dict[str, Any]:
    """A live Secret."""
    data = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    return {"metadata": {"labels": labels}, "data": data}


def told(instances: dict[str, Any], warnings: list[str] | None = None, **secrets: Any) -> list[str]:
    """What is said of these Secrets: texts by key, or a whole object."""
    there = {name: each if each is None or "metadata" in each else secret(each) for name, each in secrets.items()}
    stack = parse({"cluster": "eu", "instances": instances})
    found = unfit(stack, there, NOW, [] if warnings is None else warnings)
    assert "PRIVATE" not in str(found)
    return list(map(str, found))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {**GIVEN, "tls.key": CA.key},
            "the certificate in given does not match the key beside it; make the Secret ane",
        ),
        ({**GIVEN, "tls.crt": "nonsense"}, "the certificate in given holds no certificate in PEM form"),
        ({**GIVEN, "tls.key": "nonsense"}, "the key in given holds no private key in PEM form"),
        (leaf(CA, now=NOW - 99 * DAY), "expired on 2026-02-20 12:00 UTC; give one that is valid."),
        (leaf(CA, now=NOW + DAY), "is not valid before 2026-03-02"),
        (AUTHORITY, "is that of a CA, which no server may use; let the CA sign one for the server."),
        (leaf(CA, names=("a.internal",)), f"is not for {NAME} (its names: a.internal); have it signed for these names"),
        (leaf(CA, "client"), "is not for a server (extendedKeyUsage); have it signed with serverAuth."),
        ({**GIVEN, "ca.crt": OLD.certificate.pem}, "every CA in ca.crt of the Secret given has expired, the last one "),
    ],
)
def test_given_server_certificate_of_no_use_is_refused(given: dict[str, str], sentence: str) -> None:
    found = told(PUBLISHED, given=given)
    assert any(each.startswith("instances.query.grpc_tls.secret: ") and sentence in each for each in found), found
    # What pki made is judged there, and may be renewed by the same run.
    assert told(PUBLISHED, given=secret(given, **{INSTANCE_LABEL: "pki-grpc-server"})) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            leaf(CA),
            "client_tls.secret: the certificate of CN=given,O=o11y.thanos is not for a client (extendedKeyUsage)",
        ),
        (
            leaf(CA, "client", now=NOW - 99 * DAY),
            "client_tls.secret: the certificate of CN=given,O=o11y.thanos expired",
        ),
        (
            {**leaf(CA, "client"), "eu.crt": OLD.certificate.pem},
            "endpoints[0].tls.ca: every CA in eu.crt of the Secret",
        ),
    ],
)
def test_given_client_certificate_of_no_use_is_refused(given: dict[str, str], sentence: str) -> None:
    (found,) = told(READING, given=given)
    assert sentence in found


def test_certificate_of_a_server_is_held_against_what_its_own_queriers_verify() -> None:
    signed = leaf(CA, names=("store.internal",))
    assert told(LOCAL, store=signed, given={"eu.crt": CA.certificate.pem}) == []
    (name,) = told(LOCAL, store=leaf(CA), given={"eu.crt": CA.certificate.pem})
    assert f"is not for store.internal (its names: {NAME})" in name
    (signer,) = told(LOCAL, store=signed, given={"eu.crt": OTHER.certificate.pem})
    assert "was not signed by CN=other" in signer
    assert signer.startswith("instances.store.grpc_tls.secret: ")


def test_what_is_well_or_told_elsewhere_is_not_told() -> None:
    assert told(PUBLISHED, given=GIVEN) == []
    both = {**GIVEN, "ca.crt": OLD.certificate.pem + CA.certificate.pem}
    assert told(PUBLISHED, given=both) == []
    assert told(PUBLISHED, given=None) == []
    assert told(PUBLISHED, given={"tls.crt": "nonsense"}) == []


def test_without_the_library_there_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingLibrary("no cryptography.")

    monkeypatch.setattr(given_certificates, "need_library", missing)
    warnings: list[str] = []
    assert told(PUBLISHED, warnings, given=AUTHORITY) == []
    (warning,) = warnings
    assert warning.startswith("the certificates in given were not looked at: no cryptography.")
