# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and keys: made, signed and read. The only file that knows the library ``cryptography``.

It is imported where it is used: a task that has nothing to do with certificates does without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from .._errors import MissingLibrary
from .pem import Unreadable, certificate_blocks, key_block

if TYPE_CHECKING:
    from cryptography import x509

_NEEDED = "pip install 'cryptography>=42'"
# Clocks of clusters differ: a certificate is valid from a little before it is made.
BACKDATED = timedelta(minutes=5)
# Longer names are refused by x509 itself.
_LONGEST_NAME = 64
SERVER, CLIENT = "server", "client"


@dataclass(frozen=True)
class Certificate:
    """A certificate that was read. ``pem`` is its text in one canonical form."""

    pem: str
    fingerprint: str
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    is_ca: bool
    names: frozenset[str]
    usages: frozenset[str]
    raw: Any = field(repr=False, compare=False)

    def signed_by(self, authority: Certificate) -> bool:
        """Whether the key of ``authority`` signed this certificate."""
        from cryptography.exceptions import InvalidSignature

        try:
            self.raw.verify_directly_issued_by(authority.raw)
        except (InvalidSignature, TypeError, ValueError):
            return False
        return True

    @cached_property
    def public_key(self) -> bytes:
        """Its public key, to compare with another one."""
        return _public_bytes(self.raw.public_key())


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key as PEM text, which no representation shows.

    ``chain``: the certificate as it came, with those that follow it; of one that is made here nothing follows.
    """

    certificate: Certificate
    key: str = field(repr=False)
    given: str = field(default="", repr=False)

    @property
    def chain(self) -> str:
        """PEM text of the certificate and of those that follow it."""
        return self.given or self.certificate.pem


def need_library() -> None:
    """Raises MissingLibrary where ``cryptography`` is not there, or too old."""
    try:
        import cryptography
        from cryptography import x509
    except ImportError:
        raise MissingLibrary(
            f"certificates need the Python package cryptography where the task runs: {_NEEDED}."
        ) from None
    if not hasattr(x509.Certificate, "not_valid_before_utc"):
        raise MissingLibrary(
            f"certificates need the Python package cryptography 42 or later, and this is {cryptography.__version__}: "
            f"{_NEEDED}."
        )


def read_certificates(text: str) -> list[Certificate]:
    """Every certificate of a text, in its order. Raises Unreadable."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return [_certificate(x509.load_pem_x509_certificate(block.encode())) for block in certificate_blocks(text)]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Unreadable("is torn, or is no certificate of X.509") from None


def bundle(certificates: Iterable[Certificate]) -> str:
    """PEM text of certificates, each once, in an order that depends on them alone."""
    each = {certificate.fingerprint: certificate.pem for certificate in certificates}
    return "".join(each[fingerprint] for fingerprint in sorted(each))


def belong_together(certificate: Certificate, key: str) -> bool:
    """Whether a private key (PEM) is that of the certificate. Raises Unreadable where it is no key."""
    return _public_bytes(_load_key(key).public_key()) == certificate.public_key


def make_authority(name: str, now: datetime, lifetime: timedelta) -> Pair:
    """A new CA that signs itself; ``name`` is followed by a part of its key's id, so that no two are alike."""
    from cryptography import x509

    key = _new_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    short = identifier.digest.hex()[:8]
    subject = _name(f"{name[: _LONGEST_NAME - 9]} {short}")
    builder = _builder(subject, subject, key.public_key(), now, now + lifetime)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs=True), critical=True)
    builder = builder.add_extension(_authority_id(identifier), critical=False)
    return _signed(builder, key, key)


def sign(
    authority: Pair, name: str, usage: str, names: Iterable[str], now: datetime, lifetime: timedelta, unit: str = ""
) -> Pair:
    """A new key with a certificate for a server or a client; it ends with the authority's at the latest.

    ``unit`` is its organizational unit, of which a server may make who the client is.
    """
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    issuer = authority.certificate
    end = min(now + lifetime, issuer.not_after)
    key = _new_key()
    subject = _name(name[:_LONGEST_NAME], unit[:_LONGEST_NAME])
    builder = _builder(subject, issuer.raw.subject, key.public_key(), now, end)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs=False), critical=True)
    oid = {SERVER: ExtendedKeyUsageOID.SERVER_AUTH, CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH}[usage]
    builder = builder.add_extension(x509.ExtendedKeyUsage([oid]), critical=False)
    builder = builder.add_extension(_authority_id(_identifier(issuer.raw)), critical=False)
    general = [_general_name(each) for each in sorted(set(names))]
    if general:
        builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    return _signed(builder, key, _load_key(authority.key))


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: Any, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before((now - BACKDATED).replace(microsecond=0))
        .not_valid_after(end.replace(microsecond=0))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _signed(builder: x509.CertificateBuilder, key: Any, signer: Any) -> Pair:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
    from cryptography.hazmat.primitives.hashes import SHA256

    # These two have their digest built in.
    digest = None if isinstance(signer, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)) else SHA256()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(_certificate(builder.sign(signer, digest)), text.decode())


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _identifier(authority: x509.Certificate) -> x509.SubjectKeyIdentifier:
    """The key id of an authority, as its own certificate tells it where it does."""
    from cryptography import x509

    try:
        return authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.SubjectKeyIdentifier.from_public_key(authority.public_key())


def _authority_id(identifier: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    from cryptography import x509

    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _name(text: str, unit: str = "") -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "o11y.thanos")
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    return x509.Name([organization, *units, x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(text: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _load_key(text: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(key_block(text).encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Unreadable("is torn, or holds a private key of an unknown kind") from None


def _public_bytes(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    found: bytes = key.public_bytes(serialization.Encoding.DER, form)
    return found


def _certificate(raw: x509.Certificate) -> Certificate:
    """Raises ValueError where an extension cannot be read."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.hashes import SHA256

    return Certificate(
        pem=raw.public_bytes(serialization.Encoding.PEM).decode(),
        fingerprint=raw.fingerprint(SHA256()).hex(),
        subject=_readable(raw.subject),
        issuer=_readable(raw.issuer),
        not_before=raw.not_valid_before_utc,
        not_after=raw.not_valid_after_utc,
        is_ca=_is_ca(raw),
        names=_names(raw),
        usages=_usages(raw),
        raw=raw,
    )


def _readable(name: x509.Name) -> str:
    # A name from outside may hold anything, such as the end of a line.
    return re.sub(r"[^ -~]", "?", name.rfc4514_string())


def _is_ca(raw: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return raw.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _names(raw: x509.Certificate) -> frozenset[str]:
    from cryptography import x509

    try:
        names = raw.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = names.get_values_for_type(x509.IPAddress)
    return frozenset([*names.get_values_for_type(x509.DNSName), *map(str, addresses)])


def _usages(raw: x509.Certificate) -> frozenset[str]:
    """What it may be used for, of server and client; both where it does not say."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        oids = set(raw.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return frozenset((SERVER, CLIENT))
    known = {SERVER: ExtendedKeyUsageOID.SERVER_AUTH, CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH}
    anything = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in oids
    return frozenset(usage for usage, oid in known.items() if anything or oid in oids)
