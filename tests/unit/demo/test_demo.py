# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's own pure parts, and what it says when it is given something wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.demo import manifests, places
from tests.demo.errors import DemoError
from tests.demo.server import reason_of

NOON = 1_790_000_000


@pytest.mark.parametrize("end", [NOON, NOON + 1, NOON + 3599, NOON + 7199])
def test_history_is_one_block_that_has_ended(end: int) -> None:
    times = {int(match) for match in re.findall(r"^demo_orders_total\S* \d+ (\d+)$", manifests.openmetrics(end), re.M)}
    assert max(times) < end
    assert len({time // 7200 for time in times}) == 1
    assert end - min(times) < 4 * 3600


def test_everything_of_the_demo_can_be_found_again() -> None:
    made = [
        *manifests.alertmanager(),
        *manifests.s3_server("key", "canary"),
        *manifests.history("", {}),
        manifests.namespace(),
    ]
    assert [
        m["metadata"]["name"] for m in made if not manifests.LABELS.items() <= m["metadata"]["labels"].items()
    ] == []


def test_credentials_of_the_s3_server_are_in_its_secret_only() -> None:
    assert [m["kind"] for m in manifests.s3_server("key", "canary") if "canary" in str(m)] == ["Secret"]


S3_OF_THE_DEMO = places.ObjectStore(
    {"S3_ENDPOINT": "10.0.0.1:7070", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "canary"}, keys="show keys"
)


@pytest.mark.parametrize(
    ("store", "told"),
    [
        (S3_OF_THE_DEMO, "10.0.0.1:7070, insecure: true; its keys: show keys"),
        (places.ObjectStore(instead={"type": "S3", "secret_key": "canary"}), "the one in THANOS_OBJSTORE"),
    ],
)
def test_who_wants_a_second_stack_is_told_where_the_store_is_and_no_secret(
    store: places.ObjectStore, told: str
) -> None:
    lines = dict(places.for_others(places.Reach("kube/config", "eu"), store))
    assert lines["object store"] == told
    assert lines["a second stack"].startswith("thanos_kubeconfig: kube/config, thanos_context: eu; thanos_stack, ")
    assert "canary" not in str(lines)


PODS: dict[str, tuple[dict[str, Any], str]] = {
    "ready": ({"conditions": [{"type": "Ready", "status": "True"}]}, ""),
    "done": ({"phase": "Succeeded"}, ""),
    "not scheduled": ({"phase": "Pending"}, "Pending"),
    "image": (
        {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]},
        "ImagePullBackOff",
    ),
    "running, not ready": ({"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]}, "Running"),
}


@pytest.mark.parametrize(("status", "reason"), PODS.values(), ids=PODS)
def test_pod_says_what_it_waits_for(status: dict[str, Any], reason: str) -> None:
    assert reason_of({"status": status}) == reason


def test_kubeconfig_that_is_no_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(DemoError, match="none is not a file"):
        places.of_environment()


def test_context_without_a_kubeconfig_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("CONTEXT", "eu")
    with pytest.raises(DemoError, match="CONTEXT is set and KUBECONFIG is not"):
        places.of_environment()


@pytest.mark.parametrize("text", ["/no/such/canary", "{secret_key: canary", "- canary"])
def test_object_store_that_is_no_mapping_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("THANOS_OBJSTORE", text)
    with pytest.raises(DemoError) as error:
        places.given_store()
    assert "canary" not in str(error.value)


def test_object_store_is_read_from_a_file_or_from_the_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "{type: S3, bucket: metrics}"
    (tmp_path / "store.yml").write_text(text)
    for value in (text, str(tmp_path / "store.yml")):
        monkeypatch.setenv("THANOS_OBJSTORE", value)
        store = places.given_store()
        assert store is not None
        assert store.instead == {"type": "S3", "bucket": "metrics"}


def test_clusters_of_others_are_remembered_until_the_demo_has_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("O11Y_THANOS_STATE", str(tmp_path))
    eu, us = places.Reach("/eu"), places.Reach("/us", "us")
    for reach in (eu, us, eu):
        places.remember(reach)
    assert places.remembered() == [us, eu]
    places.forget(us)
    places.forget(eu)
    assert places.remembered() == []
    assert list(tmp_path.iterdir()) == []
