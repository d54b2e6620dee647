# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, locks, folders, the audit log and what people read."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.testbed import audit, cli, files, host, kubeconfig, paths, plan, prepare, report, testbed
from tests.testbed.cluster import Cluster
from tests.testbed.errors import TestbedError
from tests.testbed.pki import Authority, alternative_names
from tests.testbed.progress import Progress

QUIET = Progress(quiet=True)


def test_file_is_written_only_when_it_differs(tmp_path: Path) -> None:
    file = tmp_path / "sub/file"
    assert [files.write_file(file, text) for text in ("a", "a", "b")] == [True, False, True]
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("content", [None, "", '{"cut": '])
def test_absent_or_cut_off_file_reads_as_none(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_text(content)
    assert files.read_json(file) is None


def test_lock_file_that_its_holder_removed_is_not_taken_for_a_lock(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    waits: list[str] = []

    def remove() -> None:
        waits.append("waited")
        holder.communicate("\n", timeout=10)

    script = (
        "import sys\nfrom pathlib import Path\nfrom tests.testbed.files import locked\nfile = Path(sys.argv[1])\n"
        "with locked(file):\n    print('held', flush=True); sys.stdin.readline(); file.unlink()\n"
    )
    with subprocess.Popen(
        ["python3", "-c", script, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with files.locked(file, remove):
            assert file.exists()
    assert waits == ["waited"]


def test_folders_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O11Y_THANOS_CACHE", "/c")
    monkeypatch.setenv("O11Y_THANOS_STATE", "/s")
    assert (paths.cache_dir(), paths.state_dir()) == (Path("/c"), Path("/s"))
    monkeypatch.delenv("O11Y_THANOS_CACHE")
    monkeypatch.delenv("O11Y_THANOS_STATE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    monkeypatch.setenv("XDG_STATE_HOME", "/y")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert (paths.cache_dir(), paths.state_dir()) == (Path("/x/o11y-thanos"), Path("/y/o11y-thanos-testbed"))


def test_leftovers_of_killed_tests_are_swept_and_nothing_else(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    names = [f"test-{ended.pid}-1", f"test-{os.getpid()}-1", "test-drive", "mine"]
    for name in names:
        (tmp_path / name).mkdir()
    paths.sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


def test_watch_is_one_event_and_a_line_in_the_making_none(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    events = [{"auditID": "a", "stage": "ResponseStarted"}, {"auditID": "b"}, {"auditID": "a"}]
    log.write_text("".join(json.dumps(event) + "\n" for event in events) + '{"auditID": "c"')
    assert list(audit.read_events(log)) == events[:2]
    assert list(audit.read_events(log, len(json.dumps(events[0])) + 1)) == events[1:]


def test_names_of_certificates_are_addresses_or_hosts() -> None:
    assert alternative_names(["10.0.0.1", "::1", "localhost"]) == "IP:10.0.0.1, IP:::1, DNS:localhost"


def test_certificates_pass_strict_verification_and_are_kept(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.create("test authority")
    server = authority.issue("server", "server", names=("127.0.0.1", "example.test"))
    strict = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(authority.certificate)]
    done = subprocess.run([*strict, str(server.certificate)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    before = server.certificate.read_bytes()
    authority.create("test authority")
    assert authority.issue("server", "server", names=("127.0.0.1",)).certificate.read_bytes() == before
    assert server.key.stat().st_mode & 0o077 == 0


def test_kubeconfig_is_complete_in_itself(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("CA")
    config = kubeconfig.with_token("tb1", "https://10.99.0.11:6443", tmp_path / "ca.crt", "secret")
    assert config["current-context"] == config["contexts"][0]["name"] == "tb1"
    assert config["clusters"][0]["cluster"]["certificate-authority-data"] == "Q0E="
    assert config["users"][0]["user"] == {"token": "secret"}


STATUS: dict[str, Any] = {
    "clusters": [
        {
            "name": "tb1",
            "ready": False,
            "url": "https://a",
            "kubeconfig": "/k",
            "processes": {"etcd": True, "kubelet": False},
        }
    ],
    "stores": [{"name": "versitygw", "running": True, "url": "http://b"}],
    "control_planes": [{"name": "x", "url": "https://c", "kubeconfig": "/l", "processes": {"etcd": True}}],
}


def test_report_names_what_does_not_run() -> None:
    lines = report.lines(STATUS)
    assert [line.split()[0] for line in lines] == ["cluster", "kubelet", "object", "control"]
    assert "not ready" in lines[0]
    assert report.lines({"clusters": [], "stores": [], "control_planes": []}) == ["nothing is up"]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda: host.require_room(Path("/"), 1 << 60, "a cluster"),
            "the disk that holds / has .* GiB free, and a cluster takes",
        ),
        (
            lambda: host.require_linux_root("the testbed"),
            "the testbed needs root: run it again with sudo; .*'make check'.* still work",
        ),
        (lambda: prepare.prepare(QUIET), "the testbed needs root"),
    ],
    ids=["full disk", "not root", "prepare"],
)
def test_machine_that_cannot_do_it_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, action: Callable[[], object], message: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(TestbedError, match=message):
        action()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (None, r"needs Go 1.26 or newer \(there is no 'go' on the PATH\)"),
        ("go version go1.21.3 linux/amd64", r"needs Go 1.26 or newer \(found 'go version go1.21.3 linux/amd64'\)"),
    ],
)
def test_missing_or_old_go_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str | None, message: str
) -> None:
    if said is not None:
        (tmp_path / "go").write_text(f"#!/bin/sh\necho {said}\n")
        (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("O11Y_THANOS_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(TestbedError, match=f"{message}.*; .*still work"):
        prepare.prepare(QUIET)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--only", "kubelte"], "unknown program kubelte; the testbed compiles etcd, kube-apiserver"),
        (["up", "--clusters", "0"], "--clusters 0 is not possible"),
        (["up", "--nodes", "10"], "--nodes 10 is not possible: use 1 to 9"),
        (["kubeconfig", "nowhere"], "there is no cluster 'nowhere'; there is none"),
        (["control-plane", "up", "--name", "No!"], "control plane name 'No!' is not valid"),
        (["store", "up", "versitygw", "--suffix", "No!"], "--suffix 'No!' is not valid"),
    ],
)
def test_wrong_command_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setenv("O11Y_THANOS_STATE", str(tmp_path))
    assert cli.main(arguments) == 1
    assert capsys.readouterr().err.startswith(f"testbed: {message}")


def test_folder_that_may_not_be_made_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("O11Y_THANOS_STATE", "/sys/nobody-makes-folders-here")
    assert cli.main(["--quiet", "down"]) == 1
    said = capsys.readouterr().err
    assert "may not use /sys/nobody-makes-folders-here: " in said
    assert said.endswith("; O11Y_THANOS_CACHE and O11Y_THANOS_STATE name other folders\n")


def test_node_with_the_control_plane_is_not_lost(tmp_path: Path) -> None:
    two, one = (Cluster(plan.cluster("tb1", 1, tmp_path, nodes), {}, QUIET) for nodes in (2, 1))
    with pytest.raises(TestbedError, match="tb1 is the node with the control plane; there is tb1-2"):
        two.lose("tb1")
    with pytest.raises(TestbedError, match="there is no other"):
        one.lose("tb1")


def test_cluster_gets_further_nodes_and_loses_none_by_another_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("O11Y_THANOS_STATE", str(tmp_path))
    record = tmp_path / "clusters" / "tb1" / "cluster.json"
    record.parent.mkdir(parents=True)
    # As an earlier testbed wrote it.
    record.write_text('{"number": 4}')
    assert [len(testbed.recorded("tb1", nodes).nodes) for nodes in (None, 1, 3, None)] == [1, 1, 3, 3]
    with pytest.raises(TestbedError, match="tb1 has 3 nodes, and none can be taken away"):
        testbed.recorded("tb1", 2)


def test_python_without_a_package_that_a_server_needs_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_arguments: object) -> None:
        raise ModuleNotFoundError("No module named 'minio'", name="minio")

    monkeypatch.setattr(cli, "well_known", missing)
    assert cli.main(["--quiet", "store", "user", "minio"]) == 1
    said = capsys.readouterr().err
    assert "has no Python package minio; 'make venv' makes one that has it" in said
    assert said.count("\n") == 1
