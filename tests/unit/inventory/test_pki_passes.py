# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host of a fleet is asked to make of certificates, and whom it is told to trust."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.pki_passes import (
    first_pass,
    needed,
    peers,
    second_pass,
)
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import topology

from . import fleets


def fleet(**more: Any) -> dict[str, Any]:
    """A hub that reads two edges, and a host that stands alone."""
    groups = {"hub": ["thanos_hub"], "eu": ["thanos_edge"], "us.1": ["thanos_edge"], "alone": []}
    return topology({name: fleets.host(name, of, **more) for name, of in groups.items()})


FLEET = fleet()
# What the first pass of each told.
TOLD = {
    "hub": {"client_ca": "CA of hub", "trusts": {"client": {"eu": ["e1"], "us-1": ["u1"]}}},
    "eu": {"server_ca": "CA of eu", "trusts": {"server": ["h1"]}},
    "us.1": {"server_ca": "CA of us", "trusts": {"server": ["h1", "h2"]}},
}


@pytest.mark.parametrize(
    ("host", "expected"),
    [("hub", {"client_ca": True}), ("eu", {"server_ca": True}), ("us.1", {"server_ca": True}), ("alone", {})],
)
def test_hubs_and_edges_have_a_ca_each_and_nobody_else(host: str, expected: dict[str, bool]) -> None:
    assert needed(host, FLEET) == first_pass(host, FLEET, {}) == expected


def test_nothing_is_made_where_a_fleet_speaks_plain_text() -> None:
    assert needed("eu", fleet(thanos_fleet_tls=False)) == {}


def test_edge_is_given_its_hubs_and_the_hub_its_edges() -> None:
    assert second_pass("eu", FLEET, {}, TOLD) == {
        "server_ca": True,
        "server": {"names": ["query.thanos.eu.thanos.internal"], "trust": ["CA of hub"]},
    }
    assert second_pass("hub", FLEET, {}, TOLD) == {
        "client_ca": True,
        "client": {"keep": True, "trust": {"eu": "CA of eu", "us-1": "CA of us"}},
    }


def test_edge_asks_a_hub_that_told_nothing_and_keeps_whom_it_trusted_when_that_fails() -> None:
    assert peers("eu", FLEET, {}) == ["hub"]
    assert peers("eu", FLEET, TOLD) == []
    assert peers("hub", FLEET, {}) == []
    failed = {"hub": {"failed": True, "client_ca": "half"}}
    assert peers("eu", FLEET, failed) == ["hub"]
    server = {"names": ["query.thanos.eu.thanos.internal"], "keep": True}
    assert second_pass("eu", FLEET, {}, failed)["server"] == server


def test_ca_that_a_trial_made_up_is_trusted_by_nobody() -> None:
    made = [{"kind": "Secret", "name": "thanos-client-ca", "action": "created"}]
    trial = {"hub": {**TOLD["hub"], "objects": made, "trial": True}}
    assert "trust" not in second_pass("eu", FLEET, {}, trial)["server"]
    found = {"hub": {**trial["hub"], "objects": [{**made[0], "action": "unchanged"}]}}
    assert second_pass("eu", FLEET, {}, found)["server"]["trust"] == ["CA of hub"]


def test_hub_keeps_the_edges_that_told_nothing() -> None:
    client = second_pass("hub", FLEET, {}, {"eu": TOLD["eu"]})["client"]
    assert client == {"keep": True, "trust": {"eu": "CA of eu"}}


def test_what_the_user_says_of_certificates_is_handed_on() -> None:
    pki = {"server_ca": {"secret": "mine"}, "server": {"names": "eu.example.org", "lifetime": "30d"}}
    asked = second_pass("eu", FLEET, {"thanos_pki": pki, "thanos_pki_new_ca": True}, TOLD)
    assert asked["server_ca"] == {"secret": "mine"}
    assert asked["server"]["names"] == ["query.thanos.eu.thanos.internal", "eu.example.org"]
    assert (asked["server"]["lifetime"], asked["new_ca"]) == ("30d", True)


def test_next_ca_is_made_before_the_others_are_told_and_switched_to_when_they_know_it() -> None:
    begin = {"thanos_pki_rotate": {"server_ca": "begin", "client_ca": "begin"}}
    assert first_pass("eu", FLEET, begin)["rotate"] == {"server_ca": "begin"}
    switch = {"thanos_pki_rotate": {"server_ca": "switch", "client_ca": "switch"}}
    assert "rotate" not in first_pass("eu", FLEET, switch)
    edge, hub = second_pass("us.1", FLEET, switch, TOLD), second_pass("hub", FLEET, switch, TOLD)
    assert (edge["rotate"], edge["readers"]) == ({"server_ca": "switch"}, {"server_ca": {"hub": ["u1"]}})
    assert (hub["rotate"], hub["readers"]["client_ca"]) == (
        {"client_ca": "switch"},
        {"eu": ["h1"], "us.1": ["h1", "h2"]},
    )


def test_part_of_a_fleet_takes_nobody_out_of_trust_and_lets_nobody_switch() -> None:
    part = fleet(thanos_part_of_fleet=True)
    for host in part["hosts"].values():
        host["reads"], host["read_by"] = [], []
    assert needed("eu", part) == {"server_ca": True}
    assert needed("hub", part) == {"client_ca": True}
    switch = {"thanos_pki_rotate": {"server_ca": "switch"}}
    asked = second_pass("eu", part, switch, {})
    assert asked["server"] == {"names": ["query.thanos.eu.thanos.internal"], "keep": True}
    assert "readers" not in asked


FIRST = {"server_ca": "CA of eu", "trusts": {}}
MADE = [{"kind": "Secret", "name": "thanos-client-ca", "action": "created"}]
UNTOLD: dict[str, tuple[dict[str, Any], str]] = {
    "failed": ({"failed": True, "msg": "hub.example does not answer.\nLook there."}, "hub failed (hub.example does no"),
    "not deployed": ({"client_ca": "made up", "objects": MADE, "trial": True}, "hub has no CA before it is deployed"),
    "not asked": ({}, "hub was not asked, or did not come so far. Correct that, and deploy hub and eu in one run."),
}


@pytest.mark.parametrize(("hub", "reason"), UNTOLD.values(), ids=UNTOLD)
def test_first_deploy_of_an_edge_names_the_hub_that_told_no_ca(hub: dict[str, Any], reason: str) -> None:
    told = {"eu": FIRST, **({"hub": hub} if hub else {})}
    with pytest.raises(InvalidInput) as error:
        second_pass("eu", FLEET, {}, told)
    (sentence,) = error.value.problems
    assert sentence.startswith("eu shall let in hub, and has not been told the certificate of a CA of theirs: ")
    assert reason in sentence
    # What was trusted before stays, and so does what the user names.
    assert second_pass("eu", FLEET, {}, {**told, "eu": TOLD["eu"]})["server"]["keep"] is True
    assert second_pass("eu", FLEET, {"thanos_pki": {"server": {"trust": ["CA"]}}}, told)["server"]["trust"] == ["CA"]


def test_whom_the_user_names_is_trusted_beside_those_of_the_fleet() -> None:
    named = {"server": {"trust": ["CA of another hub"]}, "client": {"trust": {"asia": "CA of asia"}}}
    server = second_pass("eu", FLEET, {"thanos_pki": named}, TOLD)["server"]
    assert (server["trust"], "keep" in server) == (["CA of hub", "CA of another hub"], False)
    trust = {"eu": "CA of eu", "us-1": "CA of us", "asia": "CA of asia"}
    assert second_pass("hub", FLEET, {"thanos_pki": named}, TOLD)["client"]["trust"] == trust
    own = {"client": {"trust": {"eu": "a CA of my own"}}}
    assert second_pass("hub", FLEET, {"thanos_pki": own}, TOLD)["client"]["trust"]["eu"] == "a CA of my own"


def test_trust_in_another_form_is_left_for_the_module_to_refuse() -> None:
    for form in ("CA", {"a": "CA"}):
        assert second_pass("eu", FLEET, {"thanos_pki": {"server": {"trust": form}}}, TOLD)["server"]["trust"] == form
    assert second_pass("hub", FLEET, {"thanos_pki": {"client": {"trust": ["CA"]}}}, TOLD)["client"]["trust"] == ["CA"]


def test_first_deploy_of_an_edge_needs_a_run_that_has_its_hub() -> None:
    part = fleet(thanos_part_of_fleet=True)
    part["hosts"]["eu"]["read_by"] = []
    with pytest.raises(InvalidInput, match="eu is in a part of the fleet without a hub that reads it"):
        second_pass("eu", part, {}, {"eu": FIRST})


def test_edge_that_is_to_be_forgotten_is_not_trusted_any_more() -> None:
    client = second_pass("hub", FLEET, {"thanos_fleet_forget": "us.1, asia"}, TOLD)["client"]
    assert client == {"keep": True, "trust": {"eu": "CA of eu"}, "forget": ["us-1", "asia"]}


def test_hub_whose_variables_cannot_be_read_is_not_asked() -> None:
    hidden = {**FLEET, "hosts": {**FLEET["hosts"], "hub": {**FLEET["hosts"]["hub"], "known": False}}}
    assert peers("eu", hidden, {}) == []


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"thanos_pki": {"rotat": {}}}, "thanos_pki.rotat: there is no such option"),
        ({"thanos_pki": {"rotate": {}}}, "use the variable thanos_pki_rotate"),
        ({"thanos_pki": {"server": "x"}}, "thanos_pki.server: this must be a mapping"),
        ({"thanos_pki": "begin"}, "thanos_pki: this must be a mapping"),
        ({"thanos_pki_rotate": {"server": "begin"}}, "the CAs are client_ca and server_ca"),
    ],
)
def test_mistakes_in_what_the_user_says_of_certificates_are_told(variables: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        second_pass("eu", FLEET, variables, TOLD)
