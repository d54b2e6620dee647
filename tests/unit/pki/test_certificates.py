# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is signed passes the strictest of what reads it: Python's strict verification, and openssl's."""

from __future__ import annotations

import ssl
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest import mock

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import MissingLibrary
from ansible_collections.o11y.thanos.plugins.module_utils._pki.pem import Unreadable
from ansible_collections.o11y.thanos.plugins.module_utils._pki.x509 import (
    Pair,
    belong_together,
    bundle,
    make_authority,
    need_library,
    read_certificates,
    sign,
)
from tests.support.certificates import DAY, NAME

NOW = datetime.now(timezone.utc)


def pair(usage: str, ca: Pair) -> Pair:
    return sign(ca, usage, usage, [NAME, "10.0.0.7"] if usage == "server" else [], NOW, 90 * DAY)


def context(own: Pair, trusted: Pair, purpose: ssl.Purpose, folder: Path) -> ssl.SSLContext:
    """A side of a connection that demands the other's certificate, as Python 3.13 does."""
    made = ssl.create_default_context(purpose, cadata=trusted.certificate.pem)
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    file = folder / "own.pem"
    file.write_text(own.certificate.pem + own.key, encoding="utf-8")
    made.load_cert_chain(file)
    return made


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """Raises SSLError where one of both refuses the other."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _round in range(6):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize("name", [NAME, "10.0.0.7"])
def test_strict_verification_accepts_both_sides(tmp_path: Path, name: str) -> None:
    hub, edge = make_authority("hub", NOW, 10 * DAY), make_authority("edge", NOW, 10 * DAY)
    client = context(pair("client", hub), edge, ssl.Purpose.SERVER_AUTH, tmp_path)
    server = context(pair("server", edge), hub, ssl.Purpose.CLIENT_AUTH, tmp_path)
    shake_hands(client, server, name)


def test_another_name_and_another_ca_are_refused(tmp_path: Path) -> None:
    hub, edge, other = (make_authority(name, NOW, 10 * DAY) for name in ("hub", "edge", "hub"))
    client = context(pair("client", hub), edge, ssl.Purpose.SERVER_AUTH, tmp_path)
    server = context(pair("server", edge), hub, ssl.Purpose.CLIENT_AUTH, tmp_path)
    with pytest.raises(ssl.SSLError, match="Hostname mismatch"):
        shake_hands(client, server, "query.other.internal")
    stranger = context(pair("client", other), edge, ssl.Purpose.SERVER_AUTH, tmp_path)
    with pytest.raises(ssl.SSLError, match="certificate verify failed"):
        shake_hands(stranger, server, NAME)
    swapped = context(pair("server", hub), edge, ssl.Purpose.SERVER_AUTH, tmp_path)
    with pytest.raises(ssl.SSLError, match="certificate purpose"):
        shake_hands(swapped, server, NAME)


@pytest.mark.parametrize("usage", ["server", "client"])
def test_openssl_accepts_what_is_signed(tmp_path: Path, usage: str) -> None:
    ca = make_authority("eu " * 40, NOW, 10 * DAY)
    own = pair(usage, ca)
    (tmp_path / "ca").write_text(ca.certificate.pem, encoding="utf-8")
    (tmp_path / "own").write_text(own.certificate.pem, encoding="utf-8")
    command = ["openssl", "verify", "-x509_strict", "-purpose", f"ssl{usage}", "-CAfile", "ca", "own"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_certificate_ends_with_its_ca_and_begins_before_now() -> None:
    ca = make_authority("eu", NOW, 10 * DAY)
    own = pair("server", ca)
    assert own.certificate.not_after == ca.certificate.not_after
    assert timedelta(minutes=4) < NOW - own.certificate.not_before < timedelta(minutes=6)
    assert own.certificate.names == {NAME, "10.0.0.7"}
    assert own.certificate.signed_by(ca.certificate)
    assert belong_together(own.certificate, own.key)
    assert not belong_together(own.certificate, ca.key)


def test_bundle_depends_on_the_certificates_alone() -> None:
    one, two = (make_authority("eu", NOW, DAY).certificate for _number in range(2))
    assert one.subject != two.subject
    assert bundle([one, two]) == bundle([two, one, two])
    assert {each.fingerprint for each in read_certificates(bundle([one, two]))} == {one.fingerprint, two.fingerprint}


CA = make_authority("eu", NOW, DAY)
BAD = {
    "torn": (CA.certificate.pem[:200], "is torn"),
    "garbage": ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is torn, or is no certificate"),
    "empty": ("", "holds no certificate"),
    "key": (CA.certificate.pem + CA.key, "holds a private key"),
    "request": (
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
        "a block 'CERTIFICATE R",
    ),
}


@pytest.mark.parametrize(("text", "clause"), BAD.values(), ids=BAD)
def test_text_without_certificates_in_whole_is_refused(text: str, clause: str) -> None:
    with pytest.raises(Unreadable, match=clause):
        read_certificates(text)


BAD_KEYS = {
    "certificate": (CA.certificate.pem, "no private key"),
    "two": (CA.key + CA.key, "2 private keys"),
    "encrypted": (CA.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "encrypted"),
    "garbage": ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "is torn"),
}


@pytest.mark.parametrize(("text", "clause"), BAD_KEYS.values(), ids=BAD_KEYS)
def test_text_without_one_key_is_refused(text: str, clause: str) -> None:
    with pytest.raises(Unreadable, match=clause):
        belong_together(CA.certificate, text)


def test_key_is_shown_by_no_representation() -> None:
    assert "PRIVATE" not in repr(CA)
    assert CA.key.splitlines()[1] not in repr(CA)


def test_missing_library_is_a_sentence() -> None:
    with (
        mock.patch.dict(sys.modules, {"cryptography": None}),
        pytest.raises(MissingLibrary, match="pip install 'cryptography>=42'"),
    ):
        need_library()


def test_old_library_is_a_sentence() -> None:
    with mock.patch("cryptography.x509.Certificate", object), pytest.raises(MissingLibrary, match="42 or later"):
        need_library()
