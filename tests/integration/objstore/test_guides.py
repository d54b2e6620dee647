# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides of docs/object-stores, done as they are written: their files, their commands, a real server for each.

What a reader exports is the address and the credential; nothing of a guide's files is changed. The API server is real
and has no nodes. At the end the real Thanos lists the bucket with what the Secret holds.
"""

from __future__ import annotations

import base64
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.test_gcs import service_account
from tests.integration.objstore.test_thanos import REFUSALS, ls_of, thanos
from tests.integration.playbooks.conftest import STORAGE_CLASS
from tests.support import guides
from tests.support.modules import run_module
from tests.support.playbooks import Play, play
from tests.testbed.binaries import path_of
from tests.testbed.control_plane import ControlPlane
from tests.testbed.shell import run
from tests.testbed.stores import azurite, garage, keystone, minio, seaweedfs
from tests.testbed.stores.keystone_api import PROJECT, Keystone
from tests.testbed.stores.store import Store

pytestmark = pytest.mark.api
__all__ = ["thanos"]
NUMBERS = itertools.count(1)
MOUNTED = "/etc/thanos/objstore"
Exports = dict[str, str]
DEPLOY = ("deploy", "--tags", "objstore")
# What a deploy does once it has tried the credential of the pods, for one that no server here takes.
SECRET = """
- hosts: all
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: Make the Secret through which the pods reach the bucket
      o11y.thanos.objstore_secret:
        store: "{{ thanos_objstore }}"
        namespace: "{{ thanos_namespace }}"
"""


@dataclass(frozen=True)
class Case:
    """One inventory of a guide.

    ``first`` is the playbook that it lets run before a deploy, ``commands`` the script after that. ``exports`` is what
    the reader exports, given the server and a folder with the key files ``owner`` and ``thanos``. ``network`` is what
    stands in objstore.yml and only Thanos' own network knows, and what is in its place here. ``deploy`` makes the
    Secret. ``reached`` says whether there is a server that takes the credential of the pods. ``access`` is what the
    name of the Secret with the most rights ends in.
    """

    guide: str
    exports: Callable[[Store | None, Path], Exports]
    server: str = ""
    inventory: str = "inventory.yml"
    first: str = ""
    commands: str = ""
    network: Callable[[Store], Mapping[str, str]] = lambda _server: {}
    deploy: tuple[str, ...] = DEPLOY
    reached: bool = True
    access: str = ""


def _place(server: Store | None) -> Any:
    assert server is not None
    return server.place


def _amazon(server: Store | None, _folder: Path) -> Exports:
    place = _place(server)
    keys = {"AWS_ACCESS_KEY_ID": place.access_key, "AWS_SECRET_ACCESS_KEY": place.secret_key}
    # boto3's own variable: the endpoint of the inventory stays Amazon's.
    return {"AWS_ENDPOINT_URL_S3": place.url, **keys, **_user("thanos-user", "thanos-secret")}


def _own_server(server: Store | None, _folder: Path) -> Exports:
    place = _place(server)
    users = [_new_user(server, role) for role in ("READER", "WRITER", "COMPACTOR")]
    return {**_owner("S3", place), "S3_CA": str(place.ca_file), **users[0], **users[1], **users[2]}


def _owner(server: str, place: Any) -> Exports:
    keys = {f"{server}_ACCESS_KEY": place.access_key, f"{server}_SECRET_KEY": place.secret_key}
    return {f"{server}_ENDPOINT": place.endpoint, **keys}


def _minio(server: Store | None, _folder: Path) -> Exports:
    """The pods' user has the policy of the guide's first step, which needs no bucket."""
    place = _place(server)
    assert server is not None
    user = server.add_user(f"thanos-{next(NUMBERS)}")
    store = {"type": "S3", "bucket": "metrics-eu", "endpoint": place.endpoint}
    document = run_module("bucket_access", {"store": store})["documents"]["compactor"]
    minio.let(place, user["access_key"], user["access_key"], document["Statement"])
    keys = {"MINIO_ROOT_USER": place.access_key, "MINIO_ROOT_PASSWORD": place.secret_key}
    return {"MINIO_ENDPOINT": place.endpoint, **keys, **_user(**user)}


def _seaweedfs(server: Store | None, _folder: Path) -> Exports:
    place = _place(server)
    exports = {**_owner("SEAWEEDFS", place), "SEAWEEDFS_MASTER": seaweedfs.master_of(place)}
    return {**exports, **_user("thanos-user", "thanos-secret"), **_on_the_path("weed")}


def _garage(server: Store | None, _folder: Path) -> Exports:
    place = _place(server)
    exports = {**_owner("GARAGE", place), "GARAGE_CONFIG_FILE": str(garage.configuration(place))}
    return {**exports, **_user("thanos-user", "thanos-secret-of-garage"), **_on_the_path("garage")}


def _on_the_path(program: str) -> Exports:
    return {"PATH": f"{path_of(program).parent}{os.pathsep}{os.environ['PATH']}"}


def _new_user(server: Store | None, role: str) -> Exports:
    assert server is not None
    user = server.add_user(f"{role.lower()}-{next(NUMBERS)}")
    return {f"{role}_{name.upper()}": value for name, value in user.items()}


def _user(access_key: str, secret_key: str) -> Exports:
    return {"THANOS_ACCESS_KEY": access_key, "THANOS_SECRET_KEY": secret_key}


def _google(server: Store | None, folder: Path) -> Exports:
    keys = {"OWNER_KEY_FILE": str(folder / "owner"), "THANOS_KEY_FILE": str(folder / "thanos")}
    return {"STORAGE_EMULATOR_HOST": _place(server).url, **keys}


def _azure(server: Store | None, _folder: Path) -> Exports:
    text = azurite.connection_string(_place(server))
    return {"AZURE_STORAGE_ACCOUNT": azurite.ACCOUNT, "AZURE_STORAGE_CONNECTION_STRING": text}


def _principal(server: Store | None, folder: Path) -> Exports:
    names = ("THANOS_TENANT_ID", "THANOS_CLIENT_ID", "THANOS_CLIENT_SECRET")
    return {**_azure(server, folder), **{name: name.lower() for name in names}}


def _openstack(server: Store | None, _folder: Path) -> Exports:
    place = _place(server)
    owner = {"OS_USERNAME": place.access_key, "OS_PASSWORD": place.secret_key, "OS_PROJECT_NAME": PROJECT}
    user, _login, exports = _openstack_user(server)
    return {**exports, **owner, "THANOS_USERNAME": user["access_key"], "THANOS_PASSWORD": user["secret_key"]}


def _applications(server: Store | None, _folder: Path) -> Exports:
    _user, login, exports = _openstack_user(server)
    for whose, who in (("OS", keystone.log_in(_place(server))), ("THANOS", login)):
        name, secret = who.application_credential(f"guide-{next(NUMBERS)}")
        exports[f"{whose}_APPLICATION_CREDENTIAL_ID"] = name
        exports[f"{whose}_APPLICATION_CREDENTIAL_SECRET"] = secret
    return exports


def _openstack_user(server: Store | None) -> tuple[dict[str, str], Keystone, Exports]:
    """A new user for the pods, its login, and what is exported however one logs in."""
    place = _place(server)
    assert server is not None
    user = server.add_user(f"thanos-{next(NUMBERS)}")
    login = keystone.log_in(place, user["access_key"], user["secret_key"])
    ids = {"THANOS_PROJECT_ID": login.project_id, "THANOS_USER_ID": login.user_id}
    return user, login, {"OS_AUTH_URL": keystone.auth_url_of(place), **ids}


def _directory(_server: Store | None, folder: Path) -> Exports:
    return {"THANOS_DIRECTORY": str(folder / "blocks")}


def _others(_server: Store | None, folder: Path) -> Exports:
    names = ("THANOS_SECRET_ID", "THANOS_SECRET_KEY", "THANOS_ACCESS_KEY", "THANOS_FINGERPRINT")
    return {**{name: f"{name.lower()}-value" for name in names}, "THANOS_KEY_FILE": str(folder / "key.pem")}


AMAZON = "s3.eu-central-1.amazonaws.com"
CASES: dict[str, Case] = {
    "amazon": Case(
        guide="s3",
        server="moto",
        exports=_amazon,
        first="bucket.yml",
        network=lambda server: {f'"{AMAZON}"': f'"{server.place.endpoint}"\n  insecure: true'},
    ),
    "own server": Case(
        guide="s3",
        server="versitygw",
        exports=_own_server,
        inventory="own-server.yml",
        access="-compactor",
    ),
    "minio": Case(guide="minio", server="minio", exports=_minio, first="documents.yml"),
    "seaweedfs": Case(
        guide="minio",
        server="seaweedfs",
        exports=_seaweedfs,
        inventory="seaweedfs.yml",
        first="documents.yml",
        commands="seaweedfs.sh",
    ),
    "garage": Case(guide="minio", server="garage", exports=_garage, inventory="garage.yml", commands="garage.sh"),
    "google": Case(guide="gcs", server="gcs", exports=_google, first="bucket.yml"),
    "azure": Case(guide="azure", server="azurite", exports=_azure, first="access.yml"),
    "azure principal": Case(
        guide="azure",
        server="azurite",
        exports=_principal,
        inventory="principal.yml",
        first="access.yml",
        deploy=("secret.yml",),
        reached=False,
    ),
    "swift": Case(guide="swift", server="swift-keystone", exports=_openstack, first="bucket.yml"),
    "swift application": Case(
        guide="swift",
        server="swift-keystone",
        exports=_applications,
        inventory="application.yml",
        first="bucket.yml",
    ),
    "directory": Case(guide="filesystem", exports=_directory),
    **{
        provider: Case(guide="others", exports=_others, inventory=f"{provider}.yml", first="access.yml", reached=False)
        for provider in ("cos", "oss", "bos", "obs", "oci")
    },
}
FAST = ("amazon", "own server", "minio", "directory")
ALL = [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in CASES]


@dataclass(frozen=True)
class Reader:
    """Somebody who copied a guide's files into a folder, and exported what it says."""

    case: Case
    plane: ControlPlane
    folder: Path
    namespace: str
    exports: Exports = field(repr=False)
    server: Store | None

    def runs(self, playbook: str, *arguments: str) -> Play:
        """``ansible-playbook -i inventory.yml PLAYBOOK``, in a namespace of the test's own."""
        name = str(self.folder / playbook) if playbook.endswith(".yml") else playbook
        inventory = self.folder / self.case.inventory
        return play(name, inventory, self.folder, "-e", f"thanos_namespace={self.namespace}", *arguments)

    def changes(self, playbook: str, *arguments: str) -> int:
        """How many tasks changed something; none may fail."""
        done = self.runs(playbook, *arguments)
        assert done.code == 0, done.text
        return sum(changed for changed, _failed in done.recap().values())

    def secret(self, access: str) -> dict[str, str]:
        """What the Secret for the pods of an access role holds."""
        path = f"/api/v1/namespaces/{self.namespace}/secrets/thanos-objstore-default{access}"
        data = self.plane.api.must("GET", path)["data"]
        return {name: base64.b64decode(value).decode() for name, value in data.items()}

    def lists(self, thanos: Path) -> tuple[int, str]:
        """What Thanos says that gets the Secret's files."""
        here = {MOUNTED: str(self.folder), **(self.case.network(self.server) if self.server else {})}
        for name, text in self.secret(self.case.access).items():
            for theirs, ours in here.items():
                text = text.replace(theirs, ours)
            (self.folder / name).write_text(text)
        return ls_of(thanos, self.folder, **self.exports)


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as running:
        running.api.must("POST", "/apis/storage.k8s.io/v1/storageclasses", STORAGE_CLASS)
        yield running


@pytest.fixture(scope="module")
def stores(servers: Callable[[str], Store]) -> Iterator[Callable[[str], Store]]:
    """Kind → server. The one of one's own has a certificate of a private authority."""
    with ExitStack() as stack:
        private = stack.enter_context(Store("versitygw", tls=True))
        yield lambda kind: private if kind == "versitygw" else servers(kind)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Path]:
    """A folder with the key files of two service accounts of Google, and one of Oracle's form."""
    with service_account() as owner, service_account() as pods:
        (tmp_path / "owner").write_text(owner)
        (tmp_path / "thanos").write_text(pods)
        (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        yield tmp_path


@pytest.fixture
def reader(
    plane: ControlPlane, stores: Callable[[str], Store], keys: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Reader]:
    """Name of the case → its reader."""

    def begin(name: str) -> Reader:
        case = CASES[name]
        server = stores(case.server) if case.server else None
        exports = {"KUBECONFIG": str(plane.kubeconfig), **case.exports(server, keys)}
        for variable, value in exports.items():
            monkeypatch.setenv(variable, value)
        for file, text in guides.files(guides.GUIDES[case.guide]).items():
            (keys / file).write_text(text)
        (keys / "secret.yml").write_text(SECRET)
        return Reader(case, plane, keys, f"guide-{next(NUMBERS)}", exports, server)

    return begin


@pytest.mark.parametrize("name", ALL)
def test_guide_works_as_it_is_written(reader: Callable[[str], Reader], thanos: Path, name: str) -> None:
    person = reader(name)
    if person.case.first:
        person.changes(person.case.first)
        assert person.changes(person.case.first) == 0
    if person.case.commands:
        run("env", f"--chdir={person.folder}", "sh", "-e", person.case.commands)
    assert person.case.deploy != DEPLOY or person.changes("check") > 0
    assert person.changes(*person.case.deploy) > 0
    assert person.changes(*person.case.deploy) == 0
    code, output = person.lists(thanos)
    assert [sign for sign in REFUSALS if sign in output] == [], output
    assert code == 0 or not person.case.reached, output


def test_new_credential_changes_the_secret_of_its_role_alone(
    reader: Callable[[str], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = reader("own server")
    assert person.changes(*DEPLOY) > 0
    before = {role: person.secret(role) for role in ("-reader", "-writer", "-compactor")}
    for name, value in _new_user(person.server, "COMPACTOR").items():
        monkeypatch.setenv(name, value)
    assert person.changes(*DEPLOY) > 0
    assert [role for role, files in before.items() if person.secret(role) != files] == ["-compactor"]
    assert person.changes(*DEPLOY) == 0


# What a reader got wrong → the message, which the guide or the page about all of them explains.
MISTAKES: dict[str, tuple[str, Exports, str]] = {
    "secret key": (
        "own server",
        {"S3_SECRET_KEY": "wrong"},
        "the server refuses the signature: secret_key does not belong to access_key",
    ),
    "access key": ("own server", {"S3_ACCESS_KEY": "nobody"}, "the server does not know this access_key"),
    "authority": ("own server", {"S3_CA": ""}, "its certificate is signed by an authority that is not trusted"),
    "port": ("own server", {"S3_ENDPOINT": "127.0.0.1:1"}, "nothing answers there"),
    "pods": ("own server", {"WRITER_SECRET_KEY": "wrong"}, "the credential of"),
    "string": ("azure", {"AZURE_STORAGE_CONNECTION_STRING": "AccountName"}, "this is not what Azure gives out"),
    "password": (
        "swift",
        {"OS_PASSWORD": "wrong"},
        "the server refuses the credential: check the user, its domain and password",
    ),
    "application": (
        "swift application",
        {"OS_APPLICATION_CREDENTIAL_ID": "0" * 32},
        "there is no such application credential",
    ),
    "address": ("swift", {"OS_AUTH_URL": "http://127.0.0.1:1"}, "Thanos finds no version in it"),
    "scheme": ("swift", {"OS_AUTH_URL": "127.0.0.1"}, "must be a URL that begins with https:// or http://"),
    "relative": ("directory", {"THANOS_DIRECTORY": "blocks"}, "it must be an absolute path"),
}
QUICK = [pytest.param(name, marks=() if MISTAKES[name][0] in FAST else pytest.mark.slow) for name in MISTAKES]


@pytest.mark.parametrize("mistake", QUICK)
def test_message_that_a_reader_meets_is_explained(
    reader: Callable[[str], Reader], monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    name, exports, message = MISTAKES[mistake]
    person = reader(name)
    for variable, value in exports.items():
        monkeypatch.setenv(variable, value)
    done = person.runs(*DEPLOY)
    assert done.code != 0
    assert message in done.plain()
    assert message in [*guides.messages(guides.GUIDES[person.case.guide]), *guides.messages(guides.COMMON)]
    assert person.plane.api.request("GET", f"/api/v1/namespaces/{person.namespace}").status == 404
