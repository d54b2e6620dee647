# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bucket a configuration names, however it is written."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import described, identity


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("{type: S3, config: {bucket: b, endpoint: H:443}}", "{type: s3, prefix: /, config: {bucket: b, endpoint: h}}"),
        (
            "{type: S3, config: {bucket: b, endpoint: h, insecure: true}}",
            "{type: S3, config: {bucket: b, endpoint: 'h:80', insecure: true, unknown: 1}}",
        ),
        (
            "{type: S3, config: {bucket: b, endpoint: 'h.example.org.:443'}}",
            "{type: S3, config: {bucket: b, endpoint: 'https://h.example.org'}}",
        ),
        (
            "{type: S3, config: {bucket: b, endpoint: 'h.example.org.:9000/'}}",
            "{type: S3, config: {bucket: b, endpoint: 'h.example.org:9000'}}",
        ),
        (
            "{type: S3, config: {bucket: b, endpoint: '[0:0:0:0:0:0:0:1]:9000'}}",
            "{type: S3, config: {bucket: b, endpoint: '[::1]:9000'}}",
        ),
        (
            "{type: S3, config: {bucket: b, endpoint: '[2001:DB8:0::00a1]'}}",
            "{type: S3, config: {bucket: b, endpoint: '[2001:db8::a1]:443'}}",
        ),
        (
            "{type: S3, config: {bucket: b, endpoint: '[::ffff:10.0.0.1]:9000'}}",
            "{type: S3, config: {bucket: b, endpoint: '10.0.0.1:9000'}}",
        ),
        (
            "{type: AZURE, config: {container: c, storage_account: a, endpoint: blob.core.windows.net.}}",
            "{type: AZURE, config: {container: c, storage_account: a}}",
        ),
        (
            "{type: SWIFT, config: {container_name: c, auth_url: 'https://ks.example.org./v3'}}",
            "{type: SWIFT, config: {container_name: c, auth_url: 'https://ks.example.org/v3'}}",
        ),
        (
            "{type: COS, config: {endpoint: b-125.cos.ap-guangzhou.myqcloud.com.}}",
            "{type: COS, config: {bucket: b, app_id: 125, region: ap-guangzhou}}",
        ),
        (
            "{type: GCS, config: {bucket: b}, prefix: /p/}",
            "{type: GCS, config: {bucket: b, use_grpc: true}, prefix: p}",
        ),
        (
            "{type: AZURE, config: {container: c, storage_account: a}}",
            "{type: AZURE, config: {container: c, storage_account: A, endpoint: blob.core.windows.net}}",
        ),
        (
            "{type: SWIFT, config: {container_name: c, auth_url: 'https://ks:443/v3'}}",
            "{type: SWIFT, config: {container_name: c, auth_url: 'https://ks/v3/'}}",
        ),
        (
            "{type: COS, config: {bucket: b, app_id: 125, region: ap-guangzhou}}",
            "{type: COS, config: {endpoint: 'https://b-125.cos.ap-guangzhou.myqcloud.com'}}",
        ),
        (
            "{type: OCI, config: {bucket: b, tenancy_ocid: t, region: eu, compartment_ocid: a}}",
            "{type: OCI, config: {bucket: b, tenancy_ocid: t, region: eu, compartment_ocid: b}}",
        ),
    ],
)
def test_one_store_written_in_two_ways_is_one(left: str, right: str) -> None:
    assert identity(left) == identity(right)


CLOUDS = {
    "amazonaws.com": (
        "s3.amazonaws.com",
        "s3.eu-central-1.amazonaws.com",
        "s3-eu-west-1.amazonaws.com",
        "s3.dualstack.eu-central-1.amazonaws.com",
        "s3-fips.us-east-1.amazonaws.com:443",
        "s3-fips.dualstack.us-east-1.amazonaws.com",
        "s3-accelerate.amazonaws.com",
        "b.s3.eu-central-1.amazonaws.com",
        "bucket.vpce-1a2b3c-4d.s3.us-east-1.vpce.amazonaws.com",
        "s3.eu-central-1.amazonaws.com.",
    ),
    "amazonaws.com.cn": ("s3.cn-north-1.amazonaws.com.cn", "s3.dualstack.cn-northwest-1.amazonaws.com.cn"),
    "amazonaws.eu": ("s3.eusc-de-east-1.amazonaws.eu", "s3.dualstack.eusc-de-east-1.amazonaws.eu"),
    "amazonaws.com us-gov": (
        "s3-us-gov-west-1.amazonaws.com",
        "s3.us-gov-east-1.amazonaws.com",
        "s3-fips.dualstack.us-gov-west-1.amazonaws.com",
    ),
    "aliyuncs.com": ("s3.oss-cn-x.aliyuncs.com", "s3.oss-cn-x-internal.aliyuncs.com"),
}


@pytest.mark.parametrize(("place", "host"), [(place, host) for place, hosts in CLOUDS.items() for host in hosts])
def test_name_is_unique_in_a_cloud_whichever_of_its_hosts_is_asked(place: str, host: str) -> None:
    assert identity(f"{{type: S3, config: {{bucket: b, endpoint: '{host}'}}}}") == ("S3", place, "b", "")


@pytest.mark.parametrize(
    ("kind", "hosts"),
    [
        ("ALIYUNOSS", ["oss-cn-x.aliyuncs.com", "oss-cn-x-internal.aliyuncs.com", "oss-accelerate.aliyuncs.com"]),
        ("OBS", ["obs.cn-north-4.myhuaweicloud.com", "obs.myhuaweicloud.com"]),
    ],
)
def test_addresses_inside_and_outside_of_a_region_are_one_place(kind: str, hosts: list[str]) -> None:
    assert len({identity(f"{{type: {kind}, config: {{bucket: b, endpoint: {host}}}}}") for host in hosts}) == 1


def test_servers_on_machines_of_a_cloud_are_servers_of_their_own() -> None:
    hosts = (
        "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:9000",
        "ec2-1-2-3-5.eu-west-1.compute.amazonaws.com:9000",
        "s3-eu.elb.eu-west-1.amazonaws.com.example.org",
        "minio.internal",
        "minio-internal.example.org",
        "minio.example.org",
        "minio.example.org:9000",
        "minio.example.org/a.",
        "minio.example.org/a",
        "[::1]",
        "[::1]:9000",
        "[::2]",
        "[fe80::1%eth0]",
        "[fe80::1%eth1]",
        "[v1.x]",
        "10.0.0.1",
    )
    assert len({identity(f"{{type: S3, config: {{bucket: b, endpoint: '{host}'}}}}") for host in hosts}) == len(hosts)


@pytest.mark.parametrize(
    ("kind", "keys", "others"),
    [
        ("SWIFT", "container_name: b, auth_url: ks/v3", ["project_name: a", "project_name: b", "project_id: 1"]),
        ("SWIFT", "container_name: b, auth_url: ks/v3", ["region_name: a", "region_name: b"]),
        ("OCI", "bucket: b", ["region: a", "region: b", "tenancy_ocid: t"]),
        ("COS", "bucket: b", ["app_id: 1, region: a", "app_id: 1, region: b", "app_id: 2, region: a"]),
        ("AZURE", "container: b, storage_account: a", ["endpoint: blob.core.chinacloudapi.cn", "endpoint: ''"]),
    ],
)
def test_what_else_tells_buckets_of_one_name_apart(kind: str, keys: str, others: list[str]) -> None:
    assert len({identity(f"{{type: {kind}, config: {{{keys}, {other}}}}}") for other in others}) == len(others)


def test_what_the_environment_of_pods_says_is_not_known() -> None:
    assert identity("{type: OCI, config: {bucket: b, region: r, tenancy_ocid: $(OBJSTORE_TENANCY_OCID)}}") == (
        "OCI",
        "?region=r",
        "b",
        "",
    )


def test_a_bucket_is_described_with_its_project() -> None:
    swift = identity("{type: SWIFT, config: {container_name: c, auth_url: 'https://ks/v3', project_name: My Team}}")
    assert swift is not None
    assert described(swift) == "SWIFT bucket c at ks/v3?project_name=my+team"
    oracle = identity("{type: OCI, config: {bucket: b, region: eu}, prefix: p}")
    assert oracle is not None
    assert described(oracle) == "OCI bucket b at region=eu, prefix p"


def test_another_prefix_is_another_store() -> None:
    texts = (
        "{type: S3, config: {bucket: b}}",
        "{type: S3, config: {bucket: b}, prefix: a}",
        "{type: S3, config: {bucket: c}}",
    )
    assert len({identity(text) for text in texts}) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type: s3\nconfig: {bucket: b, endpoint: 'H:9'}\nprefix: /p/", ("S3", "h:9", "b", "p")),
        ("type: AZURE\nconfig: {container: c, storage_account: a}", ("AZURE", "a.blob.core.windows.net", "c", "")),
        ("type: GCS\nconfig: {bucket: b}", ("GCS", "", "b", "")),
        ("type: S3\nconfig: {}", None),
        ("[]", None),
        ("config: {bucket: b}", None),
        ("[", None),
        ("text", None),
    ],
)
def test_identity_of_a_bucket(text: str, expected: tuple[str, ...] | None) -> None:
    assert identity(text) == expected
