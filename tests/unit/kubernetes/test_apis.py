# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which optional kinds a cluster lacks, from as few requests as will do."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.apis import Apis, listed
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Listing, Ref
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from tests.unit.kubernetes.recorded import Recorded

MONITORING = "GET /apis/monitoring.coreos.com/v1"
MONITORS = {
    "resources": [
        {"name": "servicemonitors", "kind": "ServiceMonitor"},
        {"name": "prometheusrules/status", "kind": "PrometheusRule"},
    ]
}


def test_each_api_is_asked_for_once_and_only_when_one_of_its_kinds_is_named() -> None:
    server = Recorded(answers={MONITORING: (200, MONITORS)})
    apis = Apis(server)
    assert apis.lacks(["ConfigMap"]) == frozenset()
    assert server.sent == []
    assert apis.lacks(["ServiceMonitor"]) == frozenset()
    assert apis.lacks(["ServiceMonitor", "PrometheusRule", "Route"]) == {"PrometheusRule", "Route"}
    assert apis.lacks(["Route"]) == {"Route"}
    assert server.asked == [MONITORING, "GET /apis/route.openshift.io/v1"]


def test_where_discovery_is_forbidden_nothing_is_known_to_be_lacking() -> None:
    assert Apis(Recorded(answers={MONITORING: (403, {})})).lacks(["ServiceMonitor"]) == frozenset()


def test_sentence_names_object_api_and_what_brings_it() -> None:
    (sentence,) = Apis(Recorded()).problems([Ref("Route", "monitoring", "thanos"), Ref("Secret", "monitoring", "a")])
    assert sentence == (
        "Route monitoring/thanos cannot be made: this cluster has no Route in the API route.openshift.io/v1, which "
        "comes with OpenShift; install that, or turn off the option that asks for the Route"
    )


def test_listing_of_an_api_that_has_gone_is_empty_and_any_other_failure_is_one() -> None:
    server = Recorded(answers={"LIST Route": (404, ""), "LIST ServiceMonitor": (403, ""), "LIST ConfigMap": (404, "")})
    assert listed(server, Listing("Route", "monitoring"), "a=b") == []
    for kind in ("ServiceMonitor", "ConfigMap"):
        with pytest.raises(ApiError):
            listed(server, Listing(kind, "monitoring"), "a=b")
