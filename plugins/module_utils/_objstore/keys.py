# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key of ``objstore.yml`` that Thanos 0.39 to 0.42 reads, by provider, as its Go structs declare them.

Thanos parses the outer mapping, S3, GCS, AZURE, SWIFT and OBS strictly (an unknown key stops it) and ignores typing
errors in the others; here an unknown key is a mistake for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._options.rows import Option, Options, Reading
from .bucket_keys import BUCKET


@dataclass(frozen=True)
class Provider:
    """``bucket`` is the key that names the bucket."""

    keys: Options
    bucket: str = "bucket"


TEXT, NUMBER, SWITCH, DURATION = Option(), Option("count"), Option("bool"), Option(form="wait")
# The name of a key: it makes up a credential together with a secret, and is none.
NAME = Option(secret=True, identifier=True)
NEEDED_NAME = Option(secret=True, identifier=True, required=True)
NEEDED, SECRET, NEEDED_SECRET = Option(required=True), Option(secret=True), Option(secret=True, required=True)


def _section(keys: Options) -> Option:
    return Option("dict", strict=True, options=keys)


_TLS = {
    "ca_file": TEXT,
    "cert_file": TEXT,
    "key_file": TEXT,
    "server_name": TEXT,
    "insecure_skip_verify": SWITCH,
}
_TRANSPORT: dict[str, Option] = {
    "idle_conn_timeout": DURATION,
    "response_header_timeout": DURATION,
    "tls_handshake_timeout": DURATION,
    "expect_continue_timeout": DURATION,
    "insecure_skip_verify": SWITCH,
    "max_idle_conns": NUMBER,
    "max_idle_conns_per_host": NUMBER,
    "max_conns_per_host": NUMBER,
    "disable_compression": SWITCH,
}
_HTTP = _section({**_TRANSPORT, "tls_config": _section(_TLS)})
_OCI_HTTP = _section({**_TRANSPORT, "client_timeout": Option(form="go_duration")})

_S3 = {
    "bucket": NEEDED,
    "endpoint": NEEDED,
    "region": TEXT,
    "disable_dualstack": SWITCH,
    "aws_sdk_auth": SWITCH,
    "access_key": NAME,
    "secret_key": SECRET,
    "session_token": SECRET,
    "insecure": SWITCH,
    "signature_version2": SWITCH,
    "put_user_metadata": Option("dict", elements="str"),
    "http_config": _HTTP,
    "trace": _section({"enable": SWITCH}),
    "list_objects_version": Option(choices=("v1", "v2")),
    "bucket_lookup_type": Option(choices=("auto", "virtual-hosted", "path")),
    "send_content_md5": SWITCH,
    "disable_multipart": SWITCH,
    "part_size": NUMBER,
    "sse_config": _section(
        {
            "type": Option(choices=("SSE-S3", "SSE-KMS", "SSE-C")),
            "kms_key_id": TEXT,
            "kms_encryption_context": Option("dict", elements="str"),
            "encryption_key": TEXT,
        },
    ),
    "sts_endpoint": TEXT,
    "max_retries": NUMBER,
}
_GCS = {
    "bucket": NEEDED,
    "service_account": SECRET,
    "use_grpc": SWITCH,
    "grpc_conn_pool_size": NUMBER,
    "http_config": _HTTP,
    "chunk_size_bytes": NUMBER,
    "max_retries": NUMBER,
}
_AZURE = {
    "storage_account": NEEDED,
    "container": NEEDED,
    "storage_account_key": SECRET,
    "storage_connection_string": SECRET,
    "storage_create_container": SWITCH,
    "endpoint": TEXT,
    "user_assigned_id": TEXT,
    "az_tenant_id": Option(since="0.40"),
    "client_id": Option(since="0.40"),
    "client_secret": Option(secret=True, since="0.40"),
    "max_retries": NUMBER,
    "reader_config": _section({"max_retry_requests": NUMBER}),
    "pipeline_config": _section(
        {"max_tries": NUMBER, "try_timeout": DURATION, "retry_delay": DURATION, "max_retry_delay": DURATION},
    ),
    "http_config": _HTTP,
    "msi_resource": TEXT,
}
_SWIFT = {
    "auth_version": NUMBER,
    "auth_url": NEEDED,
    "username": TEXT,
    "user_domain_name": TEXT,
    "user_domain_id": TEXT,
    "user_id": TEXT,
    "password": SECRET,
    "domain_id": TEXT,
    "domain_name": TEXT,
    "application_credential_id": TEXT,
    "application_credential_name": TEXT,
    "application_credential_secret": SECRET,
    "project_id": TEXT,
    "project_name": TEXT,
    "project_domain_id": TEXT,
    "project_domain_name": TEXT,
    "region_name": TEXT,
    "container_name": NEEDED,
    "large_object_chunk_size": NUMBER,
    "large_object_segments_container_name": TEXT,
    "retries": NUMBER,
    "connect_timeout": DURATION,
    "timeout": DURATION,
    "use_dynamic_large_objects": SWITCH,
    "http_config": _HTTP,
}
_COS = {
    "bucket": TEXT,
    "region": TEXT,
    "app_id": TEXT,
    "endpoint": TEXT,
    "secret_id": NEEDED_NAME,
    "secret_key": NEEDED_SECRET,
    "max_retries": NUMBER,
    "http_config": _HTTP,
}
_ALIYUNOSS = {
    "endpoint": NEEDED,
    "bucket": NEEDED,
    "access_key_id": NEEDED_NAME,
    "access_key_secret": NEEDED_SECRET,
}
_BOS = {"bucket": NEEDED, "endpoint": NEEDED, "access_key": NEEDED_NAME, "secret_key": NEEDED_SECRET}
_OBS = {**_BOS, "max_retries": NUMBER, "http_config": _HTTP}
_OCI = {
    "provider": Option(required=True, choices=("default", "instance-principal", "raw", "oke-workload-identity")),
    "bucket": NEEDED,
    "compartment_ocid": TEXT,
    "tenancy_ocid": TEXT,
    "user_ocid": TEXT,
    "region": TEXT,
    "fingerprint": TEXT,
    "privatekey": SECRET,
    "passphrase": SECRET,
    "part_size": NUMBER,
    "max_request_retries": NUMBER,
    "request_retry_interval": NUMBER,
    "http_config": _OCI_HTTP,
}

PROVIDERS: dict[str, Provider] = {
    "S3": Provider(_S3),
    "GCS": Provider(_GCS),
    "AZURE": Provider(_AZURE, bucket=BUCKET["AZURE"]),
    "SWIFT": Provider(_SWIFT, bucket=BUCKET["SWIFT"]),
    "COS": Provider(_COS),
    "ALIYUNOSS": Provider(_ALIYUNOSS),
    "BOS": Provider(_BOS),
    "OBS": Provider(_OBS),
    "OCI": Provider(_OCI),
    "FILESYSTEM": Provider({"directory": NEEDED}, bucket=BUCKET["FILESYSTEM"]),
}

# Beside the secret keys, those that say who one is, and not where or what the bucket is.
_WHO: dict[str, tuple[str, ...]] = {
    "S3": ("aws_sdk_auth",),
    "AZURE": ("az_tenant_id", "client_id", "user_assigned_id"),
    "SWIFT": (
        "username",
        "user_id",
        *(
            f"{what}_{by}"
            for what in ("user_domain", "domain", "application_credential", "project", "project_domain")
            for by in ("id", "name")
        ),
    ),
    "OCI": ("provider", "tenancy_ocid", "user_ocid", "fingerprint"),
}


def credential_keys(provider: str) -> frozenset[str]:
    """The keys of ``objstore.yml`` that make up a credential of this provider, secret or not."""
    secret = (name for name, key in PROVIDERS[provider].keys.items() if key.secret)
    return frozenset((*secret, *_WHO.get(provider, ())))


# Names that documentation or old habits suggest → why they are not there, and what to do instead.
_NOT_OFFERED = {
    "hedging_config": ("Thanos documents it but stops when it is there", "leave it out"),
    "no_auth": ("Thanos cannot read it (the field is not exported)", "leave it out"),
    "large_file_segments_container_name": (
        "the documentation's name is wrong",
        "write large_object_segments_container_name",
    ),
}
# How everything of a store is read: what is not set is left to Thanos, or to the level above.
STORE = Reading("key", _NOT_OFFERED, complete=False)
