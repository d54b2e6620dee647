# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig is a path, a mapping or text; one that is given by its content is used, and nowhere shown."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kubeconfig import (
    hidden,
    is_content,
    known_credentials,
)
from tests.support.canary import leaks
from tests.support.in_process import run_main

CANARY = "canary-token-0123456789"
KUBECONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "one",
    "clusters": [{"name": "one", "cluster": {"server": "https://one.example"}}],
    "users": [{"name": "me", "user": {"token": CANARY, "password": 12345678, "empty": "", "yes": True}}],
    "contexts": [{"name": "one", "context": {"cluster": "one", "user": "me"}}],
}
TEXTS = {"YAML": yaml.safe_dump(KUBECONFIG), "JSON on one line": json.dumps(KUBECONFIG)}
# What a failure says of a kubeconfig that is broken → its content.
BROKEN: dict[str, Any] = {
    r"is not valid YAML \(line 2\)": f"users:\n- user: {{token: {CANARY}",
    "is not valid YAML": f"apiVersion: v1 kind: Config users: - user: token: {CANARY}",
    "is not a YAML mapping": f"- user:\n    token: {CANARY}\n",
    "content is not a YAML mapping": base64.b64encode(TEXTS["YAML"].encode() * 5).decode(),
    "by its content is not a YAML mapping": [{"users": [{"user": {"token": CANARY}}]}],
    "Expected key current-context": {"users": [CANARY]},
    "cannot be used: .*Expected key": {"users": 5},
    "cannot be used: Invalid kube-config": {"users": {"alice": {"token": CANARY}}},
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_used_as_a_kubeconfig(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connect({"kubeconfig": text}).host == "https://one.example"
    monkeypatch.setenv("KUBECONFIG", text)
    assert connect({}).host == "https://one.example"


def test_context_that_is_not_there_is_told_beside_those_that_are(tmp_path: Path) -> None:
    two = {**KUBECONFIG, "contexts": [*KUBECONFIG["contexts"], {"name": "two", "context": {}}]}
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(two))
    with pytest.raises(InvalidInput) as error:
        connect({"kubeconfig": str(file), "context": "tow"})
    (finding,) = error.value.findings
    assert str(finding) == f"context: there is no 'tow' in {file}, which has one, two. Did you mean 'two'?"
    with pytest.raises(InvalidInput) as error:
        connect({"kubeconfig": str(file), "context": "prod"})
    (finding,) = error.value.findings
    typed = {"context": "thanos_context", "kubeconfig": "thanos_kubeconfig"}
    assert str(finding.typed(typed)) == (
        f"thanos_context: there is no 'prod' in {file}, which has one, two; name one of them, or in thanos_kubeconfig "
        "the file that has it."
    )
    file.write_text(json.dumps({key: value for key, value in two.items() if key != "current-context"}))
    assert connect({"kubeconfig": str(file), "context": "one"}).host == "https://one.example"
    with pytest.raises(InvalidInput, match=r"context is needed, since .*, which has one, two, says of none that it is"):
        connect({"kubeconfig": str(file)})


def test_path_with_a_newline_at_its_end_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(TEXTS["YAML"])
    assert connect({"kubeconfig": f"{tmp_path}/config\n"}).host == "https://one.example"
    with pytest.raises(InvalidInput, match="kubeconfig /nowhere does not exist"):
        connect({"kubeconfig": "/nowhere\n"})


@pytest.mark.parametrize("path", ["~/.kube/config", "/a b/c:d", "C.yaml", ":".join(["/a/long/path"] * 200), "", None])
def test_what_is_a_path(path: str | None) -> None:
    assert not is_content(path)


@pytest.mark.parametrize(("sentence", "kubeconfig"), BROKEN.items(), ids=BROKEN)
def test_broken_content_is_not_quoted_by_the_connection(sentence: str, kubeconfig: Any) -> None:
    with pytest.raises(InvalidInput, match=sentence) as mistake:
        connect({"kubeconfig": kubeconfig})
    assert "\n" not in mistake.value.problems[0]
    assert leaks(str(mistake.value), {"token": CANARY}) == []


@pytest.mark.parametrize(("sentence", "kubeconfig"), BROKEN.items(), ids=BROKEN)
def test_broken_content_is_not_shown_by_a_module(sentence: str, kubeconfig: Any) -> None:
    result = run_main("verify", {"cluster": "eu", "instances": {"query": {}}, "kubeconfig": kubeconfig})
    assert result.failed
    assert re.search(sentence, result["msg"].replace("********", "5"))
    assert leaks(result.text, {"token": CANARY}) == []


@pytest.mark.parametrize("kubeconfig", [KUBECONFIG, *TEXTS.values()], ids=["mapping", *TEXTS])
def test_of_a_content_only_what_is_secret_is_masked(kubeconfig: Any) -> None:
    text = [kubeconfig] if isinstance(kubeconfig, str) else []
    assert hidden(kubeconfig) == {CANARY, "12345678", *text}
    arguments = {"cluster": "eu", "instances": {"query": {}}, "kubeconfig": kubeconfig, "context": "me one v1 Config"}
    result = run_main("verify", arguments)
    assert "context: there is no 'me one v1 Config' in the kubeconfig given by its content, which has" in result["msg"]
    assert leaks(result.text, {"token": CANARY}) == []


@pytest.mark.parametrize("kubeconfig", [KUBECONFIG, *TEXTS.values()], ids=["mapping", *TEXTS])
def test_what_is_blanked_in_the_whole_run_is_a_credential_by_its_key(kubeconfig: Any) -> None:
    text = [kubeconfig] if isinstance(kubeconfig, str) else []
    assert known_credentials(kubeconfig) == {CANARY, "12345678", *text}


def test_names_and_paths_of_a_user_are_not_blanked_in_the_whole_run() -> None:
    helper = {"command": "aws", "args": ["eks"], "env": [{"name": "AWS_PROFILE", "value": "eu"}]}
    oidc = {"name": "oidc", "config": {"id-token": CANARY, "idp-issuer-url": "https://issuer.example"}}
    user = {"username": "eu", "client-key": "/keys/eu", "exec": helper, "auth-provider": oidc}
    assert known_credentials({"users": [{"name": "eu", "user": user}]}) == {CANARY}
