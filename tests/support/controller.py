# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in of a controller's API (AWX), as far as the loader uses it: no controller, and nothing runs on it.

Paths and fields are those that awxkit, the controller's own client, knows. Where the controller ignores a field that it
does not know, this refuses it, so that a typing error is found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.support.http_server import Answer, HttpServer, Request

ROOT = "/api/v2/"
HIDDEN = "$encrypted$"
# Kind → what must be set, and what may be.
_FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "organizations": ({"name"}, {"description"}),
    "credential_types": ({"name", "kind"}, {"description", "inputs", "injectors"}),
    "credentials": ({"name", "credential_type", "organization"}, {"description", "inputs"}),
    "execution_environments": ({"name", "image"}, {"description", "organization", "pull"}),
    "projects": (
        {"name", "organization", "scm_type", "scm_url"},
        {"description", "scm_branch", "scm_update_on_launch", "scm_update_cache_timeout"},
    ),
    "inventories": ({"name", "organization"}, {"description", "variables"}),
    "inventory_sources": (
        {"name", "inventory", "source"},
        {"description", "source_project", "source_path", "overwrite", "overwrite_vars", "update_on_launch"},
    ),
    "notification_templates": (
        {"name", "organization", "notification_type", "notification_configuration"},
        {"description", "messages"},
    ),
    "job_templates": (
        {"name", "job_type", "inventory", "project", "playbook"},
        {
            "description",
            "execution_environment",
            "extra_vars",
            "diff_mode",
            "survey_enabled",
            "job_slice_count",
            *(f"ask_{what}_on_launch" for what in ("diff_mode", "job_type", "tags", "skip_tags", "limit")),
        },
    ),
    "workflow_job_templates": ({"name"}, {"description", "organization", "inventory", "survey_enabled"}),
    "workflow_job_template_nodes": (
        {"workflow_job_template", "identifier"},
        {"unified_job_template", "skip_tags", "job_tags", "extra_data"},
    ),
}
# A field that names another resource → the kinds of it.
_REFERENCES = {
    "organization": ("organizations",),
    "credential_type": ("credential_types",),
    "inventory": ("inventories",),
    "project": ("projects",),
    "source_project": ("projects",),
    "execution_environment": ("execution_environments",),
    "workflow_job_template": ("workflow_job_templates",),
    "unified_job_template": ("job_templates",),
}
_QUESTIONS = {"text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float"}
_WEBHOOK = {"url", "headers", "http_method", "disable_ssl_verification", "username", "password"}
# What is given to the template of a notification when it is saved.
_STUB = {"url": "https://controller", "job": {"id": 42, "name": "stub", "status": "running", "artifacts": {}}}


class Refused(Exception):
    """The controller answers with this status and this body."""

    def __init__(self, status: int, **body: Any) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body


class Controller:
    """Serves for the block. ``playbooks`` are those that the repository of each project has."""

    def __init__(self, token: str, playbooks: set[str]) -> None:
        self.kinds: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in _FIELDS}
        self.lists: dict[str, list[int]] = {}
        self.surveys: dict[str, dict[str, Any]] = {}
        self.secrets: dict[int, dict[str, Any]] = {}
        self._token, self._playbooks, self._next = token, playbooks, 0
        self.server = HttpServer(self._answer)
        self._make("organizations", {"name": "Default"})

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """The resource of that name."""
        (found,) = (one for one in self.kinds[kind].values() if name in (one.get("name"), one.get("identifier")))
        return found

    def writes(self) -> list[Request]:
        """What was asked and is no reading."""
        return [request for request in self.server.requests if request.method != "GET"]

    def _answer(self, request: Request) -> Answer:
        try:
            status, body = self._served(request)
        except Refused as refused:
            status, body = refused.status, refused.body
        text = b"" if status == 204 else json.dumps(body).encode()
        return Answer(status, {"Content-Type": "application/json"}, text)

    def _served(self, request: Request) -> tuple[int, Any]:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            raise Refused(401, detail="Authentication credentials were not provided.")
        path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        body = json.loads(request.body or b"{}")
        match = re.fullmatch(rf"{ROOT}(?P<kind>\w+)/(?:(?P<id>\d+)/(?:(?P<more>\w+)/)?)?", path)
        if match is None or match["kind"] not in self.kinds:
            raise Refused(404, detail="Not found.")
        kind = match["kind"]
        if match["id"] is None:
            return (201, self._make(kind, body)) if request.method == "POST" else (200, self._list(kind, query))
        there = self.kinds[kind].get(int(match["id"]))
        if there is None:
            raise Refused(404, detail="Not found.")
        if match["more"]:
            return self._related(request.method, path, there, match["more"], body)
        if request.method == "PATCH":
            self._judge(kind, {**self._own(kind, there), **body}, there["id"])
            there.update(self._kept(kind, there["id"], body))
        elif kind == "projects" and there["status"] == "pending":
            # As if it had been read meanwhile; whoever asked is told so the next time.
            answer = dict(there)
            there["status"] = "successful"
            return 200, answer
        return 200, there

    def _own(self, kind: str, there: Mapping[str, Any]) -> dict[str, Any]:
        required, optional = _FIELDS[kind]
        return {key: value for key, value in there.items() if key in required | optional}

    def _list(self, kind: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
        found = list(self.kinds[kind].values())
        for key, (value, *_rest) in query.items():
            if key == "name__in":
                found = [one for one in found if one["name"] in value.split(",")]
            elif key == "workflow_job_template":
                found = [one for one in found if one[key] == int(value)]
            elif key != "page_size":
                raise Refused(400, detail=f"no filter {key}")
        size = int(query.get("page_size", ["25"])[0])
        return {"count": len(found), "next": None, "results": found[:size]}

    def _make(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        self._judge(kind, body)
        self._next += 1
        made = {"id": self._next, **self._kept(kind, self._next, body)}
        if kind == "projects":
            made["status"] = "pending"
        if kind == "workflow_job_template_nodes":
            made.setdefault("unified_job_template", None)
        self.kinds[kind][self._next] = made
        return made

    def _kept(self, kind: str, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is shown of a body: values of a credential's secret fields are not."""
        if kind != "credentials" or "inputs" not in body:
            return dict(body)
        self.secrets[number] = body["inputs"]
        fields = self.kinds["credential_types"][body["credential_type"]]["inputs"]["fields"]
        secret = {field["id"] for field in fields if field.get("secret")}
        return {**body, "inputs": {key: HIDDEN if key in secret else value for key, value in body["inputs"].items()}}

    def _judge(self, kind: str, body: Mapping[str, Any], own: int = 0) -> None:
        required, optional = _FIELDS[kind]
        wrong = {key: ["This field is required."] for key in required - body.keys()}
        wrong |= {key: ["There is no such field."] for key in body.keys() - required - optional}
        for key, kinds in _REFERENCES.items():
            if key in body and not any(body[key] in self.kinds[other] for other in kinds):
                wrong[key] = [f"Invalid pk {body[key]!r} - object does not exist."]
        name = "name" if "name" in required else "identifier"
        if any(one.get(name) == body.get(name) and one["id"] != own for one in self.kinds[kind].values()):
            wrong["__all__"] = [f"{kind} with this {name} already exists."]
        if not wrong:
            wrong = getattr(self, f"_judge_{kind}", lambda _body: {})(body)
        if wrong:
            raise Refused(400, **wrong)

    def _judge_job_templates(self, body: Mapping[str, Any]) -> dict[str, Any]:
        project = self.kinds["projects"][body["project"]]
        if project["status"] != "successful" or body["playbook"] not in self._playbooks:
            return {"playbook": ["Playbook not found for project."]}
        extra = body.get("extra_vars", "")
        return {} if extra == "" or isinstance(json.loads(extra), dict) else {"extra_vars": ["Must be a mapping."]}

    def _judge_credentials(self, body: Mapping[str, Any]) -> dict[str, Any]:
        inputs = self.kinds["credential_types"][body["credential_type"]]["inputs"]
        known, given = {field["id"] for field in inputs["fields"]}, set(body.get("inputs", {}))
        wrong = sorted(given - known) + sorted(set(inputs.get("required", [])) - given)
        return {"inputs": wrong} if wrong else {}

    def _judge_notification_templates(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if set(body["notification_configuration"]) != _WEBHOOK:
            return {"notification_configuration": ["Missing or unknown fields."]}
        environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
        for message in body["messages"].values():
            try:
                json.loads(environment.from_string(message["body"]).render(_STUB))
            except (TemplateError, ValueError) as error:
                return {"messages": [str(error)]}
        return {}

    def _related(
        self, method: str, path: str, there: dict[str, Any], more: str, body: dict[str, Any]
    ) -> tuple[int, Any]:
        if more == "survey_spec":
            if method == "POST":
                self.surveys[path] = judged(body)
            return 200, self.surveys.get(path, {})
        if more == "create_approval_template":
            self._next += 1
            there["unified_job_template"] = self._next
            return 201, {"id": self._next, **body}
        linked = self.lists.setdefault(path.removeprefix(ROOT), [])
        if method == "POST":
            linked.append(body["id"])
            return 204, None
        return 200, {"count": len(linked), "results": [{"id": one} for one in linked]}


def judged(survey: dict[str, Any]) -> dict[str, Any]:
    """A survey as it was given; raises Refused for what the controller refuses of one."""
    wrong = [f"{key} missing" for key in ("name", "description", "spec") if key not in survey]
    questions = survey.get("spec", [])
    names = [one.get("variable") for one in questions]
    wrong += [f"variable {name} duplicated" for name in names if names.count(name) > 1]
    for one in questions:
        if one.get("type") not in _QUESTIONS:
            wrong.append(f"type of {one.get('variable')}")
        wrong += [f"{key} missing" for key in ("question_name", "variable", "required") if key not in one]
        if not isinstance(one.get("required"), bool):
            wrong.append("required must be a boolean")
        if "choices" in one and "default" in one and one["default"] not in one["choices"]:
            wrong.append(f"default of {one['variable']}")
    if wrong or not questions:
        raise Refused(400, error=wrong)
    return survey
