# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of ``store``: words here, names and types from the table that the code reads."""

from __future__ import annotations

from typing import Any

import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.keys import PROVIDERS
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import argument_spec

_OUTER = {
    "type": "Type of the object store, as Thanos writes it.",
    "prefix": "Path in the bucket beneath which all is.",
    "ca": "The private certificate authority of the server: certificates in PEM form, or the path of such a file on "
    "the host where the task runs. Pods get it as a file. Not for V(ALIYUNOSS), V(BOS), V(OCI) and V(FILESYSTEM).",
    "pods": "What differs for the pods, such as a narrower credential or another address. Takes the keys of O(store) "
    "that say how the store is reached and with which credential, all but O(store.type) and O(store.prefix). What is "
    "not named is as above, but a secret given here makes a whole credential, into which nothing of the one above is "
    "mixed. An empty text takes a value away, V(identity) as the mode the whole credential.",
    "access": "What differs from O(store.pods) for the pods of one access role, each of which then has a Secret of its "
    "own. Takes the same keys and C(grant_to), for V(S3), V(GCS) and V(SWIFT): who the role is to the provider, in the "
    "words of M(o11y.thanos.bucket_access). The bucket then lets them in with what the role needs and no more.",
    "access.reader": "For the store gateway, which lists and reads.",
    "access.writer": "For sidecar and ruler, which write too.",
    "access.compactor": "For the compactor, which deletes too.",
}
_CREDENTIALS = {
    "credentials_mode": "How the pods come by their credential. V(secret), the default: the values are given here and "
    "written into the Secret with C(objstore.yml). Of a Secret that somebody else makes V(existing) takes them at each "
    "run, V(env) lets the pods have them as environment variables, and V(external) is for one that holds the whole "
    "C(objstore.yml). V(identity): none; the pods' ServiceAccount is known to the provider.",
    "credentials_from": "The Secret that somebody else makes, in the namespace of the stack.",
    "credentials_from.name": "Name of the Secret.",
    "credentials_from.keys": "Key of C(objstore.yml) to the key of the Secret that holds its value, such as "
    "C({access_key: AWS_ACCESS_KEY_ID, secret_key: AWS_SECRET_ACCESS_KEY}). For V(existing) and V(env).",
    "credentials_from.key": "Key of the Secret that holds C(objstore.yml), for V(external).",
    "identity": "Who the pods' ServiceAccounts are, with O(store.credentials_mode=identity); nothing is needed where "
    "the provider is told instead, as with Pod Identity of EKS.",
    "identity.aws_role_arn": "ARN of the role that the ServiceAccount takes (IRSA), for V(S3).",
    "identity.gcp_service_account": "Google service account that the ServiceAccount acts as, for V(GCS).",
    "identity.azure_client_id": "Client id of the managed identity or application, for V(AZURE).",
    "identity.azure_tenant_id": "Its tenant, where it is not that of the cluster, for V(AZURE).",
}
_BUCKET = {
    "manage": "Whether the module M(o11y.thanos.bucket) makes the bucket and keeps it as it shall be. With V(false), "
    "for a bucket that somebody else made, it makes no request but those of its option C(probe).",
    "api_version": "Version of the API to speak, for V(AZURE) and servers that lag behind, such as V(2025-11-05).",
    "location": "Where the bucket is made, such as V(europe-west3), for V(GCS). Elsewhere O(store.region) says it.",
    "project": "Project that the bucket is made in, for V(GCS); by default the credential's, or that of "
    "E(GOOGLE_CLOUD_PROJECT).",
    "soft_delete_days": "How long deleted objects are kept, 7 to 90 days or 0 for not at all, for V(GCS). Each "
    "compacted block is paid for as long.",
    "profile": "V(thanos) adds what suits Thanos to what is asked for: no versioning, no public access, unfinished "
    "uploads dropped after 7 days, on AWS the bucket's owner owns every object. V(none) adds nothing.",
    "unmanaged": "Features that are left alone, and not even read.",
    "unsupported": "What to do about a feature that the server does not have. By default one that was asked for is a "
    "failure, and one that only the profile wants a warning.",
    "allow": "Things that are refused, or warned of, unless listed here. V(expiry) and V(archive): lifecycle rules of "
    "others that delete blocks, or move them to where they cannot be read. V(object_lock): a default retention.",
    "versioning": "Whether old versions of objects are kept: V(enabled) or V(disabled). What Ansible takes for "
    "V(true) or V(false), such as V(yes), says the same. Thanos needs none.",
    "encryption": "How the server encrypts what is written without saying how.",
    "encryption.type": "V(SSE-S3) is a key of the server, V(SSE-KMS) one of its key service.",
    "encryption.kms_key_id": "The key of the key service; by default the server's. V(GCS) has no default.",
    "encryption.bucket_key": "Whether one key per bucket saves requests to the key service. Not for V(GCS).",
    "public_access": "Refuse every public access, whatever policies and access lists say.",
    "ownership": "Who owns objects that other accounts write.",
    "lifecycle": "Rules of this collection. Rules of others are kept.",
    "lifecycle.abort_incomplete_multipart_days": "Days after which unfinished uploads are dropped.",
    "lifecycle.noncurrent_days": "Days after which old versions are dropped, and delete markers that are left alone.",
    "tags": "Tags of the bucket. Others are kept unless O(store.purge_tags=true).",
    "purge_tags": "Remove tags that are not listed in O(store.tags).",
    "tls_only": "Whether requests without TLS are refused, by a statement in the bucket's policy. Not "
    "together with O(store.insecure).",
}
_KEYS = {
    "access_key": "Access key.",
    "access_key_id": "Access key.",
    "access_key_secret": "Secret key.",
    "app_id": "Number of the account.",
    "application_credential_id": "Id of the credential.",
    "application_credential_name": "Its name; needs a user.",
    "application_credential_secret": "Its secret.",
    "auth_url": "Where to log in; of Keystone C(…/v3).",
    "auth_version": "Version of the identity service; by default the one that the URL names.",
    "aws_sdk_auth": "Let the SDK of AWS find the credential.",
    "az_tenant_id": "Tenant of the service principal.",
    "bucket": "Name of the bucket.",
    "bucket_lookup_type": "Whether the bucket's name is put into the path or into the host name.",
    "chunk_size_bytes": "Bytes of one request of an upload.",
    "client_id": "Client id of the service principal.",
    "client_secret": "Secret of the service principal.",
    "compartment_ocid": "Compartment of the bucket.",
    "connect_timeout": "Longest time to connect.",
    "container": "Name of the container.",
    "container_name": "Name of the container.",
    "directory": "Absolute path of the directory; every pod must have the same volume there.",
    "disable_dualstack": "Use the endpoints without IPv6.",
    "disable_multipart": "Write every object in one request.",
    "domain_id": "Id of the user's domain, in Thanos.",
    "domain_name": "Name of the domain, in Thanos.",
    "endpoint": "Where the server is, as C(host) or C(host:port) without a scheme. For V(COS) it is the bucket's URL. "
    "For V(ALIYUNOSS), V(BOS) and V(OBS) C(https://) may come before it; without that, the first two are spoken to in "
    "plain HTTP.",
    "fingerprint": "Fingerprint of the key.",
    "grpc_conn_pool_size": "Number of gRPC connections.",
    "http_config": "How HTTP connections are made.",
    "http_config.client_timeout": "Longest time for a whole request.",
    "http_config.disable_compression": "Do not ask for compressed answers.",
    "http_config.expect_continue_timeout": "Wait for C(100 Continue).",
    "http_config.idle_conn_timeout": "How long an idle connection is kept.",
    "http_config.insecure_skip_verify": "Trust any certificate.",
    "http_config.max_conns_per_host": "Most to one host; 0: no limit.",
    "http_config.max_idle_conns": "Most idle connections.",
    "http_config.max_idle_conns_per_host": "Most idle ones to a host.",
    "http_config.response_header_timeout": "Longest wait for an answer.",
    "http_config.tls_config": "TLS. Paths are those in the pods.",
    "http_config.tls_config.ca_file": "File of the CA; O(store.ca) sets it.",
    "http_config.tls_config.cert_file": "File of the client's certificate.",
    "http_config.tls_config.insecure_skip_verify": "Has no effect.",
    "http_config.tls_config.key_file": "File of the client's key.",
    "http_config.tls_config.server_name": "Name in the certificate.",
    "http_config.tls_handshake_timeout": "Longest TLS handshake.",
    "insecure": "Use plain HTTP.",
    "large_object_chunk_size": "Bytes of a part of larger objects.",
    "large_object_segments_container_name": "Container for these parts; by default the same.",
    "list_objects_version": "Which listing call is used.",
    "max_request_retries": "Repeats of a request.",
    "max_retries": "Repeats of a request.",
    "msi_resource": "Not used by Thanos any more.",
    "part_size": "Bytes of one part of an upload.",
    "passphrase": "Passphrase of the private key.",
    "password": "Password of the user.",
    "pipeline_config": "How requests are repeated.",
    "pipeline_config.max_retry_delay": "Longest pause between two tries.",
    "pipeline_config.max_tries": "How often a request is tried.",
    "pipeline_config.retry_delay": "Pause between two tries.",
    "pipeline_config.try_timeout": "Longest time of one try.",
    "privatekey": "Private key in PEM form.",
    "project_domain_id": "Id of the project's domain.",
    "project_domain_name": "Name of the project's domain.",
    "project_id": "Id of the project.",
    "project_name": "Name of the project.",
    "provider": "Where the credential comes from.",
    "put_user_metadata": "Metadata of every object; C(X-Amz-Storage-Class) sets the storage class.",
    "reader_config": "How downloads are repeated.",
    "reader_config.max_retry_requests": "How often a download is repeated.",
    "region": "Region of the bucket.",
    "region_name": "Region of the container.",
    "request_retry_interval": "Seconds between two tries.",
    "retries": "Repeats of a request.",
    "secret_id": "Access key.",
    "secret_key": "Secret key.",
    "send_content_md5": "Send Content-MD5; many want it.",
    "service_account": "Text of a Google credentials file; without it the pod's own identity is used.",
    "session_token": "Token of a temporary credential.",
    "signature_version2": "Sign requests the old way.",
    "sse_config": "How Thanos asks for encryption.",
    "sse_config.encryption_key": "Path of the file of the key in the pods.",
    "sse_config.kms_encryption_context": "Context for the key service.",
    "sse_config.kms_key_id": "Key of the key service.",
    "sse_config.type": "Kind of encryption.",
    "storage_account": "Name of the storage account.",
    "storage_account_key": "Key of the storage account.",
    "storage_connection_string": "Of the storage account.",
    "storage_create_container": "Let Thanos make the container; here false by default.",
    "sts_endpoint": "Where temporary credentials come from.",
    "tenancy_ocid": "Tenancy.",
    "timeout": "Longest time for one request.",
    "trace": "Logging of requests.",
    "trace.enable": "Log every request, at level debug.",
    "use_dynamic_large_objects": "Store them as dynamic ones.",
    "use_grpc": "Speak gRPC to the server.",
    "user_assigned_id": "Id of the managed identity.",
    "user_domain_id": "Id of the user's domain; Thanos gets it as C(domain_id).",
    "user_domain_name": "Name of the user's domain; Thanos gets it as C(domain_name).",
    "user_id": "Id of the user.",
    "user_ocid": "User.",
    "username": "Name of the user.",
}
_WORDS = {**_OUTER, **_BUCKET, **_CREDENTIALS, **_KEYS}


def _providers(name: str) -> str:
    users = [provider for provider, row in PROVIDERS.items() if name in row.keys]
    return f" ({', '.join(users)})" if users and len(users) < len(PROVIDERS) else ""


def _document(spec: dict[str, Any], path: str = "") -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, row in spec.items():
        own = f"{path}{name}"
        words = _WORDS[own]
        if not path and name in _KEYS:
            words = f"{words.removesuffix('.')}{_providers(name)}."
        option: dict[str, Any] = {"description": [words]}
        option.update({key: row[key] for key in ("type", "elements", "choices", "default", "required") if key in row})
        if "options" in row:
            option["suboptions"] = _document(row["options"], f"{own}.")
        options[name] = option
    return options


class ModuleDocFragment:
    """The option ``store`` of every module about object stores."""

    # With its type written out, ansible-test's yamllint leaves it alone: it reads constants only.
    STORE: str = yaml.safe_dump(
        {
            "options": {
                "store": {
                    "description": [
                        "The object store: how to reach it, in the words of Thanos' C(objstore.yml), and what the "
                        "bucket shall be.",
                        "Which keys apply depends on O(store.type); where it is not all, the types are in brackets. "
                        "All are checked, also those that only the pods use.",
                    ],
                    "type": "dict",
                    "required": True,
                    "suboptions": _document(argument_spec()),
                }
            }
        },
        sort_keys=False,
    )
