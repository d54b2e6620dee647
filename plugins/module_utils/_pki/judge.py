# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with certificates that are given: sentences for whoever gave them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from .._findings import Finding, mistake
from .pem import Unreadable
from .texts import certificates_of, day
from .x509 import Certificate, Pair, belong_together, read_certificates

_UNFIT = "certificate-unfit"


def authorities(where: str, text: str, now: datetime, found: list[Finding]) -> list[Certificate]:
    """The CA certificates of a text that readers shall trust; what is wrong with it is appended to ``found``."""
    try:
        certificates = read_certificates(text)
    except Unreadable as error:
        found.append(certificates_of(where, error))
        return []
    for each in certificates:
        found.extend(_dates(where, each, now))
        if not each.is_ca:
            what = f"the certificate of {each.subject} is not that of a CA"
            found.append(mistake(_UNFIT, where, what, "give the certificate of the CA that signed it"))
    return certificates


def pair(where: str, secret: str, certificate: str, key: str, found: list[Finding]) -> Pair | None:
    """A certificate with its key from texts of a Secret; the first certificate is the one that the key is of."""
    advice = "make the Secret anew from one certificate and its key"
    try:
        first = read_certificates(certificate)[0]
    except Unreadable as error:
        found.append(mistake("certificate-unreadable", where, f"the certificate in {secret} {error}", advice))
        return None
    try:
        if belong_together(first, key):
            # What follows the first one are the CAs between it and what readers trust.
            return Pair(first, key, certificate)
        found.append(mistake(_UNFIT, where, f"the certificate in {secret} does not match the key beside it", advice))
    except Unreadable as error:
        found.append(mistake("certificate-unreadable", where, f"the key in {secret} {error}", advice))
    return None


def authority(where: str, given: Pair, now: datetime) -> list[Finding]:
    """What is wrong with a CA that shall sign."""
    found = _dates(where, given.certificate, now)
    if not given.certificate.is_ca:
        what = f"the certificate of {given.certificate.subject} is not that of a CA, and can sign nothing"
        found.append(mistake(_UNFIT, where, what, "name the Secret of the CA (basicConstraints CA:TRUE)"))
    return found


def leaf(
    where: str,
    given: Pair,
    usage: str,
    names: Collection[str],
    trusted: Iterable[Certificate],
    now: datetime,
) -> list[Finding]:
    """What is wrong with a certificate for a server or a client that is given; ``trusted`` are its readers' CAs."""
    certificate = given.certificate
    found = _dates(where, certificate, now)
    if certificate.is_ca:
        what = f"the certificate of {certificate.subject} is that of a CA, which no {usage} may use"
        found.append(mistake(_UNFIT, where, what, f"let the CA sign one for the {usage}"))
    missing = sorted(name for name in names if not _covers(certificate.names, name))
    if missing:
        have = ", ".join(sorted(certificate.names)) or "none"
        what = f"the certificate of {certificate.subject} is not for {', '.join(missing)} (its names: {have})"
        found.append(mistake(_UNFIT, where, what, "have it signed for these names (subjectAltName)"))
    if usage not in certificate.usages:
        what = f"the certificate of {certificate.subject} is not for a {usage} (extendedKeyUsage)"
        found.append(mistake(_UNFIT, where, what, f"have it signed with {usage}Auth"))
    known = list(trusted)
    if known and not _chained([certificate, *read_certificates(given.chain)[1:]], known):
        signers = ", ".join(sorted({each.subject for each in known}))
        what = f"the certificate of {certificate.subject} was not signed by {signers}, but by {certificate.issuer}"
        found.append(mistake(_UNFIT, where, what, "give the CA that signed it"))
    return found


def _chained(chain: list[Certificate], trusted: list[Certificate]) -> bool:
    """Whether the certificate, by those that follow it, comes from one of ``trusted``."""
    for this, above in zip(chain, [*chain[1:], None], strict=True):
        if any(this.signed_by(each) for each in trusted):
            return True
        if above is None or not this.signed_by(above):
            return False
    return False


def _covers(names: Collection[str], wanted: str) -> bool:
    """Whether a name is among those of a certificate, of which the first label may be ``*``."""
    return wanted in names or f"*.{wanted.partition('.')[2]}" in names


def _dates(where: str, certificate: Certificate, now: datetime) -> list[Finding]:
    subject = certificate.subject
    if now >= certificate.not_after:
        what = f"the certificate of {subject} expired on {day(certificate.not_after)}"
        return [mistake(_UNFIT, where, what, "give one that is valid")]
    if now < certificate.not_before:
        what = f"the certificate of {subject} is not valid before {day(certificate.not_before)}"
        advice = f"wait, or look at the clocks: the API server's says {day(now)}"
        return [mistake(_UNFIT, where, what, advice)]
    return []
