# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA is replaced in steps, each of which may be done again, and none of which locks a reader out."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from tests.support.certificates import Host, authority, edge, later


def an_edge() -> Host:
    """An edge that one hub reads."""
    one = Host("one")
    one.run(**edge(trust=[authority("hub").certificate.pem]))
    return one


def step(host: Host, name: str, **more: Any) -> str:
    """One step, twice, as it shall make no difference; what readers shall trust after it."""
    bundle = ""
    for _time in range(2):
        bundle = host.run(**edge(), rotate={"server_ca": name}, **more).result["server_ca"]
    return bundle


def knowing(bundle: str) -> dict[str, Any]:
    """Readers that were given this bundle."""
    hub = Host("hub")
    hub.run(client={"trust": {"one": bundle}})
    return {"server_ca": {"hub": hub.run(client={}).result["trusts"]["client"]["one"]}}


def test_ca_is_replaced_in_three_steps() -> None:
    one = an_edge()
    old, leaf = one.text("server-ca", "ca.crt"), one.certificate("grpc-server")
    both = step(one, "begin")
    assert old in both
    assert one.certificate("grpc-server") == leaf
    assert step(one, "switch", readers=knowing(both)) == both
    new = one.text("server-ca", "ca.crt")
    assert one.certificate("grpc-server").signed_by(one.certificate("server-ca", "ca.crt"))
    assert step(one, "finish", settle="0") == new
    assert new != old
    assert set(one.own["thanos-server-ca"]) == {"ca.crt", "ca.key"}


def test_next_step_is_told() -> None:
    one = an_edge()
    assert one.run(**edge()).result["rotation"] == {}
    step(one, "begin")
    planned = one.run(**edge())
    assert planned.result["rotation"] == {"server_ca": "switch"}
    assert "go on with switch" in planned.warnings[0]
    step(one, "switch", readers={"server_ca": {}})
    planned = one.run(**edge())
    assert planned.result["rotation"] == {"server_ca": "finish"}
    assert "until finish" in planned.warnings[0]


def test_only_the_ca_does_not_switch_before_its_certificate_is_asked_for() -> None:
    one = an_edge()
    step(one, "begin")
    before = one.own["thanos-server-ca"]
    one.run(server_ca=True, rotate={"server_ca": "switch"})
    assert one.own["thanos-server-ca"] == before


def test_step_for_a_ca_that_a_host_does_not_have_changes_nothing() -> None:
    """One variable goes to hubs and edges alike."""
    hub = Host("hub")
    hub.run(client_ca=True)
    before = dict(hub.own)
    hub.run(client_ca=True, rotate={"server_ca": "begin"})
    assert hub.own == before


def test_step_may_be_typed_as_on_the_command_line() -> None:
    one = an_edge()
    one.run(server_ca=True, rotate="server_ca=begin")
    assert one.text("server-ca", "next.crt")


def test_switch_is_refused_until_every_reader_knows_the_next_ca() -> None:
    one = an_edge()
    old = one.text("server-ca", "ca.crt")
    both = step(one, "begin")
    behind = {"server_ca": {**knowing(old)["server_ca"], "second": knowing(both)["server_ca"]["hub"]}}
    with pytest.raises(InvalidInput, match=r"rotate.server_ca: hub does not trust the next CA yet; deploy there"):
        step(one, "switch", readers=behind)
    with pytest.raises(InvalidInput, match=r"say it in readers\.server_ca"):
        step(one, "switch")
    assert old == one.text("server-ca", "ca.crt")


def test_finish_waits_until_pods_have_the_certificate() -> None:
    one = an_edge()
    both = step(one, "begin")
    step(one, "switch", readers=knowing(both))
    with pytest.raises(InvalidInput, match="pods may not have been given the certificate of the new CA before 2026-03"):
        step(one, "finish")
    assert step(later(one, 1), "finish").count("BEGIN") == 1


def test_steps_out_of_order_are_refused() -> None:
    one = an_edge()
    with pytest.raises(InvalidInput, match="there is no next CA to switch to; do 'begin' first"):
        step(one, "switch", readers={"server_ca": {}})
    step(one, "begin")
    with pytest.raises(InvalidInput, match="the next CA does not sign yet; do 'switch' first"):
        step(one, "finish")
    step(one, "switch", readers={"server_ca": {}})
    with pytest.raises(InvalidInput, match="the last rotation is not finished"):
        step(one, "begin")


def test_finish_of_nothing_changes_nothing() -> None:
    one = an_edge()
    before = one.own["thanos-server-ca"]
    step(one, "finish")
    assert one.own["thanos-server-ca"] == before


def test_previous_ca_whose_certificate_is_in_use_stays() -> None:
    one = an_edge()
    before = dict(one.own["thanos-grpc-server"])
    step(one, "begin")
    step(one, "switch", readers={"server_ca": {}})
    one.own["thanos-grpc-server"] = before
    with pytest.raises(InvalidInput, match="still one of the previous CA"):
        one.run(server_ca=True, rotate={"server_ca": "finish"}, settle="0")
