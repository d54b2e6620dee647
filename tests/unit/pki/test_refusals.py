# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and options that are of no use: the sentence for each, and that none quotes a key."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from tests.support.certificates import DAY, NAME, NOW, Host, authority, edge, leaf

CA = authority("somebody")
PEM = CA.certificate.pem
OTHER = authority("other")
SERVED = {"names": [NAME], "trust": [PEM]}
OLD = authority("old", NOW - 20 * DAY, 10 * DAY)
COMING = authority("coming", NOW + 20 * DAY)
AUTHORITY = {"ca.crt": PEM, "ca.key": CA.key}

GIVEN: dict[str, tuple[dict[str, str], str]] = {
    "no Secret": ({}, "server.secret: the Secret given does not exist in the stack's namespace, or is empty; make it"),
    "no key": ({"tls.crt": PEM}, "server.secret: the Secret given has no tls.key; it must have the keys"),
    "wrong key": ({**leaf(CA), "tls.key": CA.key}, "the certificate in given does not match the key beside it"),
    "torn": ({**leaf(CA), "tls.crt": PEM[:99]}, "the certificate in given is torn"),
    "torn key": ({**leaf(CA), "tls.key": CA.key[:99]}, "the key in given is torn"),
    "name": (leaf(CA, names=("a.internal",)), f"is not for {NAME} (its names: a.internal); have it signed for these"),
    "use": (leaf(CA, "client"), "is not for a server (extendedKeyUsage)"),
    "expired": (leaf(CA, now=NOW - 99 * DAY), "expired on 2026-02-20"),
    "not yet": (leaf(CA, now=NOW + DAY), "is not valid before 2026-03-02"),
    "a CA": ({**AUTHORITY, "tls.crt": PEM, "tls.key": CA.key}, "is that of a CA, which no server may use"),
    "another CA": ({**leaf(CA), "ca.crt": OTHER.certificate.pem}, "was not signed by CN=other"),
    "no CA": ({**leaf(CA), "ca.crt": ""}, "server.ca: the Secret given has no ca.crt"),
    "leaf as CA": ({**leaf(CA), "ca.crt": leaf(CA)["tls.crt"]}, "is not that of a CA; give the certificate of the CA"),
}


def refusal(host: Host, **options: Any) -> str:
    """What is said; nothing is made, and no line of a key is quoted."""
    before = dict(host.own)
    with pytest.raises(InvalidInput) as caught:
        host.run(**options)
    assert host.own == before
    text = f"{caught.value}{caught.value.result}"
    assert "PRIVATE" not in text
    assert CA.key.splitlines()[1] not in text
    return text


@pytest.mark.parametrize(("data", "sentence"), GIVEN.values(), ids=GIVEN)
def test_given_certificate_of_no_use_is_refused(data: dict[str, str], sentence: str) -> None:
    assert sentence in refusal(Host(given={"given": data}), server={**SERVED, "secret": "given"})


def test_given_certificate_with_an_intermediate_is_taken() -> None:
    """By the chain behind it, and by a name with an asterisk."""
    served = leaf(CA, names=("*.thanos.eu.thanos.internal",))
    one = Host(given={"given": {**served, "tls.crt": served["tls.crt"] + PEM}})
    one.run(server={**SERVED, "secret": "given"})
    assert one.text("grpc-server", "tls.crt").count("BEGIN") == 2


AUTHORITIES: dict[str, tuple[dict[str, str], str]] = {
    "no Secret": ({}, "client_ca.secret: the Secret given does not exist"),
    "no key": ({"ca.crt": PEM}, "client_ca.secret: the Secret given has no tls.crt and no tls.key"),
    "wrong key": ({"ca.crt": PEM, "ca.key": OTHER.key}, "does not match the key beside it"),
    "a leaf": (leaf(CA, "client"), "is not that of a CA, and can sign nothing"),
    "expired": ({"ca.crt": OLD.certificate.pem, "ca.key": OLD.key}, "expired on 2026-02-19"),
}


@pytest.mark.parametrize(("data", "sentence"), AUTHORITIES.values(), ids=AUTHORITIES)
def test_given_ca_of_no_use_is_refused(data: dict[str, str], sentence: str) -> None:
    assert sentence in refusal(Host(given={"given": data}), client_ca={"secret": "given"})


OWN: dict[str, tuple[dict[str, str], str]] = {
    "no key": ({"ca.crt": PEM}, "the Secret thanos-server-ca has no ca.key; put it back from a backup, or set new_ca"),
    "wrong key": ({"ca.crt": PEM, "ca.key": OTHER.key}, "the certificate in thanos-server-ca does not match the key"),
    "torn": ({"ca.crt": PEM[:99], "ca.key": CA.key}, "the certificate in thanos-server-ca is torn"),
    "expired": ({"ca.crt": OLD.certificate.pem, "ca.key": OLD.key}, "or set new_ca to true for a new CA"),
}


@pytest.mark.parametrize(("data", "sentence"), OWN.values(), ids=OWN)
def test_own_ca_of_no_use_is_refused_and_replaced_only_where_that_is_said(data: dict[str, str], sentence: str) -> None:
    one = Host(own={"thanos-server-ca": data})
    assert sentence in refusal(one, server_ca=True)
    one.run(server_ca=True, new_ca=True)
    assert one.text("server-ca", "ca.key")


LEAF = leaf(CA)["tls.crt"]
TRUST: dict[str, tuple[str, str]] = {
    "torn": (PEM[:99], "is torn"),
    "key": (PEM + CA.key, "holds a private key, which belongs into the cluster"),
    "nothing": ("", "holds no certificate"),
    "expired": (OLD.certificate.pem, "expired on"),
    "not yet": (COMING.certificate.pem, "is not valid before 2026-03-21"),
    "a leaf": (LEAF, "is not that of a CA; give the certificate of the CA that signed it"),
}


@pytest.mark.parametrize(("text", "clause"), TRUST.values(), ids=TRUST)
def test_what_cannot_be_trusted_is_refused_on_both_sides(text: str, clause: str) -> None:
    assert clause in (told := refusal(Host(), **edge(trust=[text])))
    assert "server.trust" in told
    assert clause in (told := refusal(Host(), client={"trust": {"paris": text}}))
    assert "client.trust.paris" in told


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "give at least one of client_ca, server_ca, client and server"),
    "no names": ({"server": {"trust": [PEM]}}, "server.names is required: the names by which hubs call this server"),
    "no trust": ({"server": {"names": [NAME]}}, "server.trust is required"),
    "nobody": ({"server": {"names": [NAME], "trust": []}}, "server.trust: names nobody"),
    "one text": ({"server": {"names": [NAME], "trust": PEM}}, "server.trust must be a list of texts in PEM form"),
    "bad name": ({"server": {"names": ["a b"], "trust": [PEM]}}, "server.names: 'a b' is neither a DNS name nor"),
    "edge tls": ({"client": {"trust": {"tls": PEM}}}, "client.trust.tls: the Secret has a key of this name"),
    "edge name": ({"client": {"trust": {"Paris_1": PEM}}}, "'Paris_1' is not at most 63 lower-case letters"),
    "no mapping": ({"client_ca": [1]}, "client_ca must be true, false or a mapping"),
    "suboption": ({"client_ca": {"secert": "x"}}, "client_ca.secert: there is no such option. Did you mean 'secret'?"),
    "window": (
        {**edge(trust=[PEM], renew_before="90d")},
        "server.renew_before: 90d is not shorter than lifetime (90d)",
    ),
    "endless": ({"client_ca": {"lifetime": "900y"}}, "client_ca.lifetime: 900y is not possible"),
    "no life": ({"client_ca": {"lifetime": "0"}}, "client_ca.lifetime: 0 is not possible"),
    "form": ({"client_ca": {"lifetime": "ten"}}, "client_ca.lifetime: 'ten' is not a duration"),
    "step": ({"client_ca": True, "rotate": {"client_ca": "start"}}, "rotate.client_ca: 'start' is not one of begin"),
    "given CA": ({"client_ca": {"secret": "x"}, "rotate": {"client_ca": "begin"}}, "is that of the Secret x, which is"),
    "readers": ({"client_ca": True, "readers": {"client_ca": ["x"]}}, "readers.client_ca"),
    "fingerprints": ({"client_ca": True, "readers": {"client_ca": {"x": "y"}}}, "must map each host to the list"),
    "ca alone": (
        {"client": {"ca": PEM, "trust": {}}},
        "client.ca: changes nothing, since the certificate is not given",
    ),
}


@pytest.mark.parametrize(("options", "sentence"), OPTIONS.values(), ids=OPTIONS)
def test_option_of_no_use_is_refused(options: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(Host(), **options)


def test_every_mistake_is_told_at_once() -> None:
    told = refusal(
        Host(given={"given": leaf(CA, "client")}),
        server={"names": [NAME, "b.internal"], "trust": [OLD.certificate.pem], "secret": "given"},
        client={"trust": {"paris": LEAF}},
    )
    for part in ("b.internal", "extendedKeyUsage", "server.trust", "client.trust.paris"):
        assert part in told
