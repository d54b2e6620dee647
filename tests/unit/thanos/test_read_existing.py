# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the live object of somebody else's Prometheus tells."""

from __future__ import annotations

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.read_existing import configured, described

from .existing_cases import NAMED, live, stack


def test_what_a_live_object_tells_by_itself() -> None:
    made = stack({"prometheus": NAMED})
    found = described(live(), made, made.instances[0])
    assert (found.container, found.user, found.temporary) == (
        "server",
        {"runAsUser": 65534, "runAsGroup": 65534},
        ("db",),
    )
    assert found.mounts == ({"name": "db", "mountPath": "/data"},)
    assert (found.replicas, found.ports, found.sidecar) == (1, (9090,), "")
    other = live()
    sidecar = {"name": "thanos", "image": "quay.io/thanos/thanos:v0.40.0", "args": ["sidecar"]}
    other["spec"]["template"]["spec"]["containers"].append(sidecar)
    assert described(other, made, made.instances[0]).sidecar == "theirs"


def test_labels_and_the_longest_interval_are_read_from_a_configuration() -> None:
    text = (
        'global:\n  scrape_interval: 1m\n  external_labels:\n    cluster: eu\n    n: "1"\nscrape_configs:\n'
        "- job_name: a\n  scrape_interval: 30s\n- job_name: b\n  scrape_interval: 2m\n"
    )
    assert configured(text) == ({"cluster": "eu", "n": "1"}, "2m")
    assert configured("global:\n  scrape_interval: 1m\n") == ({}, "")
    assert configured("") == ({}, "")
