# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: real OCI archives, under the names of production."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.testbed import images, oci

ENTRIES: list[oci.Entry] = [
    oci.Folder("data", 0o775, 65534),
    oci.Text("etc/passwd", "root:x:0:0::/:\n"),
    oci.Link("bin/sh", "busybox"),
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[tarfile.TarFile]:
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF")
    target = tmp_path / "image.tar"
    entries: list[oci.Entry] = [*ENTRIES, oci.Program("bin/program", program)]
    oci.write_archive(target, "quay.io/x/y:v1", entries, {"Entrypoint": ["/bin/program"]})
    with tarfile.open(target) as result:
        yield result


def read(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(path)
    assert member is not None
    return member.read()


def blob(archive: tarfile.TarFile, described: dict[str, Any]) -> bytes:
    return read(archive, described["digest"].replace("sha256:", "blobs/sha256/"))


def test_archive_names_its_image_for_containerd(archive: tarfile.TarFile) -> None:
    manifests = json.loads(read(archive, "index.json"))["manifests"]
    assert [entry["annotations"] for entry in manifests] == [{"io.containerd.image.name": "quay.io/x/y:v1"}]


def test_every_blob_has_the_digest_and_size_it_is_described_with(archive: tarfile.TarFile) -> None:
    manifest_described = json.loads(read(archive, "index.json"))["manifests"][0]
    manifest = json.loads(blob(archive, manifest_described))
    for described in (manifest_described, manifest["config"], *manifest["layers"]):
        data = blob(archive, described)
        assert described["size"] == len(data)
        assert described["digest"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_configuration_names_the_layer_by_its_content(archive: tarfile.TarFile) -> None:
    manifest = json.loads(blob(archive, json.loads(read(archive, "index.json"))["manifests"][0]))
    config = json.loads(blob(archive, manifest["config"]))
    assert config["rootfs"]["diff_ids"] == [manifest["layers"][0]["digest"]]
    assert config["config"] == {"Entrypoint": ["/bin/program"]}
    assert config["os"] == "linux"


def test_layer_holds_folders_files_programs_and_links(archive: tarfile.TarFile) -> None:
    manifest = json.loads(blob(archive, json.loads(read(archive, "index.json"))["manifests"][0]))
    with tarfile.open(fileobj=io.BytesIO(blob(archive, manifest["layers"][0]))) as layer:
        members = {member.name: member for member in layer.getmembers()}
    assert list(members) == ["bin", "etc", "data", "etc/passwd", "bin/sh", "bin/program"]
    assert (members["data"].mode, members["data"].uid) == (0o775, 65534)
    assert (members["bin/program"].mode, members["bin/program"].size) == (0o755, 4)
    assert members["bin/sh"].linkname == "busybox"


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.tar", "two.tar"):
        oci.write_archive(tmp_path / name, "quay.io/x/y:v1", ENTRIES, {})
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


@pytest.mark.parametrize(
    ("image", "repository", "entrypoint", "user"),
    [
        (images.THANOS, "quay.io/thanos/thanos", "/bin/thanos", "1001"),
        (images.PROMETHEUS, "quay.io/prometheus/prometheus", "/bin/prometheus", "nobody"),
        (images.ALERTMANAGER, "quay.io/prometheus/alertmanager", "/bin/alertmanager", "nobody"),
        (images.VERSITYGW, "ghcr.io/versity/versitygw", "/usr/local/bin/versitygw", ""),
    ],
)
def test_image_runs_as_its_official_namesake(image: images.Image, repository: str, entrypoint: str, user: str) -> None:
    assert image.name.rpartition(":")[0] == repository
    assert images.config(image)["Entrypoint"] == [entrypoint]
    assert images.config(image).get("User", "") == user
    assert entrypoint in dict(image.programs)


def test_promtool_is_where_the_official_image_has_it() -> None:
    assert dict(images.PROMETHEUS.programs)["/bin/promtool"] == "promtool"


def test_image_is_made_anew_when_its_program_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pause"
    monkeypatch.setattr(images, "source", lambda _unused: program)
    keys = set()
    for content in (b"one", b"three"):
        program.write_bytes(content)
        keys.add(images.key(images.PAUSE))
    assert len(keys) == 2
