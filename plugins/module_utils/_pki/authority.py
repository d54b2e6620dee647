# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA that a host keeps in a Secret of its stack: read, made, and replaced in steps. Pure but for new keys.

A rotation takes three steps, since readers read the certificates of CAs when they start, and pods are given a changed
Secret late: ``begin`` makes the next CA, which readers are told of; ``switch`` lets it sign; ``finish`` ends the trust
in the previous one. Each step changes nothing when it is done already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .._findings import Finding, mistake
from . import judge
from .asked import BEGIN, FINISH, AuthorityAsked
from .pem import Unreadable
from .texts import day
from .x509 import BACKDATED, Certificate, Pair, make_authority, read_certificates

_ORDER = "rotation-order"
# The option in sentences, which a role takes from a variable.
_NAMES = ("new_ca",)


@dataclass(frozen=True)
class Authority:
    """A CA: ``key`` is empty where it is lost. ``next`` is what a rotation goes to, ``previous`` what it came from."""

    certificate: Certificate
    key: str = field(repr=False)
    next: Pair | None = None
    previous: Certificate | None = None
    also: tuple[Certificate, ...] = ()

    @property
    def signer(self) -> Pair | None:
        """Who signs a certificate that is due now."""
        return Pair(self.certificate, self.key) if self.key else self.next

    @property
    def trusted(self) -> list[Certificate]:
        """The certificates that readers shall trust."""
        further = [self.next.certificate if self.next else None, self.previous]
        return [self.certificate, *(each for each in further if each), *self.also]

    def data(self) -> dict[str, str]:
        """Its Secret."""
        data = {"ca.crt": self.certificate.pem}
        if self.key:
            data["ca.key"] = self.key
        if self.next:
            data.update({"next.crt": self.next.certificate.pem, "next.key": self.next.key})
        if self.previous:
            data["previous.crt"] = self.previous.pem
        return data


@dataclass(frozen=True)
class Past:
    """What is known of a CA from earlier runs.

    ``data`` is its Secret, None where there is none. ``leaf`` is the certificate that it signed last, and ``issuer``
    its own certificate as it stands beside that one. ``remembered``: there was such a CA, whatever is left of it.
    """

    secret: str
    data: Mapping[str, str] | None = None
    leaf: Certificate | None = None
    issuer: Certificate | None = None
    remembered: bool = False


def given(
    where: str, asked: AuthorityAsked, data: Mapping[str, str], now: datetime, found: list[Finding]
) -> Authority | None:
    """The CA of a Secret that somebody else makes, in our keys or those of cert-manager."""
    certificate, key = ("ca.crt", "ca.key") if "ca.key" in data else ("tls.crt", "tls.key")
    missing = [name for name in (certificate, key) if not data.get(name)]
    if missing:
        what = f"the Secret {asked.secret} has no {' and no '.join(missing)}"
        advice = "it must hold the CA's certificate and key, as ca.crt and ca.key or as tls.crt and tls.key"
        found.append(mistake("certificate-missing", f"{where}.secret", what, advice))
        return None
    pair = judge.pair(f"{where}.secret", asked.secret, data[certificate], data[key], found)
    if pair is None:
        return None
    found.extend(judge.authority(f"{where}.secret", pair, now))
    return Authority(pair.certificate, pair.key)


def own(
    where: str, asked: AuthorityAsked, past: Past, label: str, now: datetime, new_ca: bool, found: list[Finding]
) -> Authority | None:
    """The CA of the stack's own Secret; a new one where there never was one, or ``new_ca`` is set and it is lost."""
    broken: list[Finding] = []
    kept = _read(where, past, now, broken)
    if kept:
        return kept
    if (past.remembered or broken) and not new_ca:
        found.extend(broken or [_lost(where, past)])
        return None
    fresh = make_authority(label, now, asked.lifetime)
    old = _certificate(past.data or {}, "ca.crt") or past.issuer
    if old is None or not old.is_ca or now >= old.not_after:
        return Authority(fresh.certificate, fresh.key)
    if past.leaf and past.leaf.signed_by(old) and now < past.leaf.not_after:
        # As a rotation: until readers know the new one, the certificate that the lost one signed is of use.
        return Authority(old, "", next=fresh)
    return Authority(fresh.certificate, fresh.key, previous=old)


def _lost(where: str, past: Past) -> Finding:
    what = f"the Secret {past.secret} with the CA is gone, although certificates of it are in use"
    advice = (
        "put it back from a backup; or set new_ca to true for a new CA, which each reader of this cluster must be "
        "given before certificates of it work"
    )
    return mistake("authority-lost", where, what, advice, names=_NAMES)


def _read(where: str, past: Past, now: datetime, broken: list[Finding]) -> Authority | None:
    """The CA as its Secret has it; None where there is none, with the reason in ``broken`` where it is of no use."""
    data = past.data or {}
    if not data:
        return None
    following: Pair | None = None
    if data.get("next.crt") and data.get("next.key"):
        following = judge.pair(where, f"{past.secret} (next.crt)", data["next.crt"], data["next.key"], broken)
    certificate = _certificate(data, "ca.crt")
    previous = _certificate(data, "previous.crt")
    if certificate and not data.get("ca.key") and following:
        return Authority(certificate, "", following, previous)
    missing = [name for name in ("ca.crt", "ca.key") if not data.get(name)]
    if missing:
        what = f"the Secret {past.secret} has no {' and no '.join(missing)}"
        advice = "put it back from a backup, or set new_ca to true for a new CA"
        broken.append(mistake("certificate-missing", where, what, advice, names=_NAMES))
        return None
    current = judge.pair(where, past.secret, data["ca.crt"], data["ca.key"], broken)
    if current is None:
        return None
    problems = judge.authority(where, current, now)
    if problems:
        advice = "put it back from a backup, or set new_ca to true for a new CA"
        broken.extend(replace(each, advice=advice, names=_NAMES) for each in problems)
        return None
    return Authority(current.certificate, current.key, following, previous)


def _certificate(data: Mapping[str, str], key: str) -> Certificate | None:
    try:
        return read_certificates(data.get(key, ""))[0]
    except Unreadable:
        return None


def begun(
    authority: Authority, where: str, asked: AuthorityAsked, label: str, now: datetime, found: list[Finding]
) -> Authority:
    """After the first step: there is a next CA, and readers shall trust both."""
    if authority.next:
        return authority
    if authority.previous:
        what = "the last rotation is not finished: readers still trust the CA before this one"
        found.append(mistake(_ORDER, where, what, f"do '{FINISH}' first"))
        return authority
    return replace(authority, next=make_authority(label, now, asked.lifetime))


def switched(
    authority: Authority, where: str, readers: Mapping[str, tuple[str, ...]] | None, found: list[Finding]
) -> Authority:
    """After the second step: the next CA signs. Refused until every reader is known to trust it."""
    if authority.next is None:
        if authority.previous is None:
            what = "there is no next CA to switch to"
            found.append(mistake(_ORDER, where, what, f"do '{BEGIN}' first, and let it reach every reader"))
        return authority
    if readers is None:
        what = "whether readers trust the next CA is not known"
        name = where.rpartition(".")[2]
        advice = f"say it in readers.{name}: each host with the fingerprints that its result 'trusts' has"
        found.append(mistake("option-incomplete", where, what, advice))
        return authority
    behind = sorted(host for host, known in readers.items() if authority.next.certificate.fingerprint not in known)
    if behind:
        what = f"{', '.join(behind)} {'does' if len(behind) == 1 else 'do'} not trust the next CA yet"
        found.append(
            mistake(_ORDER, where, what, f"deploy there with '{BEGIN}' first; a switch now would lock them out")
        )
        return authority
    return Authority(authority.next.certificate, authority.next.key, previous=authority.certificate)


def finished(
    authority: Authority,
    where: str,
    leaf: Certificate | None,
    settle: timedelta,
    now: datetime,
    found: list[Finding],
) -> Authority:
    """After the third step: the previous CA is trusted no longer. Refused while its certificate may be in use."""
    if authority.next:
        what = "the next CA does not sign yet"
        found.append(mistake(_ORDER, where, what, "do 'switch' first"))
        return authority
    if authority.previous is None:
        return authority
    if leaf and not leaf.signed_by(authority.certificate):
        what = "the certificate in use is still one of the previous CA"
        found.append(mistake(_ORDER, where, what, "do 'switch' again, which signs a new one"))
        return authority
    ready = leaf.not_before + BACKDATED + settle if leaf else now
    if now < ready:
        what = f"pods may not have been given the certificate of the new CA before {day(ready)}"
        found.append(mistake(_ORDER, where, what, "run it again then (settle says how long they may take)"))
        return authority
    return replace(authority, previous=None)
