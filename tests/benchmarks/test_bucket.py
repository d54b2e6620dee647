# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an unchanged bucket costs: the same reads as a bare boto3 script makes, at the same time, and no other SDK."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.s3_client import WORKERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.table import open_store
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.converge import present
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.features import desired
from tests.benchmarks.delay_proxy import Running, delayed
from tests.testbed.stores.base import REGION
from tests.testbed.stores.store import Store

LATENCY_MS = 20
RATIO = 1.2
ROUNDS = 25
OPTIONS: dict[str, Any] = {
    "type": "S3",
    "bucket": "metrics",
    "insecure": True,
    "versioning": "enabled",
    "encryption": {"type": "SSE-S3"},
    "ownership": "BucketOwnerEnforced",
    "tags": {"team": "metrics"},
    "tls_only": True,
}
# HEAD of the bucket, and one call for each feature that OPTIONS and the profile manage.
READS = (
    "head_bucket",
    "get_bucket_ownership_controls",
    "get_public_access_block",
    "get_bucket_versioning",
    "get_bucket_encryption",
    "get_bucket_lifecycle_configuration",
    "get_object_lock_configuration",
    "get_bucket_tagging",
    "get_bucket_policy",
)
SDKS = {"boto3", "botocore", "google", "azure", "swiftclient", "keystoneauth1", "kubernetes"}
IMPORTS = {"S3": {"boto3", "botocore"}, "FILESYSTEM": set[str]()}
LOADED = """
import json, sys
from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import inspect
inspect({"store": json.load(sys.stdin), "timeout": 5}, Mode(directory=sys.argv[1]))
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], Running]]:
    """Options of a bucket on moto that is as they say, behind the latency."""
    with Store("moto") as store:
        place = store.place
        with delayed(place.address, place.port, LATENCY_MS, tmp_path_factory.mktemp("proxy")) as proxy:
            keys = {"access_key": place.access_key, "secret_key": place.secret_key}
            options = {**OPTIONS, **keys, "endpoint": proxy.endpoint}
            ours(options, "")()
            yield options, proxy


def ours(options: dict[str, Any], folder: str) -> Callable[[], str]:
    """What the module does, with a client that has no connection yet. The function returns what was done."""
    adapter = open_store(options, 10, folder)
    return lambda: present(adapter, desired(options, adapter.profile), False, 10).action


def client(options: dict[str, Any]) -> Any:
    """A bare boto3 client of the server that the options name."""
    import boto3
    from botocore.config import Config

    return boto3.session.Session().client(
        "s3",
        endpoint_url=f"http://{options['endpoint']}",
        region_name=REGION,
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
        config=Config(s3={"addressing_style": "path"}),
    )


def bare(options: dict[str, Any], _folder: str) -> Callable[[], int]:
    """The script: the same reads, by as many threads."""
    boto3 = client(options)

    def read_all() -> int:
        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            return len(list(pool.map(answer, READS)))

    def answer(method: str) -> Any:
        from botocore.exceptions import ClientError

        try:
            return getattr(boto3, method)(Bucket=options["bucket"])
        except ClientError as e:
            return e.response

    return read_all


def milliseconds(work: Callable[[], object]) -> float:
    """Time of one run."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def test_an_unchanged_bucket_costs_what_its_reads_cost(far: tuple[dict[str, Any], Running], tmp_path: Path) -> None:
    options, _proxy = far
    makers = {"o11y.thanos": ours, "bare boto3": bare}
    times: dict[str, list[float]] = {name: [] for name in makers}
    for number in range(ROUNDS):
        for name, maker in sorted(makers.items(), reverse=bool(number % 2)):
            times[name].append(milliseconds(maker(options, str(tmp_path))))
    took = {name: statistics.median(each) for name, each in times.items()}
    ratio = took["o11y.thanos"] / took["bare boto3"]
    figures = ", ".join(f"{name} {ms:.1f} ms" for name, ms in took.items())
    print(f"\n{len(READS)} reads at {LATENCY_MS} ms, {WORKERS} threads: {figures}, {ratio:.2f} times (at most {RATIO})")
    assert ratio <= RATIO


def test_an_unchanged_bucket_is_read_once_per_feature(far: tuple[dict[str, Any], Running], tmp_path: Path) -> None:
    options, proxy = far
    before = len(proxy.requests())
    assert ours(options, str(tmp_path))() == "unchanged"
    made = proxy.requests()[before:]
    before = len(proxy.requests())
    bare(options, str(tmp_path))()
    assert sorted(made) == sorted(proxy.requests()[before:])


@pytest.mark.parametrize("kind", IMPORTS)
def test_a_store_imports_its_own_sdk_and_no_other(
    kind: str, far: tuple[dict[str, Any], Running], tmp_path: Path
) -> None:
    options, _proxy = far
    store = options if kind == "S3" else {"type": kind, "directory": str(tmp_path)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", LOADED, str(tmp_path)]
    answer = subprocess.run(
        command, input=json.dumps(store), check=True, capture_output=True, text=True, env=environment
    )
    assert set(json.loads(answer.stdout)) & SDKS == IMPORTS[kind]
