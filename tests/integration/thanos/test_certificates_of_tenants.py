# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant comes from the sender's certificate, through real routers and ingestors, whatever a header says."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.authorities import Authority
from tests.support.receiving import Receiving, receiving_stack
from tests.support.remote_write import write
from tests.support.waiting import until

ROUTER, INGESTOR = "thanos-receive-router-0", "thanos-receive-default-0"
HUB = "receive.hub.example"
TENANTS = {"organization": "blue", "organizationalUnit": "green", "commonName": "red"}


@dataclass
class Hub:
    """A receive that takes the tenant from a field, and who signs the certificates of senders."""

    receiving: Receiving
    authority: Authority
    folder: Path

    def tls(self, name: str, organization: str = "", unit: str = "") -> ssl.SSLContext:
        """A connection with a certificate of these fields."""
        file = self.folder / f"{name}.pem"
        file.write_text("".join(self.authority.issue(name, organization=organization, unit=unit)))
        context = ssl.create_default_context(cadata=self.authority.certificate)
        # The test speaks to an address.
        context.check_hostname = False
        context.load_cert_chain(file)
        return context

    def write(self, tls: ssl.SSLContext, tenant: str = "") -> int:
        """What the router says to one sample."""
        now = int(time.time() * 1000)
        return write(self.receiving.address(ROUTER, 19291), [({"__name__": "one"}, [(now, 1.0)])], tenant, tls)

    def tenants(self) -> list[str]:
        """Whose samples there are."""
        return sorted(series["metric"]["tenant_id"] for series in self.receiving.query("one"))


@pytest.fixture(scope="module")
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A router and an ingestor."""
    folder, authority = tmp_path_factory.mktemp("tenants"), Authority("push")
    files = folder / "tls" / "remote-write"
    files.mkdir(parents=True)
    certificate, key = authority.issue(HUB)
    for name, text in {"tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate}.items():
        (files / name).write_text(text)
    options = {
        "router": {"replicas": 1},
        "replicas": 1,
        "replication_factor": 1,
        "remote_write_tls": {"secret": "receive-server"},
        "tenant_certificate_field": request.param,
    }
    with receiving_stack(folder, options) as stack:
        yield Hub(stack, authority, folder)


@pytest.mark.parametrize(("hub", "tenant"), TENANTS.items(), ids=TENANTS, indirect=["hub"])
def test_tenant_is_what_the_field_says_and_no_header_changes_that(hub: Hub, tenant: str) -> None:
    sender = hub.tls(TENANTS["commonName"], TENANTS["organization"], TENANTS["organizationalUnit"])
    assert hub.write(sender, "somebody-else") == 200
    until(lambda: hub.tenants() == [tenant], missing=hub.tenants)


@pytest.mark.parametrize("hub", ["organizationalUnit"], indirect=True)
def test_certificate_without_the_field_is_refused(hub: Hub) -> None:
    assert hub.write(hub.tls("nobody"), "somebody-else") == 400
    assert "somebody-else" not in hub.tenants()


@pytest.mark.parametrize("hub", ["organizationalUnit"], indirect=True)
def test_sender_without_a_certificate_is_not_let_in(hub: Hub) -> None:
    context = ssl.create_default_context(cadata=hub.authority.certificate)
    context.check_hostname = False
    with pytest.raises(OSError, match=r"_ssl|SSL|reset|pipe"):
        hub.write(context, "somebody-else")
