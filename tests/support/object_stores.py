# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One valid store per type, as short as it can be, and one with every key that may stand together."""

from __future__ import annotations

import json
from typing import Any

SERVICE_ACCOUNT = json.dumps({"type": "service_account", "client_email": "a@b.example", "private_key": "not a key"})
HTTP = {
    "idle_conn_timeout": "1m30s",
    "response_header_timeout": "2m",
    "tls_handshake_timeout": "10s",
    "expect_continue_timeout": "1s",
    "insecure_skip_verify": True,
    "max_idle_conns": 10,
    "max_idle_conns_per_host": 10,
    "max_conns_per_host": 10,
    "disable_compression": True,
}
FULL_HTTP = {**HTTP, "tls_config": {"server_name": "s3.example.org", "insecure_skip_verify": True}}

SHORT: dict[str, dict[str, Any]] = {
    "S3": {"bucket": "metrics", "endpoint": "127.0.0.1:1"},
    "GCS": {"bucket": "metrics"},
    "AZURE": {"storage_account": "metrics1", "container": "metrics"},
    "SWIFT": {
        "auth_url": "http://127.0.0.1:1/v3",
        "container_name": "metrics",
        "username": "thanos",
        "domain_name": "Default",
        "password": "p",
    },
    "COS": {"bucket": "metrics", "region": "ap-guangzhou", "app_id": "125", "secret_id": "i", "secret_key": "k"},
    "ALIYUNOSS": {"endpoint": "127.0.0.1:1", "bucket": "metrics", "access_key_id": "i", "access_key_secret": "k"},
    "BOS": {"bucket": "metrics", "endpoint": "127.0.0.1:1", "access_key": "i", "secret_key": "k"},
    "OBS": {"bucket": "metrics", "endpoint": "127.0.0.1:1", "access_key": "i", "secret_key": "k"},
    "OCI": {"provider": "default", "bucket": "metrics"},
    "FILESYSTEM": {"directory": "/var/thanos-test"},
}
# What the short form lacks; alternatives that exclude each other are in ALTERNATIVES.
MORE: dict[str, dict[str, Any]] = {
    "S3": {
        "region": "eu-central-1",
        "disable_dualstack": True,
        "access_key": "i",
        "secret_key": "k",
        "session_token": "t",
        "insecure": True,
        "signature_version2": True,
        "put_user_metadata": {"X-Amz-Storage-Class": "STANDARD_IA"},
        "http_config": FULL_HTTP,
        "trace": {"enable": True},
        "list_objects_version": "v2",
        "bucket_lookup_type": "path",
        "send_content_md5": True,
        "disable_multipart": True,
        "part_size": 5242880,
        "sse_config": {"type": "SSE-KMS", "kms_key_id": "k", "kms_encryption_context": {"a": "b"}},
        "sts_endpoint": "http://127.0.0.1:1",
        "max_retries": 1,
    },
    "GCS": {
        "service_account": SERVICE_ACCOUNT,
        "http_config": FULL_HTTP,
        "chunk_size_bytes": 1,
        "max_retries": 1,
    },
    "AZURE": {
        "storage_account_key": "a2V5",
        "storage_create_container": False,
        "endpoint": "127.0.0.1",
        "max_retries": 1,
        "reader_config": {"max_retry_requests": 1},
        "pipeline_config": {
            "max_tries": 1,
            "try_timeout": "1s",
            "retry_delay": "1s",
            "max_retry_delay": "1s",
        },
        "http_config": FULL_HTTP,
        "msi_resource": "x",
    },
    "SWIFT": {
        "auth_version": 3,
        "user_domain_name": "Default",
        "user_domain_id": "default",
        "user_id": "u",
        "domain_id": "default",
        "project_id": "p",
        "project_name": "p",
        "project_domain_id": "default",
        "project_domain_name": "Default",
        "region_name": "r",
        "large_object_chunk_size": 1,
        "large_object_segments_container_name": "metrics-segments",
        "retries": 1,
        "connect_timeout": "1s",
        "timeout": "1s",
        "use_dynamic_large_objects": True,
        "http_config": FULL_HTTP,
    },
    "COS": {"endpoint": "http://127.0.0.1:1", "max_retries": 1, "http_config": FULL_HTTP},
    "ALIYUNOSS": {},
    "BOS": {},
    "OBS": {"max_retries": 1, "http_config": FULL_HTTP},
    "OCI": {
        "provider": "raw",
        "compartment_ocid": "c",
        "tenancy_ocid": "t",
        "user_ocid": "u",
        "region": "eu-frankfurt-1",
        "fingerprint": "f",
        "privatekey": "k",
        "passphrase": "p",
        "part_size": 1,
        "max_request_retries": 1,
        "request_retry_interval": 1,
        "http_config": {**HTTP, "client_timeout": "1m30s"},
    },
    "FILESYSTEM": {},
}
FILES = {"http_config": {"tls_config": {"cert_file": "/c", "key_file": "/k", "ca_file": "/a"}}}
ALTERNATIVES: dict[str, dict[str, Any]] = {
    "S3": {"aws_sdk_auth": True},
    "GCS": {"use_grpc": True, "grpc_conn_pool_size": 1},
    "AZURE": {"az_tenant_id": "t", "client_id": "c", "client_secret": "s"},
    "SWIFT": {"password": "", "application_credential_id": "i", "application_credential_secret": "s"},
}
FURTHER: dict[str, dict[str, Any]] = {
    "S3": {"sse_config": {"type": "SSE-C", "encryption_key": "/etc/key"}},
    "AZURE": {"user_assigned_id": "u"},
    "SWIFT": {"password": "", "application_credential_name": "n", "application_credential_secret": "s"},
}


def stores() -> dict[str, dict[str, Any]]:
    """Name of the case → a store without mistakes; together they use every key of every type."""
    cases: dict[str, dict[str, Any]] = {}
    for kind, short in SHORT.items():
        extras = {"short": {}, "full": MORE[kind], "or": ALTERNATIVES.get(kind, {}), "further": FURTHER.get(kind, {})}
        for name, extra in extras.items():
            if name != "short" and not extra:
                continue
            cases[f"{kind} {name}"] = {"type": kind, **short, **extra}
    for kind in ("S3", "GCS", "AZURE", "SWIFT", "COS", "OBS"):
        cases[f"{kind} files"] = {"type": kind, **SHORT[kind], **FILES}
    return cases


STORES = stores()
CONNECTION_STRING = (
    "DefaultEndpointsProtocol=http;AccountName=metrics1;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/metrics1"
)
STORES["AZURE connection string"] = {
    "type": "AZURE",
    **SHORT["AZURE"],
    "storage_connection_string": CONNECTION_STRING,
}
