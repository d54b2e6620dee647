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
from typing import Any

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._threads import in_threads

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
def serving(
    certificate: Path, clients: Path | None = None, handler: type[http.server.BaseHTTPRequestHandler] = _Version
) -> Iterator[str]:
    """An API server that tells its version, in TLS; ``clients`` is the CA of those it answers, None answers all."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
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


def test_connections_side_by_side_load_the_certificate_of_a_client_into_contexts_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = Authority(tmp_path, "old")
    pair = ca.issue(tmp_path)
    meet = threading.Barrier(4)
    loaded: list[ssl.SSLContext] = []
    load = ssl.SSLContext.load_cert_chain

    class Together(_Version):
        def do_GET(self) -> None:
            meet.wait()
            super().do_GET()

    def noted(context: ssl.SSLContext, *files: Any) -> None:
        loaded.append(context)
        load(context, *files)

    with serving(pair, ca.file, Together) as url:
        monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", noted)
        files = {"ca_cert": str(ca.file), "client_cert": str(pair), "client_key": str(pair)}
        client = connect({"host": url, **files})
        answers = in_threads(lambda _number: client.request("GET", "/version").body, range(4))
    assert answers == [{"gitVersion": "v1.36.0"}] * 4
    assert len({id(context) for context in loaded}) == len(loaded) == 4


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
