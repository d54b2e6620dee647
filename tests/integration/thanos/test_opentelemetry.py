# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real SDK of OpenTelemetry pushes to a receive: a program that is told by its environment alone whereto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.receiving import Receiving, receiving_stack
from tests.support.waiting import until
from tests.testbed.pip_environment import PipEnvironment
from tests.testbed.shell import attempt

pytestmark = pytest.mark.slow  # packages of their own, which only `make test-full` fetches
VERSION = "1.45.2"
SDK = PipEnvironment(
    "opentelemetry",
    VERSION,
    (f"opentelemetry-sdk=={VERSION}", f"opentelemetry-exporter-otlp-proto-http=={VERSION}"),
)
ROUTER = "thanos-receive-router-0"
# Counts three orders and sends them; its exit code is what the SDK says of that.
PROGRAM = """\
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
provider.get_meter("shop").create_counter("orders").add(3, {"kind": "book"})
raise SystemExit(not provider.force_flush())
"""
RECEIVE = {
    "router": {"replicas": 1},
    "replicas": 1,
    "replication_factor": 1,
    "otlp_promote_resource_attributes": ["deployment.environment.name", "k8s.namespace.name"],
}
RESOURCE = {
    "service.name": "orders",
    "service.namespace": "shop",
    "service.instance.id": "one",
    "deployment.environment.name": "production",
    "k8s.namespace.name": "web",
    "host.name": "machine",
}


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    """One router, one ingestor, one querier."""
    with receiving_stack(tmp_path_factory.mktemp("otlp"), RECEIVE) as stack:
        yield stack


def push(receiving: Receiving, tenant: str, where: str = "METRICS_ENDPOINT", **more: str) -> str:
    """Have the program push as a tenant. Returns what it logs; raises where the SDK says that it failed."""
    variables = {
        f"OTEL_EXPORTER_OTLP_{where}": f"http://{receiving.address(ROUTER, 19291)}/api/v1/otlp",
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS": f"THANOS-TENANT={tenant}",
        "OTEL_RESOURCE_ATTRIBUTES": ",".join(f"{name}={value}" for name, value in RESOURCE.items()),
        **more,
    }
    done = attempt(SDK.install(), "-c", PROGRAM, variables=variables)
    assert done.returncode == 0, done.stderr
    return done.stderr


def found(receiving: Receiving, metric: str, tenant: str) -> list[dict[str, str]]:
    """The labels of each series of a tenant."""
    selector = f'{{__name__="{metric}", tenant_id="{tenant}"}}'
    return [series["metric"] for series in receiving.query(selector)]


def test_counter_arrives_with_the_attributes_that_are_asked_for(receiving: Receiving) -> None:
    assert push(receiving, "shop") == ""
    (labels,) = until(lambda: found(receiving, "orders_total", "shop"))
    assert {name: value for name, value in labels.items() if not name.startswith("receive_")} == {
        "__name__": "orders_total",
        "tenant_id": "shop",
        "job": "shop/orders",
        "instance": "one",
        "kind": "book",
        "deployment_environment_name": "production",
        "k8s_namespace_name": "web",
    }
    (info,) = found(receiving, "target_info", "shop")
    assert (info["job"], info["instance"], info["host_name"]) == ("shop/orders", "one", "machine")
    (series,) = receiving.query('orders_total{tenant_id="shop"}')
    assert series["value"][1] == "3"


def test_base_endpoint_is_answered_with_404_and_the_sdk_goes_on_as_if_it_had_sent(receiving: Receiving) -> None:
    assert "404" in push(receiving, "base", "ENDPOINT")
    assert found(receiving, "orders_total", "base") == []


def test_delta_temporality_is_refused(receiving: Receiving) -> None:
    assert "400" in push(receiving, "delta", OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta")
    assert found(receiving, "orders_total", "delta") == []
