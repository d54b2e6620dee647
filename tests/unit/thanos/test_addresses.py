# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of a cluster with addresses of one family, whichever that is, are reached and reach each other."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import GRPC, HTTP, at
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS

from .cases import FIVE_TIERS, one, render

IPV4 = re.compile(r"\d+\.\d+\.\d+\.\d+")


def listening(instances: dict[str, Any]) -> set[str]:
    """Every address, with its port, where a pod of these instances listens."""
    workloads = [m for m in render(instances) if m["kind"] in ("Deployment", "StatefulSet")]
    args = [a for w in workloads for c in w["spec"]["template"]["spec"]["containers"] for a in c["args"]]
    assert [a for a in args if IPV4.search(a) and not a.split("=")[0].endswith("address")] == []
    return {a.split("=")[1] for a in args if a.split("=")[0].endswith("address")}


def test_no_tier_listens_on_an_address_of_one_family() -> None:
    every = {**FIVE_TIERS, "query_frontend": {}, "bucket_web": {}}
    assert set(TIERS) == {*every, "receive"}
    assert listening(every) == {":10901", ":10902", ":9090"}


def test_receive_shuts_what_nobody_shall_reach_and_opens_the_rest_to_both_families() -> None:
    """What only the program itself must find is at 127.0.0.1, which each pod has, whatever its cluster's family."""
    hashrings = [{"name": "default"}]
    shut = {"127.0.0.1:10901", "127.0.0.1:19291", "127.0.0.1:19391"}
    assert listening({"receive": {"hashrings": hashrings}}) == {":10901", ":10902", ":19291", *shut}
    capnproto = {"hashrings": hashrings, "replication_protocol": "capnproto"}
    assert {":10901", ":10902", ":19291", ":19391"} <= listening({"receive": capnproto})


@pytest.mark.parametrize(("host", "address"), [("10.0.0.1", "10.0.0.1:10901"), ("fd00::1", "[fd00::1]:10901")])
def test_address_of_ipv6_is_in_brackets(host: str, address: str) -> None:
    assert at(host, GRPC.port) == address
    assert HTTP.url("fd00::1") == "http://[fd00::1]:10902"


@pytest.mark.parametrize(("ip", "address"), [("10.0.0.1", "10.0.0.1:80"), ("fd00::1", "[fd00::1]:80")])
def test_annotated_pod_is_scraped_at_the_port_that_it_names(ip: str, address: str) -> None:
    data = one(render({"sidecar": {}}), "ConfigMap", "thanos-sidecar")["data"]["prometheus.yml"]
    jobs = {job["job_name"]: job for job in json.loads(data)["scrape_configs"]}
    rows = [row for row in jobs["pods"]["relabel_configs"] if row.get("target_label") == "__address__"]
    found = [(re.fullmatch(row["regex"], f"{ip};80"), row["replacement"]) for row in rows]
    assert [m.expand(text.replace("$", "\\")) for m, text in found if m] == [address]
