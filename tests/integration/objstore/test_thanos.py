# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Thanos reads every objstore.yml that is written here, and works with the bucket it names."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import render
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import for_pods
from tests.integration.objstore.conftest import Bucket, bucket_on
from tests.support.object_stores import STORES
from tests.testbed.build import build
from tests.testbed.progress import Progress
from tests.testbed.shell import environment
from tests.testbed.stores.store import Store

VERSION = "0.42.4"
BLOCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
META = b'{"version": 1, "ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}'
# What Thanos says when it cannot parse the file, or refuses what is in it.
REFUSALS = (
    "unmarshal",
    "not found in type",
    "parsing config",
    "parse config",
    "mutually exclusive",
    "cannot both",
    "must be set",
    "required but not",
    "insufficient",
    "unsupported",
    "Unsupported",
    "invalid oci configurations",
)


@pytest.fixture(scope="session")
def thanos() -> Path:
    return build(("thanos",), Progress(quiet=True))["thanos"]


def ls(thanos: Path, folder: Path, store: dict[str, Any], **variables: str) -> tuple[int, str]:
    for name, text in render(store, VERSION).files.items():
        (folder / name).write_text(text)
    return ls_of(thanos, folder, **variables)


def ls_of(thanos: Path, folder: Path, **variables: str) -> tuple[int, str]:
    """Exit code and output of Thanos with the objstore.yml in this folder; -1 when it tries for long."""
    arguments = [str(thanos), "tools", "bucket", "ls", "--timeout=2s", f"--objstore.config-file={folder}/objstore.yml"]
    try:
        beside = {**environment(), **variables}
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=4, check=False, env=beside)
    except subprocess.TimeoutExpired as e:
        # It parsed the file and tries to reach the server.
        return -1, (e.stderr or b"").decode()
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", STORES)
def test_thanos_parses_what_is_written(thanos: Path, tmp_path: Path, name: str) -> None:
    output = ls(thanos, tmp_path, STORES[name])[1]
    assert [sign for sign in REFUSALS if sign in output] == [], output


def test_thanos_lists_the_bucket(thanos: Path, tmp_path: Path, bucket: Bucket) -> None:
    bucket.run()
    bucket.client.put_object(Bucket=bucket.name, Key=f"eu/{BLOCK}/meta.json", Body=META)
    code, output = ls(thanos, tmp_path, {**bucket.store, "prefix": "eu"})
    assert (code, BLOCK in output) == (0, True), output


@pytest.mark.parametrize("secret", ["1e5", "0123456", "yes", 'a"b\\c', "$(HOME)", "a: #b", "'{}&*"])
def test_odd_secrets_reach_the_server_unchanged(
    thanos: Path, tmp_path: Path, servers: Callable[[str], Store], secret: str
) -> None:
    from tests.testbed.stores import versitygw

    root = bucket_on(servers("versitygw"))
    key = f"odd-{root.name}"
    versitygw.add_user(servers("versitygw").place, build(("versitygw",), Progress(quiet=True)), key, secret)
    # The server knows the key; it may do nothing, which it says only to somebody whose signature is right.
    root.run()
    output = ls(thanos, tmp_path, {**root.store, "access_key": key, "secret_key": secret})[1]
    assert "Access Denied" in output, output
    # From the environment, a line's end that a Secret made by hand often has is not part of it.
    names = {"name": "keys", "keys": {"access_key": "ID", "secret_key": "KEY"}}
    from_environment = for_pods({**root.store, "credentials_mode": "env", "credentials_from": names})["all"].keys
    variables = {"OBJSTORE_ACCESS_KEY": key, "OBJSTORE_SECRET_KEY": f"{secret}\n"}
    output = ls(thanos, tmp_path, dict(from_environment), **variables)[1]
    assert "Access Denied" in output, output


def test_private_authority_is_used(thanos: Path, tmp_path: Path) -> None:
    with Store("versitygw", tls=True) as server:
        bucket = bucket_on(server, ca=str(server.place.ca_file))
        assert "not trusted" in bucket.run(ca=None)["msg"]
        assert bucket.run()["action"] == "created"
        mounted = {"http_config": {"tls_config": {"ca_file": str(tmp_path / "ca.crt")}}}
        store = {**bucket.store, "ca": server.place.ca_file.read_text(), **mounted}
        assert ls(thanos, tmp_path, store)[0] == 0
