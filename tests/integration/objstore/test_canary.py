# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret of a store is in any output of a task, whichever module, mode and ending, at the highest verbosity.

The secrets are those that the servers really take, so that every module gets as far as it does for a user.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.objstore.conftest import bucket_on
from tests.integration.objstore.test_gcs import TOKEN, service_account
from tests.support.canary import leaks
from tests.support.modules import run_module
from tests.support.playbooks import play
from tests.tasks.source import modules_with_a_body
from tests.testbed.control_plane import ControlPlane
from tests.testbed.stores import azurite, swift
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.api
NAME = "canary"
MODULES = modules_with_a_body()
# What has to be escaped somewhere; a slash and a plus change in URLs.
WRONG = "CANARY-wrong/0001+x"
ODD = "CANARY-odd\"0002\\'{x}: #=="
OTHER = "CANARY-other/0003+x"
Options = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """A store on a server that takes it, the ways in which it goes wrong, and the secrets in all of them.

    ``wrong``: name of an ending → (a whole credential in the place of the store's, what the message says).
    ``nowhere``: a place where nothing listens; ``tls``: a server that is asked for TLS and has none; both are what is
    different in the store and in the environment. ``environment`` holds what is no option. ``other``: another
    credential, whole as well. ``grants``: who is let in, if the provider carries that.
    """

    store: Options = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)
    other: Options = field(repr=False)
    wrong: Mapping[str, tuple[Options, str]] = field(repr=False)
    nowhere: tuple[Options, Mapping[str, str]] = field(repr=False)
    tls: tuple[Options, Mapping[str, str]] = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)
    grants: Mapping[str, list[str]] = field(default_factory=dict)


def _s3(server: Store, accounts: tuple[str, str]) -> Subject:
    del accounts
    store = bucket_on(server, bucket=NAME).store
    other = {"access_key": "CANARYaccess0001", "secret_key": OTHER}
    wrong = {"wrong key": ({"access_key": store["access_key"], "secret_key": WRONG}, "does not belong to access_key")}
    return Subject(
        store=store,
        secrets={"secret key": store["secret_key"], "token": ODD},
        other=other,
        # moto takes whatever it is given.
        wrong=wrong if server.place.kind == "versitygw" else {},
        nowhere=({"endpoint": "127.0.0.1:1", "session_token": ODD}, {}),
        tls=({"insecure": False, "session_token": ODD}, {}),
        grants={"reader": ["arn:aws:iam::123456789012:user/store"]} if server.place.kind == "moto" else {},
    )


def _gcs(server: Store, accounts: tuple[str, str]) -> Subject:
    own, other = accounts
    broken = json.dumps({**json.loads(own), "private_key": f"-----BEGIN PRIVATE KEY-----\n{WRONG}\n{ODD}\n"})
    silent = json.dumps({**json.loads(other), "token_uri": "http://127.0.0.1:1/token"})
    keys = {name: json.loads(text)["private_key"] for name, text in {"key": own, "other key": other}.items()}
    return Subject(
        store={"type": "GCS", "bucket": NAME, "service_account": own},
        secrets={**keys, "file": own, "other file": other, "odd": ODD, "token": TOKEN},
        other={"service_account": other},
        wrong={
            "broken key": ({"service_account": broken}, "service_account"),
            "no token": ({"service_account": silent}, "no usable credential"),
        },
        nowhere=({}, {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:1"}),
        tls=({}, {"STORAGE_EMULATOR_HOST": server.place.url.replace("http://", "https://")}),
        environment={"STORAGE_EMULATOR_HOST": server.place.url},
        grants={"reader": ["user:reader@example.org"]},
    )


def _azure(server: Store, accounts: tuple[str, str]) -> Subject:
    del accounts
    text, key = azurite.connection_string(server.place), azurite.key_of(server.place)

    def opened_with(secret: str) -> Options:
        return {"storage_connection_string": text.replace(key, secret)}

    wrong, other = (base64.b64encode(secret.encode()).decode() for secret in (WRONG, OTHER))
    return Subject(
        store={
            "type": "AZURE",
            "storage_account": azurite.ACCOUNT,
            "container": NAME,
            "storage_connection_string": text,
        },
        secrets={"key": key, "string": text, "wrong encoded": wrong, "other encoded": other, "odd": ODD},
        other=opened_with(other),
        wrong={
            "wrong key": (opened_with(wrong), "refuses the credential"),
            "odd key": (opened_with(ODD), "refuses the credential"),
            "broken string": ({"storage_connection_string": ODD}, "this is not what Azure gives out"),
        },
        nowhere=({"storage_connection_string": text.replace(server.place.endpoint, "127.0.0.1:1")}, {}),
        tls=({"storage_connection_string": text.replace("http://", "https://")}, {}),
    )


def _swift(server: Store, accounts: tuple[str, str]) -> Subject:
    del accounts
    place = server.place
    login = {"auth_url": f"{place.url}/auth/v1.0", "username": swift.user_of(place), "password": place.secret_key}
    return Subject(
        store={"type": "SWIFT", "container_name": NAME, **login},
        secrets={"password": place.secret_key, "odd": ODD},
        other={"username": login["username"], "password": OTHER},
        wrong={
            "wrong password": ({"username": login["username"], "password": WRONG}, "refuses the credential"),
            "odd password": ({"username": login["username"], "password": ODD}, "refuses the credential"),
        },
        nowhere=({"auth_url": "http://127.0.0.1:1/auth/v1.0"}, {}),
        tls=({"auth_url": login["auth_url"].replace("http://", "https://")}, {}),
        grants={"reader": [f"{swift.ACCOUNT}:other"]},
    )


SUBJECTS: dict[str, tuple[str, Callable[[Store, tuple[str, str]], Subject]]] = {
    "versitygw": ("versitygw", _s3),
    "moto": ("moto", _s3),
    "gcs": ("gcs", _gcs),
    "azure": ("azurite", _azure),
    "swift": ("swift", _swift),
}
FAST = ("versitygw",)


@dataclass(frozen=True)
class Trial:
    """One task. ``ends`` is what Ansible calls its ending, ``says`` what is in it."""

    name: str
    module: str
    ends: str
    says: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    check: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Clusters:
    """Where the Secret is made, and a kubeconfig of a cluster that does not answer."""

    there: Options
    away: Options


def trials(subject: Subject, clusters: Clusters) -> Iterator[Trial]:
    """Every module, mode and ending, in an order in which each finds what it needs."""
    store = subject.store
    roles = {**store, "access": {"reader": subject.other}}
    own, changed = {"store": roles, **clusters.there}, {"store": {**store, **subject.other}, **clusters.there}
    yield Trial("check absent", "bucket", "changed", options={"store": store}, check=True)
    for name, endings in {"present": "changed", "again": "ok"}.items():
        yield Trial(name, "bucket", endings, options={"store": store, "probe": True})
    yield Trial("check present", "bucket", "ok", options={"store": store}, check=True)
    yield Trial("read", "bucket_info", "ok", options={"store": store})
    yield Trial("documents", "bucket_access", "ok", options={"store": store})
    if subject.grants:
        granted = {"store": store, **subject.grants}
        yield Trial("check grant", "bucket_access", "changed", options=granted, check=True)
        yield Trial("grant", "bucket_access", "changed", options=granted)
    yield Trial("check Secret", "objstore_secret", "changed", options=own, check=True)
    yield Trial("Secret", "objstore_secret", "changed", options=own)
    yield Trial("Secret again", "objstore_secret", "ok", options=own)
    yield Trial("check another credential", "objstore_secret", "changed", options=changed, check=True)
    yield Trial("another credential", "objstore_secret", "changed", options=changed)
    yield Trial("no API server", "objstore_secret", "failed", options={**own, **clusters.away})
    yield Trial("Secret absent", "objstore_secret", "changed", options={**own, "state": "absent"})
    mistaken = {
        **store,
        **subject.other,
        "passwrod": ODD,
        "secret_kye": WRONG,
        "part_size": 1,
        "pods": {"key": OTHER},
    }
    for module in ("bucket", "bucket_info", "bucket_access", "objstore_secret"):
        where = clusters.there if module == "objstore_secret" else {}
        yield Trial(f"mistakes of {module}", module, "failed", "no such key", {"store": mistaken, **where})
        misplaced = {"store": store, "secret_key": ODD, **where}
        yield Trial(f"misplaced in {module}", module, "failed", "no such option", misplaced)
    for module in ("bucket", "bucket_info"):
        for name, (changes, says) in subject.wrong.items():
            yield Trial(f"{name} of {module}", module, "failed", says, {"store": {**store, **changes}})
        for name, (changes, elsewhere, says) in {
            "unreachable": (*subject.nowhere, "nothing answers there"),
            "no TLS": (*subject.tls, "does not speak TLS"),
        }.items():
            there = {"store": {**store, **changes}, "timeout": 2}
            yield Trial(f"{name} of {module}", module, "failed", says, there, environment=elsewhere)
    if subject.wrong:
        first, *_others = subject.wrong.values()
        denied = {"store": {**store, "pods": first[0]}, "probe": True}
        yield Trial("pods denied", "bucket", "failed", "the credential of all pods cannot", denied)
    yield Trial("absent", "bucket", "changed", options={"store": store, "state": "absent"})


def playbook(subject: Subject, found: list[Trial]) -> list[Options]:
    """Every trial and, beneath it, its result once more, as people print it."""
    tasks: list[Options] = []
    for number, trial in enumerate(found):
        name = f"trial_{number}"
        tasks += [
            {
                "name": trial.name,
                f"o11y.thanos.{trial.module}": {key: f"{{{{ options[{number}].{key} }}}}" for key in trial.options},
                "environment": {**subject.environment, **trial.environment},
                "check_mode": trial.check,
                "ignore_errors": True,
                "register": name,
            },
            {"name": f"result of {trial.name}", "ansible.builtin.debug": {"var": name}},
        ]
    return [{"hosts": "all", "gather_facts": False, "vars_files": ["options.json"], "tasks": tasks}]


def sections(output: str) -> dict[str, str]:
    """Name of a task → what was printed while it ran."""
    parts = re.split(r"^TASK \[(.*?)\] \**$", output, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clusters]:
    with ControlPlane() as plane:
        config = yaml.safe_load(plane.kubeconfig.read_text())
        config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
        away = tmp_path_factory.mktemp("away") / "kubeconfig"
        away.write_text(yaml.safe_dump(config))
        yield Clusters({"kubeconfig": str(plane.kubeconfig), "namespace": NAME}, {"kubeconfig": str(away)})


@pytest.fixture
def accounts() -> Iterator[tuple[str, str]]:
    with service_account() as own, service_account() as other:
        yield own, other


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in FAST else pytest.mark.slow) for n in SUBJECTS])
def test_no_secret_is_printed(
    servers: Callable[[str], Store], clusters: Clusters, accounts: tuple[str, str], tmp_path: Path, name: str
) -> None:
    kind, make = SUBJECTS[name]
    subject = make(servers(kind), accounts)
    found = list(trials(subject, clusters))
    (tmp_path / "options.json").write_text(json.dumps({"options": [trial.options for trial in found]}))
    (tmp_path / "play.yml").write_text(json.dumps(playbook(subject, found)))
    host = {"here": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}
    done = play(str(tmp_path / "play.yml"), host, tmp_path, "-vvvv", "--diff")
    assert "PLAY RECAP" in done.text, done.text
    secrets = {**subject.secrets, "wrong": WRONG, "odd": ODD, "other": OTHER}
    printed = sections(done.text)
    leaked = {section: leak for section, text in printed.items() if (leak := leaks(text, secrets))}
    assert leaked == {}
    assert leaks(done.text, secrets) == []
    endings = {trial.name: ended(trial, printed[trial.name]) for trial in found}
    assert [f"{task}: {text}" for task, text in endings.items() if text] == []


@pytest.mark.parametrize("module", [path.stem for path in MODULES])
def test_name_that_is_no_option_is_told_without_its_value(module: str) -> None:
    """Ansible's own message comes with every parameter; this is before anything is asked of a server."""
    refused = run_module(module, {"state": "present", "acess_key": ODD, "namespace": "n", "store": {}})
    assert refused.failed
    assert "acess_key: there is no such option." in refused["msg"]
    assert leaks(refused.text, {"odd": ODD}) == []


def ended(trial: Trial, text: str) -> str:
    """What was printed, when the task ended otherwise than it should; else nothing."""
    marks = {"changed": "changed: [here]", "ok": "ok: [here]", "failed": "fatal: [here]"}
    plain = " ".join(text.replace("\\n", " ").replace('\\"', '"').split())
    return "" if marks[trial.ends] in plain and trial.says in plain else plain
