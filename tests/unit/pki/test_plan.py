# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hubs and edges without a cluster: what is made, kept, renewed and passed on, and what never is."""

from __future__ import annotations

import json

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from tests.support.certificates import DAY, NAME, Host, authority, edge, later, leaf


def fleet() -> tuple[Host, Host]:
    """A hub and an edge that know each other."""
    hub, one = Host("hub"), Host("one")
    client_ca = hub.run(client_ca=True).result["client_ca"]
    one.run(**edge(trust=[client_ca]))
    hub.run(client={"trust": {"one": one.run(server_ca=True).result["server_ca"]}})
    return hub, one


def test_only_certificates_of_cas_travel_and_no_key_is_told() -> None:
    hub, one = fleet()
    assert set(hub.own["thanos-grpc-client"]) == {"tls.crt", "tls.key", "issuer.pem", "one.crt"}
    assert set(one.own["thanos-grpc-server"]) == {"tls.crt", "tls.key", "issuer.pem", "ca.crt"}
    assert hub.text("grpc-client", "one.crt") == one.text("server-ca", "ca.crt")
    assert one.text("grpc-server", "ca.crt") == hub.text("client-ca", "ca.crt")
    told = json.dumps([dict(host.run(client_ca=True, server_ca=True).result) for host in (hub, one)])
    assert "PRIVATE" not in told


def test_second_run_changes_nothing() -> None:
    hub, one = fleet()
    before = (dict(hub.own), dict(one.own), hub.generation)
    one.run(**edge(trust=[hub.run(client_ca=True).result["client_ca"]]))
    hub.run(client={"trust": {"one": one.run(server_ca=True).result["server_ca"]}})
    assert (hub.own, one.own, hub.generation) == before


@pytest.mark.parametrize(("typed", "made"), [(True, 1), ("True", 1), ("yes", 1), (False, 0), ("False", 0), ("no", 0)])
def test_ca_is_asked_for_as_people_type_it(typed: bool | str, made: int) -> None:
    assert len(Host().run(client_ca=typed, server_ca=True).secrets) == 1 + made


def test_certificate_is_told_with_its_days() -> None:
    _hub, one = fleet()
    rows = {row["name"]: row for row in one.run(**edge()).result["certificates"]}
    assert rows.keys() == {"server_ca", "server"}
    assert rows["server"]["days"] == 90
    assert rows["server"]["secret"] == "thanos-grpc-server"
    assert rows["server"]["issuer"] == rows["server_ca"]["subject"]


@pytest.mark.parametrize(("days", "renewed"), [(59, False), (61, True), (91, True)])
def test_certificate_is_renewed_within_its_window(days: int, renewed: bool) -> None:
    _hub, one = fleet()
    before = one.certificate("grpc-server")
    late = later(one, days)
    late.run(**edge())
    assert (late.certificate("grpc-server") != before) == renewed


def test_certificate_that_ends_with_its_ca_is_not_renewed_again_and_again() -> None:
    one = Host()
    options = {**edge(trust=[authority().certificate.pem]), "server_ca": {"lifetime": "20d"}}
    told = one.run(**options).warnings
    before = one.certificate("grpc-server")
    late = later(one, 10)
    late.run(**options)
    assert late.certificate("grpc-server") == before
    assert "server_ca: the CA ends in 20 days" in told[0]


CHANGES = {
    "another name": {"names": ["other.internal"]},
    "a further name": {"names": [NAME, "10.0.0.7"]},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_certificate_follows_its_names(change: dict[str, list[str]]) -> None:
    _hub, one = fleet()
    one.run(server=change)
    assert one.certificate("grpc-server").names == set(change["names"])


@pytest.mark.parametrize("key", ["tls.crt", "tls.key"])
def test_broken_certificate_of_ours_is_made_anew(key: str) -> None:
    _hub, one = fleet()
    one.own["thanos-grpc-server"][key] = "torn"
    one.run(**edge())
    assert one.certificate("grpc-server").signed_by(one.certificate("server-ca", "ca.crt"))


def test_restart_of_readers_is_asked_for_by_a_changed_ca_and_not_by_an_edge_that_comes_or_goes() -> None:
    hub, one = fleet()
    pem = {name: authority(name).certificate.pem for name in ("two", "new")}
    first = one.text("server-ca", "ca.crt")
    assert hub.generation == "1"
    hub.run(client={"trust": {"one": first, "two": pem["two"]}})
    hub.run(client={"trust": {"one": f"# a comment\n{first}"}})
    assert hub.generation == "1"
    hub.run(client={"trust": {"one": first + pem["new"]}})
    assert hub.generation == "2"
    hub.run(client={"trust": {"one": pem["new"]}})
    assert hub.generation == "3"


def test_what_the_task_does_not_know_of_stays() -> None:
    hub, one = fleet()
    pem = authority("two").certificate.pem
    hub.run(client={"trust": {"two": pem}, "keep": True})
    assert {"one.crt", "two.crt"} <= hub.own["thanos-grpc-client"].keys()
    hub.run(client={})
    assert {"one.crt", "two.crt"} <= hub.own["thanos-grpc-client"].keys()
    before = one.text("grpc-server", "ca.crt")
    one.run(**edge(trust=[pem], keep=True))
    assert pem in one.text("grpc-server", "ca.crt")
    assert before in one.text("grpc-server", "ca.crt")
    hub.run(client={"trust": {}})
    assert not {"one.crt", "two.crt"} & hub.own["thanos-grpc-client"].keys()


def test_edge_that_is_forgotten_is_trusted_no_longer_and_the_others_stay() -> None:
    hub, _one = fleet()
    pem = authority("two").certificate.pem
    hub.run(client={"trust": {"two": pem}, "keep": True})
    before = hub.generation
    for client in ({"trust": {}, "keep": True, "forget": ["two"]}, {"forget": ["two"]}):
        hub.run(client=client)
        assert "one.crt" in hub.own["thanos-grpc-client"]
        assert "two.crt" not in hub.own["thanos-grpc-client"]
    assert hub.generation == before
    with pytest.raises(InvalidInput, match=r"client\.forget: 'two' is in client\.trust, too; leave one of them out"):
        hub.run(client={"trust": {"two": pem}, "forget": ["two"]})


def test_hub_that_is_taken_out_is_trusted_no_longer() -> None:
    hub, one = fleet()
    other = authority("other").certificate.pem
    one.run(**edge(trust=[other]))
    assert one.text("grpc-server", "ca.crt") == other
    assert hub.text("client-ca", "ca.crt") not in one.text("grpc-server", "ca.crt")


def test_lost_ca_is_never_replaced_silently() -> None:
    hub, _one = fleet()
    del hub.own["thanos-client-ca"]
    with pytest.raises(InvalidInput, match=r"the Secret thanos-client-ca with the CA is gone.*set new_ca to true"):
        hub.run(client_ca=True)
    assert "thanos-client-ca" not in hub.own


def test_lost_ca_is_told_by_the_record_alone() -> None:
    with pytest.raises(InvalidInput, match="thanos-client-ca with the CA is gone"):
        Host(remembered=frozenset({"client_ca"})).run(client_ca=True)
    assert Host(remembered=frozenset({"client_ca"})).run(client_ca=True, new_ca=True).secrets


@pytest.mark.parametrize("lost", ["Secret", "key"])
def test_new_ca_takes_the_place_of_a_lost_one_in_steps(lost: str) -> None:
    hub, one = fleet()
    leaf_before, old = hub.certificate("grpc-client"), hub.text("client-ca", "ca.crt")
    if lost == "Secret":
        del hub.own["thanos-client-ca"]
    else:
        del hub.own["thanos-client-ca"]["ca.key"]
    for _time in range(2):
        both = hub.run(client={}, new_ca=True).result["client_ca"]
    assert old in both
    assert both.count("BEGIN") == 2
    assert hub.certificate("grpc-client") == leaf_before
    hub.run(client={})
    one.run(**edge(trust=[both]))
    readers = {"client_ca": {"one": one.run(**edge()).result["trusts"]["server"]}}
    hub.run(client={}, rotate={"client_ca": "switch"}, readers=readers)
    assert hub.certificate("grpc-client").signed_by(hub.certificate("client-ca", "ca.crt"))
    done = hub.run(client={}, rotate={"client_ca": "finish"}, settle="0").result
    assert old not in done["client_ca"]


def test_lost_ca_whose_certificate_ends_is_followed_by_the_new_one_at_once() -> None:
    hub, _one = fleet()
    del hub.own["thanos-client-ca"]
    late = later(hub, 80)
    for _time in range(2):
        told = late.run(client={}, new_ca=True).warnings
    assert late.certificate("grpc-client").signed_by(late.certificate("client-ca", "next.crt"))
    first = later(hub, 81).certificate("grpc-client")
    assert not any("is lost" in text for text in told)
    late.run(client={})
    assert late.certificate("grpc-client") == first


def test_given_certificate_is_copied_and_nothing_is_made() -> None:
    ca = authority("given")
    one = Host(given={"from-cert-manager": leaf(ca)})
    planned = one.run(server={"secret": "from-cert-manager", "names": [NAME], "trust": [ca.certificate.pem]})
    assert [wanted.option for wanted in planned.secrets] == ["server"]
    assert one.text("grpc-server", "tls.key") == one.given["from-cert-manager"]["tls.key"]
    assert planned.result["server_ca"] == ca.certificate.pem
    assert planned.warnings == ()
    late = later(one, 70).run(server={"secret": "from-cert-manager", "names": [NAME]})
    assert "ends in 20 days" in late.warnings[0]


@pytest.mark.parametrize("keys", [("ca.crt", "ca.key"), ("tls.crt", "tls.key")])
def test_given_ca_signs_and_is_copied_nowhere(keys: tuple[str, str]) -> None:
    ca, following = authority("given"), authority("following")
    hub = Host(given={"corporate": dict(zip(keys, (ca.certificate.pem, ca.key), strict=True))})
    planned = hub.run(client_ca={"secret": "corporate", "also": following.certificate.pem}, client={"trust": {}})
    assert [wanted.name for wanted in planned.secrets] == ["thanos-grpc-client"]
    assert hub.certificate("grpc-client").signed_by(ca.certificate)
    assert planned.result["client_ca"].count("BEGIN") == 2
    assert planned.authorities == ()


def test_own_ca_after_a_given_one_is_said_and_not_silent() -> None:
    ca = authority("given")
    hub = Host(given={"corporate": {"ca.crt": ca.certificate.pem, "ca.key": ca.key}})
    hub.run(client_ca={"secret": "corporate"}, client={"trust": {}})
    with pytest.raises(InvalidInput, match="set new_ca to true"):
        hub.run(client={"trust": {}})


def test_ca_that_ends_soon_is_a_warning() -> None:
    hub, _one = fleet()
    (told,) = later(hub, 3650 - 100).run(client_ca=True).warnings
    assert "client_ca: the CA ends in 100 days" in told
    assert "rotate.client_ca: begin" in told


def test_days_are_counted_by_the_clock_of_the_api_server() -> None:
    hub, _one = fleet()
    (row,) = later(hub, 1).run(client_ca=True).result["certificates"]
    assert row["days"] == 3649
    assert row["not_after"] == (hub.now + 3650 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
