# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of API servers whose CA has no key identifiers, with the strictness of Python 3.13."""

from __future__ import annotations

import datetime
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc)


class Authority:
    """A CA as old tools make it: it says that it is one, and nothing else."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        basic = x509.BasicConstraints(ca=True, path_length=None)
        certificate = self._builder(self.name, self.key.public_key(), NOW + DAY).add_extension(basic, critical=True)
        self.file = folder / f"{name}.pem"
        signed = certificate.sign(self.key, hashes.SHA256())
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def issue(self, folder: Path, address: str = "127.0.0.1", until: datetime.datetime = NOW + DAY) -> Path:
        """A file with a server's certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        builder = self._builder(subject, key.public_key(), until).add_extension(names, critical=False)
        form = serialization.PrivateFormat.PKCS8
        pem = serialization.Encoding.PEM
        file = folder / "server.pem"
        file.write_bytes(
            builder.sign(self.key, hashes.SHA256()).public_bytes(pem)
            + key.private_bytes(pem, form, serialization.NoEncryption())
        )
        return file

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime.datetime
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        numbered = builder.serial_number(x509.random_serial_number())
        return numbered.not_valid_before(NOW - 3 * DAY).not_valid_after(until)


class _Version(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"gitVersion": "v1.36.0"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(certificate: Path) -> Iterator[str]:
    """An API server that tells its version, in TLS."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Version)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contexts that urllib3 makes are as strict as on Python 3.13."""
    monkeypatch.setattr("urllib3.util.ssl_.sys", SimpleNamespace(version_info=(3, 13)))


def asked(url: str, **options: str) -> object:
    return connect({"host": url, "api_key": "none", **options}).request("GET", "/version").body


def test_a_ca_without_key_identifiers_is_taken_as_kubectl_does(tmp_path: Path) -> None:
    ca = Authority(tmp_path, "old")
    with serving(ca.issue(tmp_path)) as url:
        strict = urllib3.PoolManager(ca_certs=str(ca.file), retries=False)
        with pytest.raises(urllib3.exceptions.SSLError, match="Missing Authority Key Identifier"):
            strict.request("GET", f"{url}/version")
        assert asked(url, ca_cert=str(ca.file)) == {"gitVersion": "v1.36.0"}


def test_skipping_verification_still_works(tmp_path: Path) -> None:
    ca = Authority(tmp_path, "old")
    with serving(ca.issue(tmp_path)) as url:
        assert asked(url, validate_certs="false") == {"gitVersion": "v1.36.0"}


@pytest.mark.parametrize(
    ("address", "until", "issuer", "said"),
    [
        ("127.0.0.2", NOW + DAY, "old", "IP address mismatch"),
        ("127.0.0.1", NOW - DAY, "old", "certificate has expired"),
        ("127.0.0.1", NOW + DAY, "other", "certificate verify failed"),
        ("127.0.0.1", NOW + DAY, "", "certificate verify failed"),
    ],
)
def test_chain_dates_and_name_are_verified(
    tmp_path: Path, address: str, until: datetime.datetime, issuer: str, said: str
) -> None:
    authorities = {name: Authority(tmp_path, name) for name in ("old", "other")}
    trusted = {"ca_cert": str(authorities[issuer].file)} if issuer else {}
    with serving(authorities["old"].issue(tmp_path, address, until)) as url, pytest.raises(Failure, match=said):
        asked(url, **trusted)
