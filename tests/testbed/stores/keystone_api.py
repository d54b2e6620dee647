# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the testbed and the tests ask of a running Keystone, by its API: accounts, roles, application credentials."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from tests.testbed.errors import TestbedError

PROJECT = "testbed"
ADMIN = "admin"
# The role that Swift's own configuration names for those who may make containers, and one that means nothing to it.
OPERATOR = "swiftoperator"
READER = "reader"
_DOMAIN = {"id": "default"}
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Login:
    """A user of the domain ``Default`` in one of its projects."""

    name: str
    password: str = field(repr=False)
    project: str = PROJECT


class Keystone:
    """``auth_url`` with its ``/v3``, and who asks."""

    def __init__(self, auth_url: str, login: Login) -> None:
        self._url = auth_url
        user = {"name": login.name, "domain": _DOMAIN, "password": login.password}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": login.project, "domain": _DOMAIN}}
        headers, answer = self._send("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}}, {})
        self._headers = {"X-Auth-Token": headers["X-Subject-Token"]}
        self.user_id: str = answer["token"]["user"]["id"]
        self.project_id: str = answer["token"]["project"]["id"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer, parsed; raises a sentence when Keystone refuses."""
        return self._send(method, path, body, self._headers)[1]

    def named(self, kind: str, name: str, **more: Any) -> str:
        """The id of the one of ``kind`` (``user``) that has this name, which is made where there is none."""
        found = self.ask("GET", f"/{kind}s?name={name}")[f"{kind}s"]
        made = found[0] if found else self.ask("POST", f"/{kind}s", {kind: {"name": name, **more}})[kind]
        return str(made["id"])

    def add_user(self, name: str, password: str, role: str, project: str = PROJECT) -> None:
        """A user with this role in the project; both are made where there is none."""
        there = self.named("project", project)
        user = self.named("user", name, password=password)
        self.ask("PUT", f"/projects/{there}/users/{user}/roles/{self.named('role', role)}")

    def remove(self, kind: str, query: str) -> None:
        """Delete every ``kind`` (``service``) that the query finds."""
        for found in self.ask("GET", f"/{kind}s?{query}")[f"{kind}s"]:
            self.ask("DELETE", f"/{kind}s/{found['id']}")

    def application_credential(self, name: str, **more: Any) -> tuple[str, str]:
        """Id and secret of a new one of the user who asks, in the project of the login."""
        path = f"/users/{self.user_id}/application_credentials"
        made = self.ask("POST", path, {"application_credential": {"name": name, **more}})["application_credential"]
        return made["id"], made["secret"]

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[Any, Any]:
        data = None if body is None else json.dumps(body).encode()
        form = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(self._url + path, data=data, headers=form, method=method)
        try:
            with _OPENER.open(request, timeout=30) as answer:
                text = answer.read()
                return answer.headers, json.loads(text) if text else None
        except urllib.error.HTTPError as e:
            said = e.read().decode(errors="replace")[:400]
            raise TestbedError(f"Keystone refuses {method} {path} (HTTP {e.code}): {said}") from None
