# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Secrets of a host shall hold, from what is asked for and what they hold now. Pure but for new keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .._errors import InvalidInput
from .._findings import Finding, mistake
from . import authority as cas
from . import judge
from .asked import AUTHORITIES, BEGIN, FINISH, SIGNED_BY, SWITCH, Asked, AuthorityAsked, LeafAsked
from .authority import Authority, Past
from .pem import Unreadable
from .texts import MADE_BY_PKI, day, days
from .trust import GENERATION, bundles, generation, trusts
from .x509 import CLIENT, SERVER, Certificate, Pair, belong_together, bundle, read_certificates, sign

SUFFIXES = {"client_ca": "client-ca", "server_ca": "server-ca", "client": "grpc-client", "server": "grpc-server"}
_USAGE = {"client": CLIENT, "server": SERVER}
# Beside a certificate that a CA of ours signed: the CA's own, which may be lost or follow another one.
ISSUER = "issuer.pem"

Data = Mapping[str, str]


@dataclass(frozen=True)
class Live:
    """What is there: ``own`` Secrets of the stack and ``given`` ones, name → key → text, and annotations of the own.

    ``remembered`` are the CAs, by option, that the stack's record knows of.
    """

    own: Mapping[str, Data] = field(default_factory=dict)
    annotations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: Mapping[str, Data] = field(default_factory=dict)
    remembered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Holding:
    """A Secret of ours: which option it is of, and what it shall hold."""

    option: str
    name: str
    data: Data = field(repr=False)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """``result`` is what the task returns beside what it did; no key is in it. ``authorities``: those to remember."""

    secrets: tuple[Holding, ...]
    result: Mapping[str, Any]
    warnings: tuple[str, ...]
    authorities: tuple[str, ...]


def secret_of(stack: str, option: str) -> str:
    """The name of the Secret that an option is about."""
    return f"{stack}-{SUFFIXES[option]}"


def instance_of(option: str) -> str:
    """The instance whose Secret it is."""
    return f"{MADE_BY_PKI}{SUFFIXES[option]}"


def material(asked: Asked, live: Live, now: datetime) -> Material:
    """Raises InvalidInput with everything that is wrong, before anything is changed."""
    found: list[Finding] = []
    warnings: list[str] = []
    has = {name: _authority(asked, name, live, now, found) for name in asked.authorities}
    authorities = {name: each for name, each in has.items() if each}
    leaves = {
        name: leaf
        for name in asked.leaves
        if (leaf := _leaf(asked, name, live, authorities.get(SIGNED_BY[name]), now, found, warnings))
    }
    wanted = [_of_authority(asked, n, each) for n, each in authorities.items() if not asked.authorities[n].secret]
    wanted += [_of_leaf(asked, name, live, leaf, now, found) for name, leaf in leaves.items()]
    if found:
        raise InvalidInput(list(dict.fromkeys(found)))
    for name, each in authorities.items():
        warnings += _about(name, asked.authorities[name], each, now)
    result: dict[str, Any] = {name: bundle(each.trusted) for name, each in authorities.items()}
    result.update({SIGNED_BY[n]: bundle(leaf.trusted) for n, leaf in leaves.items() if SIGNED_BY[n] not in result})
    result["certificates"] = _told(asked, authorities, leaves, now)
    result["secrets"] = {name: secret_of(asked.stack, name) for name in leaves}
    result["rotation"] = {n: SWITCH if each.next else FINISH for n, each in authorities.items() if _turning(each)}
    trusted = {name: trusts(live.own.get(secret_of(asked.stack, name), {})) for name in SIGNED_BY}
    result["trusts"] = {"client": trusted["client"], "server": trusted["server"].get("ca", [])}
    made = tuple(w.option for w in wanted if w.option in AUTHORITIES and w.option not in live.remembered)
    return Material(tuple(wanted), result, tuple(warnings), made)


@dataclass(frozen=True)
class _Leaf:
    """A certificate in use from now on; ``trusted`` are the CAs by which its readers know it."""

    pair: Pair
    trusted: tuple[Certificate, ...]
    issuer: Certificate | None


def _authority(asked: Asked, name: str, live: Live, now: datetime, found: list[Finding]) -> Authority | None:
    wishes = asked.authorities[name]
    also = tuple(judge.authorities(f"{name}.also", wishes.also, now, found)) if wishes.also else ()
    if wishes.secret:
        data = _data(f"{name}.secret", wishes.secret, live, found)
        from_secret = cas.given(name, wishes, data, now, found) if data else None
        return replace(from_secret, also=also) if from_secret else None
    past = _past(asked, name, live)
    label = f"{asked.cluster} {asked.stack} {SUFFIXES[name].replace('-ca', '')} CA"
    kept = cas.own(name, wishes, past, label, now, asked.new_ca, found)
    if kept is None:
        return None
    step, where = asked.steps.get(name, ""), f"rotate.{name}"
    if step == BEGIN:
        kept = cas.begun(kept, where, wishes, label, now, found)
    # Who makes only the CA now signs nothing with it, so it is switched where the certificate is asked for, too.
    elif step == SWITCH and any(SIGNED_BY[leaf] == name for leaf in asked.leaves):
        kept = cas.switched(kept, where, asked.readers.get(name), found)
    elif step == FINISH:
        kept = cas.finished(kept, where, past.leaf, asked.settle, now, found)
    return replace(kept, also=also)


def _past(asked: Asked, name: str, live: Live) -> Past:
    (signed,) = [leaf for leaf, signer in SIGNED_BY.items() if signer == name]
    beside = live.own.get(secret_of(asked.stack, signed), {})
    secret = secret_of(asked.stack, name)
    issuer = _first(beside, ISSUER)
    leaf = _first(beside, "tls.crt") if issuer else None
    remembered = name in live.remembered or ISSUER in beside
    return Past(secret, live.own.get(secret), leaf, issuer, remembered)


def _leaf(
    asked: Asked,
    name: str,
    live: Live,
    signer: Authority | None,
    now: datetime,
    found: list[Finding],
    warnings: list[str],
) -> _Leaf | None:
    wishes = asked.leaves[name]
    if wishes.secret:
        return _given_leaf(name, wishes, live, now, found, warnings)
    if signer is None or signer.signer is None:
        return None
    kept = _kept(live.own.get(secret_of(asked.stack, name), {}))
    known = [signer.certificate, *([signer.next.certificate] if signer.next and not signer.key else [])]
    if kept and not _due(kept.certificate, wishes, _USAGE[name], known, signer.signer, now):
        issuer = next(each for each in known if kept.certificate.signed_by(each))
        return _Leaf(kept, tuple(signer.trusted), issuer)
    if not signer.key:
        warnings.append(
            f"{name}: the key of the CA is lost, so its new one signed this certificate; readers refuse it until they "
            "trust the new one"
        )
    label = f"{asked.cluster} {asked.stack} grpc {name}"
    fresh = sign(signer.signer, label, _USAGE[name], wishes.names, now, wishes.lifetime, asked.cluster)
    return _Leaf(fresh, tuple(signer.trusted), signer.signer.certificate)


def _due(
    kept: Certificate, wishes: LeafAsked, usage: str, known: list[Certificate], signer: Pair, now: datetime
) -> bool:
    """Whether a certificate has to be signed anew."""
    if now < kept.not_before or now >= kept.not_after or kept.is_ca or usage not in kept.usages:
        return True
    if kept.names != set(wishes.names) or not any(kept.signed_by(each) for each in known):
        return True
    # One that ends with its CA would end no later when it is signed anew.
    return now >= kept.not_after - wishes.renew_before and signer.certificate.not_after > kept.not_after


def _given_leaf(
    name: str, wishes: LeafAsked, live: Live, now: datetime, found: list[Finding], warnings: list[str]
) -> _Leaf | None:
    where = f"{name}.secret"
    data = _data(where, wishes.secret, live, found)
    missing = [key for key in ("tls.crt", "tls.key") if data and not data.get(key)]
    if missing:
        what = f"the Secret {wishes.secret} has no {' and no '.join(missing)}"
        found.append(mistake("certificate-missing", where, what, "it must have the keys that cert-manager gives it"))
    if not data or missing:
        return None
    pair = judge.pair(where, wishes.secret, data["tls.crt"], data["tls.key"], found)
    text = wishes.ca or data.get("ca.crt", "")
    if not text:
        what = f"the Secret {wishes.secret} has no ca.crt, so nothing tells by which CA others know the certificate"
        found.append(mistake("option-incomplete", f"{name}.ca", what, "give the certificate of that CA"))
    if pair is None or not text:
        return None
    trusted = judge.authorities(f"{name}.ca" if wishes.ca else where, text, now, found)
    found.extend(judge.leaf(where, pair, _USAGE[name], wishes.names, trusted, now))
    left = pair.certificate.not_after - now
    if left < wishes.renew_before:
        warnings.append(
            f"{where}: the certificate in {wishes.secret} ends in {days(left)}, on {day(pair.certificate.not_after)}, "
            "and whoever makes it has not renewed it"
        )
    return _Leaf(pair, tuple(trusted), None)


def _of_authority(asked: Asked, name: str, each: Authority) -> Holding:
    return Holding(name, secret_of(asked.stack, name), each.data())


def _of_leaf(asked: Asked, name: str, live: Live, leaf: _Leaf, now: datetime, found: list[Finding]) -> Holding:
    secret = secret_of(asked.stack, name)
    before = live.own.get(secret, {})
    trust = bundles(name, asked.leaves[name], before, now, found)
    data = {"tls.crt": leaf.pair.chain, "tls.key": leaf.pair.key, **trust}
    if leaf.issuer:
        data[ISSUER] = leaf.issuer.pem
    if name != "client":
        return Holding(name, secret, data)
    number = generation(live.annotations.get(secret, {}).get(GENERATION, ""), before, trust)
    return Holding(name, secret, data, {GENERATION: str(number)})


def _kept(data: Data) -> Pair | None:
    """The certificate of a Secret of ours with its key; None where it is of no use and is made anew."""
    try:
        certificate = read_certificates(data.get("tls.crt", ""))[0]
        return Pair(certificate, data["tls.key"]) if belong_together(certificate, data.get("tls.key", "")) else None
    except Unreadable:
        return None


def _first(data: Data, key: str) -> Certificate | None:
    try:
        return read_certificates(data.get(key, ""))[0]
    except Unreadable:
        return None


def _data(where: str, secret: str, live: Live, found: list[Finding]) -> Data:
    data = live.given.get(secret, {})
    if not data:
        what = f"the Secret {secret} does not exist in the stack's namespace, or is empty"
        found.append(mistake("certificate-missing", where, what, "make it first"))
    return data


def _turning(each: Authority) -> bool:
    return bool(each.next or each.previous)


def _about(name: str, wishes: AuthorityAsked, each: Authority, now: datetime) -> list[str]:
    """What to know about a CA."""
    told = []
    left = each.certificate.not_after - now
    if left < wishes.warn_before and not each.next:
        how = (
            f"the Secret {wishes.secret} needs another one" if wishes.secret else f"rotate it (rotate.{name}: {BEGIN})"
        )
        told.append(f"{name}: the CA ends in {days(left)}, on {day(each.certificate.not_after)}: {how}")
    if each.next:
        told.append(
            f"{name}: a rotation has begun; when every reader has been given the next CA, go on with {SWITCH} "
            f"(rotate.{name}: {SWITCH})"
        )
    elif each.previous:
        told.append(f"{name}: readers still trust the previous CA until {FINISH} (rotate.{name}: {FINISH})")
    return told


def _told(
    asked: Asked, authorities: Mapping[str, Authority], leaves: Mapping[str, _Leaf], now: datetime
) -> list[dict[str, Any]]:
    """A row for every certificate of the host."""
    found: list[tuple[str, str, Certificate]] = []
    for name, each in authorities.items():
        secret = asked.authorities[name].secret or secret_of(asked.stack, name)
        found.append((name, secret, each.certificate))
        if each.next:
            found.append((f"{name} next", secret, each.next.certificate))
        if each.previous:
            found.append((f"{name} previous", secret, each.previous))
    for name, leaf in leaves.items():
        found.append((name, asked.leaves[name].secret or secret_of(asked.stack, name), leaf.pair.certificate))
    return [_row(*row, now) for row in found]


def _row(name: str, secret: str, each: Certificate, now: datetime) -> dict[str, Any]:
    return {
        "name": name,
        "secret": secret,
        "subject": each.subject,
        "issuer": each.issuer,
        "not_after": each.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "days": (each.not_after - now).days,
        "fingerprint": each.fingerprint,
    }
