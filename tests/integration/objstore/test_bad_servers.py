# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are not what they should be: one sentence each, nothing written, no credential, no stack trace.

No real server shows this on request, so it is a small one on loopback. What providers refuse in their own words is in
test_explanations.py, what real ones refuse in test_refusals.py.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.bad_servers import (
    CANARY,
    HTML,
    PROVIDERS,
    SECRET,
    TIMEOUT,
    fixed,
    sentence,
)
from tests.support.http_server import CUT, SILENCE, HttpServer, Rule
from tests.support.modules import run_module
from tests.testbed.pki import Authority, Certificate

# Their clients take seconds each; what they have in common is one table, which S3 shows.
EACH = [pytest.param(kind, marks=() if kind == "S3" else pytest.mark.slow) for kind in PROVIDERS]
WRITES = {"PUT", "PATCH", "DELETE"}
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
NOT_ITS = "is not that of {name}"
PROXY = "the proxy of the environment (HTTPS_PROXY, HTTP_PROXY) {what}; set NO_PROXY for this address"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the host's own ways to the Internet."""
    for name in (*PROXIES, *AUTHORITIES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """What the module says about a provider's store at a URL; it is one sentence, and all that there is."""

    def say(kind: str, url: str, check: bool = False, **changes: Any) -> str:
        provider = PROVIDERS[kind]
        for name, value in provider.environment(url).items():
            monkeypatch.setenv(name, value)
        text = sentence({**provider.store(url), **changes}, tmp_path, check)
        assert "".join(capfd.readouterr()) == ""
        assert CANARY not in text
        assert text.endswith(".")
        assert "\n" not in text
        assert "{" not in text
        return text

    return say


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    authority = Authority(tmp_path_factory.mktemp("pki"))
    authority.create("a private authority")
    return authority


@pytest.fixture(scope="module")
def certificate(pki: Authority) -> Certificate:
    return pki.issue("server", "server", names=("127.0.0.1",))


# ---- what any server may do ------------------------------------------------------------------------------------------

SERVERS: dict[str, tuple[Rule, str]] = {
    "HTML": (fixed(200, HTML), NOT_ITS),
    "nothing": (fixed(200), NOT_ITS),
    "no content": (fixed(204), NOT_ITS),
    "truncated XML": (fixed(200, b"<?xml version='1.0'?><ListBucketResult><Na", "application/xml"), NOT_ITS),
    "truncated JSON": (fixed(200, b'{"kind": "storage#buck', "application/json"), NOT_ITS),
    "a mapping of nothing": (fixed(200, b"{}", "application/json"), NOT_ITS),
    "a list": (fixed(200, b"[]", "application/json"), NOT_ITS),
    "a gateway's 400": (fixed(400, HTML), NOT_ITS),
    "a gateway's 404": (fixed(404, HTML), NOT_ITS),
    "a gateway's 407": (fixed(407, HTML), NOT_ITS),
    "a cut connection": (lambda _request: CUT, "the server closed the connection"),
}


@pytest.mark.parametrize("kind", EACH)
@pytest.mark.parametrize("case", SERVERS)
def test_a_server_that_is_another_one(kind: str, case: str, said: Any) -> None:
    rule, wanted = SERVERS[case]
    with HttpServer(rule) as server:
        assert wanted.format(name=PROVIDERS[kind].name) in said(kind, server.url)
    assert not {request.method for request in server.requests} & WRITES


@pytest.mark.parametrize("kind", EACH)
@pytest.mark.parametrize("body", [HTML, b"", b"<?xml version='1.0'?><html/>"])
def test_a_server_that_knows_no_bucket_since_it_is_another_one(kind: str, body: bytes, said: Any) -> None:
    with HttpServer(fixed(404, body)) as server:
        text = said(kind, server.url, check=True)
    assert f"(HTTP 404) is not that of {PROVIDERS[kind].name}" in text or "the server knows no login there" in text


@pytest.mark.parametrize("kind", EACH)
def test_an_answer_that_ends_in_the_middle(kind: str, said: Any) -> None:
    with HttpServer(fixed(200, b"<?xml", length=1000)) as server:
        text = said(kind, server.url)
    assert "the answer ended too early" in text or NOT_ITS.format(name=PROVIDERS[kind].name) in text


@pytest.mark.parametrize("kind", EACH)
def test_a_server_that_never_answers(kind: str, said: Any) -> None:
    with HttpServer(lambda _request: SILENCE) as server:
        began = time.monotonic()
        assert "no answer within the time" in said(kind, server.url)
        took = time.monotonic() - began
    assert took >= TIMEOUT
    assert max(Counter((request.method, request.path) for request in server.requests).values()) <= 2


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("kind", EACH)
def test_a_server_that_fails(kind: str, status: int, said: Any) -> None:
    with HttpServer(fixed(status, HTML)) as server:
        text = said(kind, server.url)
    assert f"the server is busy (HTTP {status})" in text or NOT_ITS.format(name=PROVIDERS[kind].name) in text


@pytest.mark.parametrize("kind", EACH)
def test_nobody_listens(kind: str, said: Any) -> None:
    assert "nothing answers there; check" in said(kind, "http://127.0.0.1:1")


@pytest.mark.parametrize("kind", EACH)
def test_a_name_that_nobody_has(kind: str, said: Any) -> None:
    assert "the name does not resolve; check" in said(kind, "http://nowhere.invalid")


@pytest.fixture
def full() -> Iterator[str]:
    """``host:port`` of somebody who takes no connection: the kernel drops what comes while others wait to be met."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _waiting in range(4):
            other = stack.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(listening.getsockname())
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("kind", EACH)
def test_a_connection_that_is_not_taken(kind: str, said: Any, full: str) -> None:
    assert "no connection within the time; check" in said(kind, f"http://{full}")


@pytest.mark.parametrize("kind", EACH)
def test_a_proxy_that_is_out_of_reach(kind: str, said: Any, full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://{full}")
    text = said(kind, "https://store.example.org")
    assert PROXY.format(what="does not answer, or is none") in text or "proxy and firewall" in text


@pytest.mark.parametrize("kind", EACH)
def test_nothing_of_it_is_in_the_output_of_the_module(kind: str) -> None:
    provider = PROVIDERS[kind]
    with HttpServer(fixed(200, HTML)) as server:
        arguments = {"store": provider.store(server.url), "timeout": TIMEOUT}
        failed = run_module("bucket", arguments, diff=True, environment=dict(provider.environment(server.url)))
    assert failed.failed
    assert NOT_ITS.format(name=provider.name) in failed["msg"]
    assert [word for word in (CANARY, SECRET, "Traceback", "warning:") if word in failed.text] == []


# ---- TLS -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EACH)
def test_a_private_authority_has_to_be_given(kind: str, said: Any, pki: Authority, certificate: Certificate) -> None:
    with HttpServer(fixed(200, HTML), certificate) as server:
        text = said(kind, server.url)
        assert "TLS failed, its certificate is signed by an authority that is not trusted; for a private" in text
        assert "set ca" in text
        assert server.requests == []
        assert NOT_ITS.format(name=PROVIDERS[kind].name) in said(kind, server.url, ca=pki.certificate.read_text())
        assert server.requests != []


@pytest.mark.parametrize("kind", EACH)
def test_authorities_of_the_environment_do_not_replace_the_stores(
    kind: str, said: Any, pki: Authority, certificate: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path / "other")
    other.create("another authority")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other.certificate))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(other.certificate))
    with HttpServer(fixed(200, HTML), certificate) as server:
        assert NOT_ITS.format(name=PROVIDERS[kind].name) in said(kind, server.url, ca=pki.certificate.read_text())


@pytest.mark.parametrize("kind", EACH)
def test_a_certificate_for_somebody_else(kind: str, said: Any, pki: Authority) -> None:
    elsewhere = pki.issue("elsewhere", "elsewhere", names=("elsewhere.example",))
    with HttpServer(fixed(200, HTML), elsewhere) as server:
        text = said(kind, server.url, ca=pki.certificate.read_text())
    assert "TLS failed, its certificate is for another" in text


@pytest.mark.parametrize("kind", EACH)
def test_an_authority_that_is_none(kind: str, said: Any, certificate: Certificate) -> None:
    garbage = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"
    with HttpServer(fixed(200, HTML), certificate) as server:
        assert "the certificates of ca, or of the environment, cannot be read" in said(kind, server.url, ca=garbage)


@pytest.mark.parametrize("kind", EACH)
def test_a_server_without_tls(kind: str, said: Any) -> None:
    with HttpServer(fixed(200, HTML)) as server:
        assert "TLS failed, the server does not speak TLS" in said(kind, server.url.replace("http:", "https:"))


@pytest.mark.parametrize("kind", EACH)
def test_plain_http_to_a_server_with_tls(kind: str, said: Any, certificate: Certificate) -> None:
    with HttpServer(fixed(200, HTML), certificate) as server:
        text = said(kind, server.url.replace("https:", "http:"))
    assert "the server closed the connection" in text
    assert "whether it speaks TLS there" in text


# ---- proxies of the environment --------------------------------------------------------------------------------------


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("kind", EACH)
def test_a_proxy_that_is_not_there(kind: str, scheme: str, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", f"http://{CANARY}:{CANARY}@127.0.0.1:1")
    assert PROXY.format(what="does not answer, or is none") in said(kind, f"{scheme}://store.example.org")


@pytest.mark.parametrize("kind", EACH)
def test_a_proxy_that_is_not_an_address(kind: str, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "nonsense:x")
    assert PROXY.format(what="does not answer, or is none") in said(kind, "https://store.example.org")


@pytest.mark.parametrize("kind", EACH)
def test_a_proxy_that_refuses(kind: str, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpServer(fixed(407, HTML)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert PROXY.format(what="refuses to connect (HTTP 407)") in said(kind, "https://store.example.org")
        assert {request.method for request in proxy.requests} == {"CONNECT"}


@pytest.mark.parametrize("kind", EACH)
def test_a_proxy_that_answers_itself(kind: str, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpServer(fixed(400, HTML)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        text = said(kind, "http://store.example.org")
    assert NOT_ITS.format(name=PROVIDERS[kind].name) in text
    assert "whether a proxy or gateway answers in its place" in text


@pytest.mark.parametrize("kind", EACH)
def test_a_proxy_that_never_answers(kind: str, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpServer(lambda _request: SILENCE) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert "no answer within the time" in said(kind, "https://store.example.org")


@pytest.mark.parametrize("kind", EACH)
def test_a_proxy_that_is_not_meant_for_it(kind: str, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with HttpServer(fixed(200, HTML)) as server:
        assert NOT_ITS.format(name=PROVIDERS[kind].name) in said(kind, server.url)
