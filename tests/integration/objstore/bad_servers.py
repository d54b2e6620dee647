# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores of every provider at any address, what a server there may answer, and the module's work in this process."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure, InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import SPEC, mistakes_in, run
from tests.support.http_server import Answer, Request, Rule

Options = dict[str, Any]
# In every credential; it must be in no sentence.
CANARY = "CANARY"
SECRET = base64.b64encode(f"{CANARY} of a key".encode()).decode()
TIMEOUT = 1
HTML = b"<!doctype html><html><head><meta charset=utf-8><title>Welcome</title></head><body>It works</body></html>"


@dataclass(frozen=True)
class Provider:
    """``store`` at a URL; ``environment`` where that says where it is. ``name``: what sentences call the server."""

    name: str
    store: Callable[[str], Options] = field(repr=False)
    environment: Callable[[str], Mapping[str, str]] = field(default=lambda _url: {}, repr=False)


def _s3(url: str) -> Options:
    scheme, _mark, endpoint = url.partition("://")
    keys = {"access_key": "owner", "secret_key": SECRET}
    return {"type": "S3", "bucket": "metrics", "endpoint": endpoint, "insecure": scheme == "http", **keys}


def _azure(url: str) -> Options:
    text = f"DefaultEndpointsProtocol=http;AccountName=metrics1;AccountKey={SECRET};BlobEndpoint={url}/metrics1;"
    return {"type": "AZURE", "storage_account": "metrics1", "container": "metrics", "storage_connection_string": text}


def _swift(url: str) -> Options:
    login = {"auth_url": f"{url}/auth/v1.0", "username": "metrics:thanos", "password": SECRET}
    return {"type": "SWIFT", "container_name": "metrics", **login}


def _keystone(url: str) -> Options:
    project = {"project_name": "metrics", "project_domain_name": "Default", "user_domain_name": "Default"}
    return {**_swift(url), "auth_url": f"{url}/v3", **project}


PROVIDERS = {
    "S3": Provider("S3", _s3),
    "GCS": Provider(
        "Google",
        lambda _url: {"type": "GCS", "bucket": "metrics", "project": "metrics"},
        lambda url: {"STORAGE_EMULATOR_HOST": url},
    ),
    "AZURE": Provider("Azure Blob Storage", _azure),
    "SWIFT": Provider("Swift", _swift),
    "KEYSTONE": Provider("Swift", _keystone),
}


def fixed(status: int = 200, body: bytes = b"", form: str = "text/html", length: int | None = None) -> Rule:
    """The same answer to every request."""
    return lambda _request: Answer(status, {"Content-Type": form}, body, length)


def s3_error(code: str, status: int = 403) -> Rule:
    """As S3 refuses; HEAD has no body to say why."""
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{CANARY}</Message></Error>"
    return fixed(status, text.encode(), "application/xml")


def azure_error(code: str, status: int = 403) -> Rule:
    """As Azure refuses."""
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{CANARY}</Message></Error>".encode()
    return lambda _request: Answer(status, {"x-ms-error-code": code, "Content-Type": "application/xml"}, text)


def google_error(status: int, reason: str = "") -> Rule:
    """As Google refuses."""
    error = {"code": status, "message": CANARY, "errors": [{"reason": reason, "message": CANARY}]}
    return fixed(status, json.dumps({"error": error}).encode(), "application/json")


def after_login(rule: Rule) -> Rule:
    """Swift that lets everybody in, and then answers by ``rule``."""

    def answer(request: Request) -> Answer | str:
        if not request.path.startswith("/auth"):
            return rule(request)
        return Answer(200, {"X-Auth-Token": CANARY, "X-Storage-Url": f"http://{request.headers['Host']}/v1/metrics"})

    return answer


def keystone(catalog: list[Options]) -> Rule:
    """Keystone that gives everybody a token with this catalogue."""
    token = {"expires_at": "2099-01-01T00:00:00Z", "issued_at": "2020-01-01T00:00:00Z", "catalog": catalog}

    def answer(request: Request) -> Answer:
        form = {"Content-Type": "application/json"}
        if request.method == "GET":
            here = [{"rel": "self", "href": f"http://{request.headers['Host']}/v3/"}]
            version = {"id": "v3.14", "status": "stable", "links": here}
            return Answer(200, form, json.dumps({"version": version}).encode())
        return Answer(201, {**form, "X-Subject-Token": CANARY}, json.dumps({"token": token}).encode())

    return answer


def sentence(store: Options, folder: Path, check: bool = False, **options: Any) -> str:
    """What ``bucket`` says when it fails; an exception that it does not know, or success, is one here too.

    ``check``: in check mode.
    """
    raw = {"timeout": TIMEOUT, **options, "store": store}
    try:
        problems = mistakes_in(raw)
        if problems:
            raise InvalidInput(problems)
        checked = ArgumentSpecValidator(SPEC).validate(raw)
        assert checked.error_messages == []
        result = run(checked.validated_parameters, Mode(check, directory=str(folder)))
    except Failure as failure:
        return str(failure)
    raise AssertionError(f"it did not fail: {result}")
