# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is believed of the note about named endpoints, and names that nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.known_endpoints import (
    ANNOTATION,
    annotation,
    endpoints_of,
    not_forgotten,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

EU = {"name": "eu", "address": "eu.example:10901", "strict": True, "tls": {"ca": "eu.crt"}}
US = {"name": "us", "address": "us.example:10901"}


def querier(*endpoints: dict[str, Any], **more: Any) -> Any:
    """A stack with a querier that has these endpoints."""
    tls = {"client_tls": {"secret": "client"}}
    options = {"keep_endpoints": True, "endpoints": list(endpoints), **tls, **more}
    return parse({"cluster": "hub", "instances": {"query": options}})


def note(*endpoints: dict[str, Any]) -> dict[str, Any]:
    """The note as a run writes it, read as JSON."""
    (instance,) = querier(*endpoints).instances
    found: dict[str, Any] = json.loads(annotation(instance)[ANNOTATION])
    return found


def test_note_is_read_as_it_was_written() -> None:
    believed, others = endpoints_of(json.dumps(note(EU, US)))
    assert (sorted(believed), others) == (["eu", "us"], [])
    assert believed["eu"] == note(EU)["eu"]


@pytest.mark.parametrize(
    "torn",
    [{"address": "us.example:1"}, {**US, "name": "eu"}, {**US, "address": 5}, {**US, "address": ""}, None, "x", []],
)
def test_torn_entry_is_not_believed_and_the_others_are(torn: Any) -> None:
    believed, others = endpoints_of(json.dumps({**note(EU), "us": torn}))
    assert (list(believed), others) == (["eu"], ["us"])


@pytest.mark.parametrize("text", ["{", "[]", "null", "5"])
def test_note_that_is_none_tells_of_no_endpoint(text: str) -> None:
    assert endpoints_of(text) == ({}, ["every endpoint"])


def test_note_of_a_release_with_other_options_is_believed() -> None:
    entry = {key: value for key, value in note(EU)["eu"].items() if key != "service_config"}
    believed, others = endpoints_of(json.dumps({"eu": {**entry, "of_a_later_release": 1}}))
    assert (believed, others) == (note(EU), [])


def test_name_to_be_forgotten_that_nobody_knows_is_told_with_the_nearest() -> None:
    known = {"query": note(EU, US)}
    assert not_forgotten(querier(EU, forget_endpoints=["us", "eu"]), known) == []
    assert not_forgotten(querier(EU, forget_endpoints=["eu1"]), known) == [
        "thanos_fleet_forget (option forget_endpoints) names 'eu1', and no querier here has an endpoint of that name; "
        "there are eu, us. Did you mean 'eu'?"
    ]
    # One that the run names may have no address yet.
    assert not_forgotten(querier({"name": "asia"}, forget_endpoints=["asia"]), {"query": {}}) == []
