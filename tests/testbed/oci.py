# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a container image as an OCI archive: one layer, no compression, the same bytes for the same input."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# To be changed with every change of what is written, so that cached archives are written anew.
FORMAT = 1
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Folder:
    """A folder with its mode and the number of its owner."""

    path: str
    mode: int
    owner: int


@dataclass(frozen=True)
class Text:
    """A file that everybody may read."""

    path: str
    text: str


@dataclass(frozen=True)
class Program:
    """A copy of a file of the host that everybody may run."""

    path: str
    source: Path


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    path: str
    target: str


Entry = Folder | Text | Program | Link


def write_archive(target: Path, name: str, entries: Sequence[Entry], config: dict[str, object]) -> None:
    """Write the image ``name`` (with its tag), of ``entries``, to be run as ``config`` says, to ``target``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    layer_file = target.with_suffix(".layer")
    try:
        with layer_file.open("wb") as stream:
            _write_layer(stream, entries)
        with layer_file.open("rb") as stream, tarfile.open(target, "w") as archive:
            _write_image(archive, name, stream, config)
    finally:
        layer_file.unlink(missing_ok=True)


def architecture() -> str:
    """This machine's architecture as images name it."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


def _write_layer(stream: IO[bytes], entries: Sequence[Entry]) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as layer:
        for folder in _parents(entries):
            layer.addfile(_header(folder, tarfile.DIRTYPE, 0o755))
        for entry in entries:
            match entry:
                case Folder():
                    header = _header(entry.path, tarfile.DIRTYPE, entry.mode)
                    header.uid = header.gid = entry.owner
                    layer.addfile(header)
                case Text():
                    data = entry.text.encode()
                    header = _header(entry.path, tarfile.REGTYPE, 0o644)
                    header.size = len(data)
                    layer.addfile(header, io.BytesIO(data))
                case Program():
                    header = _header(entry.path, tarfile.REGTYPE, 0o755)
                    header.size = entry.source.stat().st_size
                    with entry.source.open("rb") as source:
                        layer.addfile(header, source)
                case Link():
                    header = _header(entry.path, tarfile.SYMTYPE, 0o777)
                    header.linkname = entry.target
                    layer.addfile(header)


def _parents(entries: Sequence[Entry]) -> list[str]:
    """Folders above the entries that are not entries themselves, outermost first."""
    above = {str(parent) for entry in entries for parent in Path(entry.path).parents if str(parent) != "."}
    return sorted(above - {entry.path for entry in entries})


def _header(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(path)
    header.type = kind
    header.mode = mode
    return header


def _write_image(archive: tarfile.TarFile, name: str, layer: IO[bytes], config: dict[str, object]) -> None:
    layer_blob = _add_stream(archive, layer, "application/vnd.oci.image.layer.v1.tar")
    platform_of_image = {"architecture": architecture(), "os": "linux"}
    image = {
        **platform_of_image,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [layer_blob["digest"]]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _add_json(archive, image, "application/vnd.oci.image.config.v1+json"),
        "layers": [layer_blob],
    }
    described = _add_json(archive, manifest, str(manifest["mediaType"]))
    described["annotations"] = {"io.containerd.image.name": name}
    _add_bytes(archive, "index.json", json.dumps({"schemaVersion": 2, "manifests": [described]}).encode())
    _add_bytes(archive, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')


def _add_stream(archive: tarfile.TarFile, stream: IO[bytes], media_type: str) -> dict[str, Any]:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    size = stream.tell()
    stream.seek(0)
    header = tarfile.TarInfo(f"blobs/sha256/{digest.hexdigest()}")
    header.size = size
    archive.addfile(header, stream)
    return {"mediaType": media_type, "digest": f"sha256:{digest.hexdigest()}", "size": size}


def _add_json(archive: tarfile.TarFile, value: Any, media_type: str) -> dict[str, Any]:
    return _add_stream(archive, io.BytesIO(json.dumps(value).encode()), media_type)


def _add_bytes(archive: tarfile.TarFile, path: str, data: bytes) -> None:
    header = tarfile.TarInfo(path)
    header.size = len(data)
    archive.addfile(header, io.BytesIO(data))
