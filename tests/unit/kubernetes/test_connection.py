# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every connection option, from the task and from the environment, reaches the client library."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.doc_fragments.kubernetes import ModuleDocFragment
from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure, InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import ARGUMENT_SPEC, connect

FILE = str(Path(__file__))
HOST = {"host": "https://api.example:6443/"}
KUBECONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "one",
    "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example"}} for name in ("one", "two")],
    "users": [{"name": "me", "user": {"token": "from-kubeconfig"}}],
    "contexts": [{"name": name, "context": {"cluster": name, "user": "me"}} for name in ("one", "two")],
}


def reached(options: dict[str, Any]) -> dict[str, Any]:
    """What the client library would use."""
    api = connect(options)._api
    return {**vars(api.configuration), **api.client.default_headers, "proxy": api.configuration.proxy}


# option → value, its environment variable and text, and what the library is told
OPTIONS: dict[str, tuple[Any, str, str, dict[str, Any]]] = {
    "api_key": ("t", "API_KEY", "t", {"api_key": {"authorization": "Bearer t"}}),
    "ca_cert": (FILE, "SSL_CA_CERT", FILE, {"ssl_ca_cert": FILE}),
    "client_cert": (FILE, "CERT_FILE", FILE, {"cert_file": FILE}),
    "client_key": (FILE, "KEY_FILE", FILE, {"key_file": FILE}),
    "validate_certs": (False, "VERIFY_SSL", "No", {"verify_ssl": False}),
    "proxy": ("http://p:1", "PROXY", "http://p:1", {"proxy": "http://p:1"}),
    "no_proxy": ("a,b", "NO_PROXY", "a,b", {"proxy": None}),
    "impersonate_user": ("u", "IMPERSONATE_USER", "u", {"Impersonate-User": "u"}),
    "impersonate_groups": (["g"], "IMPERSONATE_GROUPS", "g", {"Impersonate-Group": "g"}),
    "proxy_headers": (
        {"user_agent": "me"}, "PROXY_HEADERS_USER_AGENT", "me", {"proxy_headers": {"user-agent": "me"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_option_and_its_environment_variable(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value, variable, text, expected = OPTIONS[option]
    credentials = {} if option == "api_key" else {"api_key": "x"}
    if option == "impersonate_groups":
        credentials["impersonate_user"] = "u"
    given = reached({**HOST, **credentials, option: value})
    assert expected.items() <= given.items()
    monkeypatch.setenv(f"K8S_AUTH_{variable}", text)
    assert expected.items() <= reached({**HOST, **credentials}).items()


def test_aliases_are_understood() -> None:
    given = reached({**HOST, "cert_file": FILE, "key_file": FILE, "ssl_ca_cert": FILE, "verify_ssl": True})
    assert (given["cert_file"], given["key_file"], given["ssl_ca_cert"]) == (FILE, FILE, FILE)


def test_user_name_and_password_are_sent_as_basic_authentication() -> None:
    given = reached({**HOST, "username": "me", "password": "p"})
    assert given["authorization"] == "Basic bWU6cA=="


def test_context_chooses_in_a_kubeconfig_and_options_go_before_it() -> None:
    assert connect({"kubeconfig": KUBECONFIG}).host == "https://one.example"
    assert connect({"kubeconfig": KUBECONFIG, "context": "two"}).host == "https://two.example"
    given = {"kubeconfig": KUBECONFIG, **HOST, "context": "two", "api_key": "t"}
    assert connect(given).host == "https://api.example:6443"


def test_kubeconfig_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(KUBECONFIG))
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", str(path))
    assert connect({}).host == "https://one.example"


@pytest.mark.parametrize(("option", "variable"), [({"persist_config": True}, ""), ({}, "true"), ({}, "")])
def test_kubeconfig_is_written_back_only_where_asked(
    option: dict[str, Any], variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(KUBECONFIG))
    given: dict[str, Any] = {}
    monkeypatch.setattr("kubernetes.config.load_kube_config", lambda *_paths, **named: given.update(named))
    monkeypatch.setenv("K8S_AUTH_PERSIST_CONFIG", variable)
    connect({"kubeconfig": str(path), **option})
    assert given.get("persist_config", False) is bool(option or variable)


def test_paths_in_a_kubeconfig_start_at_its_folder_and_it_is_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clusters = [{"name": "one", "cluster": {"server": "https://one.example", "certificate-authority": "ca.pem"}}]
    (tmp_path / "ca.pem").write_text("")
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump({**KUBECONFIG, "clusters": clusters}))
    parsed: list[str] = []
    load = yaml.load

    def counted(text: str, **more: Any) -> Any:
        parsed.append(text)
        return load(text, **more)

    monkeypatch.setattr(yaml, "load", counted)
    assert reached({"kubeconfig": str(path)})["ssl_ca_cert"] == str(tmp_path / "ca.pem")
    assert parsed == [path.read_text()]


def test_files_that_do_not_exist_are_mistakes_all_at_once() -> None:
    with pytest.raises(InvalidInput) as mistakes:
        connect({**HOST, "api_key": "x", "ca_cert": "/nowhere/ca", "client_cert": "/nowhere/cert"})
    assert len(mistakes.value.problems) == 2


def test_as_many_connections_as_workers_and_no_hidden_retries() -> None:
    given = reached({**HOST, "api_key": "x"})
    assert (given["connection_pool_maxsize"], given["retries"]) == (8, False)


def test_documentation_names_every_option_with_its_type_and_aliases() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert {n: (o["type"], o.get("aliases", [])) for n, o in documented.items()} == {
        n: (o["type"], o.get("aliases", [])) for n, o in ARGUMENT_SPEC.items()
    }
    assert set(documented["proxy_headers"]["suboptions"]) == set(ARGUMENT_SPEC["proxy_headers"]["options"])


def with_user(**user: Any) -> dict[str, Any]:
    return {**KUBECONFIG, "users": [{"name": "me", "user": {"token": "from-kubeconfig", **user}}]}


def without_token(user: dict[str, Any]) -> dict[str, Any]:
    return {**KUBECONFIG, "users": [{"name": "me", "user": user}]}


AS = {"as": "viewer", "as-groups": ["readers"], "as-uid": "7", "as-user-extra": {"example.org/reason": ["audit"]}}
IMPERSONATED = {
    "Impersonate-User": "viewer",
    "Impersonate-Group": "readers",
    "Impersonate-Uid": "7",
    "Impersonate-Extra-example.org%2Freason": "audit",
}


@pytest.mark.parametrize("form", ["content", "file", "files"])
def test_a_kubeconfig_may_say_as_whom_one_acts(form: str, tmp_path: Path) -> None:
    found = with_user(**AS)
    parts = {"a": {**found, "users": []}, "b": {"users": found["users"]}} if form == "files" else {"a": found}
    for name, part in parts.items():
        (tmp_path / name).write_text(yaml.safe_dump(part))
    source = found if form == "content" else os.pathsep.join(str(tmp_path / name) for name in parts)
    assert IMPERSONATED.items() <= reached({"kubeconfig": source}).items()
    # What the task says goes before it, as a whole.
    named = reached({"kubeconfig": source, "impersonate_user": "other"})
    assert {k: v for k, v in named.items() if k.startswith("Impersonate-")} == {"Impersonate-User": "other"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"kubeconfig": with_user(**{"as-groups": ["a"]})}, r"^the user of the kubeconfig acts as groups.* \(as\) too"),
        ({"kubeconfig": with_user(**{"as-uid": "7"})}, r"^the user of the kubeconfig acts as groups"),
        (
            {**HOST, "api_key": "x", "impersonate_groups": ["a"]},
            r"^impersonate_groups acts .*\(impersonate_user\) too",
        ),
    ],
)
def test_groups_of_nobody_are_refused_as_kubectl_does(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        connect(options)
    (sentence,) = refused.value.problems
    assert re.search(told, sentence)


@pytest.mark.parametrize(
    ("cluster", "environment", "options", "proxy"),
    [
        ({}, {}, {}, None),
        ({}, {"HTTPS_PROXY": "http://e:1", "NO_PROXY": "two.example"}, {}, "http://e:1"),
        ({}, {"HTTPS_PROXY": "http://e:1", "NO_PROXY": "one.example"}, {}, None),
        ({}, {"HTTPS_PROXY": "http://e:1"}, {"no_proxy": ".example"}, None),
        ({}, {"HTTP_PROXY": "http://e:1"}, {}, None),
        ({}, {"HTTPS_PROXY": "proxy.example:3128"}, {}, "http://proxy.example:3128"),
        ({"server": "https://localhost:6443"}, {"HTTPS_PROXY": "http://e:1"}, {}, None),
        ({"server": "https://127.0.0.1:6443"}, {"HTTPS_PROXY": "http://e:1"}, {"proxy": "http://o:1"}, "http://o:1"),
        ({"proxy-url": "http://k:1"}, {"HTTPS_PROXY": "http://e:1", "NO_PROXY": "one.example"}, {}, "http://k:1"),
        ({"proxy-url": "http://k:1"}, {}, {"proxy": "http://o:1", "no_proxy": "a"}, "http://o:1"),
        ({"proxy-url": "http://k:1"}, {}, {"proxy": "http://o:1", "no_proxy": "*"}, None),
    ],
)
def test_the_proxy_is_that_of_the_option_the_kubeconfig_or_the_environment(
    cluster: dict[str, str],
    environment: dict[str, str],
    options: dict[str, str],
    proxy: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = {**KUBECONFIG, "clusters": [{"name": "one", "cluster": {"server": "https://one.example", **cluster}}]}
    told = reached({"kubeconfig": found, **options})
    assert told["proxy"] == proxy


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("ftp://me:canary@a:1", "unsupported scheme ftp"),
        ("http://me:canary@x:y", "not a valid host or port"),
        ("http://me:canary@x:99999", "cannot be used"),
    ],
)
@pytest.mark.parametrize("of_the_task", [True, False])
def test_proxy_of_a_wrong_form_is_a_sentence(proxy: str, told: str, of_the_task: bool) -> None:
    cluster = {"server": "https://one.example", **({} if of_the_task else {"proxy-url": proxy})}
    found = {**KUBECONFIG, "clusters": [{"name": "one", "cluster": cluster}]}
    with pytest.raises(InvalidInput, match=told) as refused:
        connect({"kubeconfig": found, **({"proxy": proxy} if of_the_task else {})})
    (sentence,) = refused.value.problems
    assert sentence.startswith("option proxy cannot" if of_the_task else "proxy-url of the kubeconfig cannot")
    assert "canary" not in sentence


def test_socks_proxy_without_its_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.delitem(sys.modules, "urllib3.contrib.socks", raising=False)
    with pytest.raises(Failure, match=r"option proxy.*(PySocks|unsupported scheme socks5)"):
        connect({**HOST, "api_key": "x", "proxy": "socks5://127.0.0.1:1"})


@pytest.mark.parametrize(
    ("options", "secret"),
    [
        ({**HOST, "api_key": "token-of-the-task"}, "token-of-the-task"),
        ({**HOST, "username": "me", "password": "password-of-the-task"}, "bWU6cGFzc3dvcmQtb2YtdGhlLXRhc2s="),
        ({"kubeconfig": with_user(token="token-of-the-file")}, "token-of-the-file"),
        ({"kubeconfig": without_token({"username": "me", "password": "of-the-file"})}, "bWU6b2YtdGhlLWZpbGU="),
        ({**HOST, "api_key": "x0", "proxy": "http://me:of-the-proxy@p:1"}, "of-the-proxy"),
        ({**HOST, "api_key": "x0", "proxy_headers": {"proxy_basic_auth": "me:proxied"}}, "bWU6cHJveGllZA=="),
    ],
)
def test_whatever_is_sent_as_proof_is_masked_where_somebody_repeats_it(options: dict[str, Any], secret: str) -> None:
    client = connect(options)
    assert client._told(f"Authorization: {secret} was refused") == "Authorization: ******** was refused"
