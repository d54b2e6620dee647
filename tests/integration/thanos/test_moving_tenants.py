# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants on their way from ring to ring through the real Thanos: moved, taken over by a standby, and given back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.receiving import Receiving, receiving_stack
from tests.support.remote_write import write
from tests.support.waiting import until

ROUTER = "thanos-receive-router-0"
HOT, DEFAULT, SPARE = (f"thanos-receive-{name}-0" for name in ("hot", "default", "spare"))
ONE = {"router": {"replicas": 1}, "replicas": 1, "replication_factor": 1, "hashring_refresh_interval": "1s"}


def rings(*tenants: str, spare: bool = False) -> list[dict[str, Any]]:
    """A ring for these tenants, one for all others, and a standby of the first."""
    return [
        {"name": "hot", "tenants": list(tenants)},
        {"name": "default"},
        {"name": "spare", "standby_for": "hot", "takes_over": spare},
    ]


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    """One router before three rings of one ingestor."""
    options = {**ONE, "hashrings": rings("shop")}
    query = {"extra_args": ["--deduplication.func=chain"]}
    with receiving_stack(tmp_path_factory.mktemp("moving"), options, **query) as stack:
        yield stack


def sent(receiving: Receiving, tenant: str) -> tuple[int, float]:
    """What the router says to one sample of a tenant, and when that was."""
    now = int(time.time() * 1000)
    return write(receiving.address(ROUTER, 19291), [({"__name__": "one"}, [(now, 1.0)])], tenant), now / 1000


def where(receiving: Receiving, tenant: str, at: float) -> set[str]:
    """The ingestors that have a tenant's sample of that moment."""
    found = receiving.query(f'one{{tenant_id="{tenant}"}}[10m]', dedup="false")
    return {s["metric"]["receive_replica"] for s in found if any(abs(when - at) < 0.0005 for when, _v in s["values"])}


def kept(receiving: Receiving, tenant: str) -> float:
    """Send a sample that is taken, and say when; the test goes on when a querier finds it."""
    status, at = sent(receiving, tenant)
    assert status == 200
    until(lambda: where(receiving, tenant, at))
    return at


def times(receiving: Receiving, tenant: str) -> list[float]:
    """The samples of a tenant as users see them."""
    (series,) = receiving.query(f'one{{tenant_id="{tenant}"}}[10m]')
    return [round(float(when), 3) for when, _value in series["values"]]


def test_standby_gets_nothing(receiving: Receiving) -> None:
    at = {tenant: kept(receiving, tenant) for tenant in ("shop", "news")}
    assert {tenant: where(receiving, tenant, at[tenant]) for tenant in at} == {"shop": {HOT}, "news": {DEFAULT}}


def test_standby_takes_over_from_a_dead_ring_and_gives_back_and_each_sample_is_read_back(receiving: Receiving) -> None:
    before = kept(receiving, "shop")
    receiving.stop_pod(HOT)
    assert sent(receiving, "shop")[0] == 503
    assert not receiving.change_rings(hashrings=rings("shop", spare=True)).held
    meanwhile = kept(receiving, "shop")
    assert where(receiving, "shop", meanwhile) == {SPARE}
    assert where(receiving, "news", kept(receiving, "news")) == {DEFAULT}
    # It is not given back to a ring that does not run.
    assert receiving.change_rings(hashrings=rings("shop")).held
    assert where(receiving, "shop", kept(receiving, "shop")) == {SPARE}
    receiving.restart(HOT)
    receiving.wait_pod(HOT)
    assert not receiving.change_rings(hashrings=rings("shop")).held
    # The router waits a while before it tries an ingestor again that was away.
    after = until(lambda: next((at for status, at in [sent(receiving, "shop")] if status == 200), None), 150, every=1)
    until(lambda: where(receiving, "shop", after) == {HOT})
    until(lambda: {before, meanwhile, after} <= set(times(receiving, "shop")))


def test_moved_tenant_is_written_to_its_new_ring_and_read_from_both(receiving: Receiving) -> None:
    before = kept(receiving, "news")
    assert where(receiving, "news", before) == {DEFAULT}
    assert not receiving.change_rings(hashrings=rings("shop", "news")).held
    after = kept(receiving, "news")
    assert where(receiving, "news", after) == {HOT}
    until(lambda: {before, after} <= set(times(receiving, "news")))


def test_tenant_of_a_pattern_leaves_the_ring_for_all_others(receiving: Receiving) -> None:
    before = kept(receiving, "lab-7")
    assert where(receiving, "lab-7", before) == {DEFAULT}
    exact, rest, spare = rings("shop", "news")
    glob = {**exact, "tenants": ["lab-*"], "tenant_matcher": "glob"}
    assert not receiving.change_rings(hashrings=[glob, rest, spare]).held
    after = {tenant: kept(receiving, tenant) for tenant in ("lab-7", "lab", "shop")}
    assert {tenant: where(receiving, tenant, after[tenant]) for tenant in after} == {
        "lab-7": {HOT},
        "lab": {DEFAULT},
        "shop": {DEFAULT},
    }
    until(lambda: {before, after["lab-7"]} <= set(times(receiving, "lab-7")))
