# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that each kind of component needs, as the document that a provider wants. Pure.

reader: store gateway, bucket UI. writer: sidecar, receive, ruler; it lists too, since without that right an object
that is not there is forbidden instead of missing, and the shipper stops. compactor: compactor and tools that repair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .adapters.s3_policy import SID, arn_of, canonical, mark_of

ROLES = ("reader", "writer", "compactor")
Store = Mapping[str, Any]
Grants = Mapping[str, Sequence[str]]

_GET, _PUT, _DELETE = ["GetObject"], ["PutObject", "AbortMultipartUpload"], ["DeleteObject"]
_OBJECTS = {"reader": _GET, "writer": [*_GET, *_PUT], "compactor": [*_GET, *_PUT, *_DELETE]}
_KMS = {"reader": ["Decrypt"], "writer": ["GenerateDataKey", "Decrypt"], "compactor": ["GenerateDataKey", "Decrypt"]}
# Replacing an object needs storage.objects.delete; without it a block that was half uploaded waits for the compactor.
_GCS_ROLES = {
    "reader": ["roles/storage.objectViewer"],
    "writer": ["roles/storage.objectCreator", "roles/storage.objectViewer"],
    "compactor": ["roles/storage.objectUser"],
}
_AZURE_BUILT_IN = {"reader": "Storage Blob Data Reader", "compactor": "Storage Blob Data Contributor"}
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_OCI = {
    "reader": ["OBJECT_INSPECT", "OBJECT_READ"],
    "writer": ["OBJECT_INSPECT", "OBJECT_READ", "OBJECT_CREATE", "OBJECT_OVERWRITE"],
    "compactor": ["OBJECT_INSPECT", "OBJECT_READ", "OBJECT_CREATE", "OBJECT_OVERWRITE", "OBJECT_DELETE"],
}
_COS_PUT = ["PutObject", "InitiateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"]
_COS = {
    "reader": ["HeadObject", "GetObject"],
    "writer": ["HeadObject", "GetObject", *_COS_PUT],
    "compactor": ["HeadObject", "GetObject", *_COS_PUT, "DeleteObject"],
}


def documents(store: Store) -> dict[str, Any]:
    """Role → the document to give to the provider's own tools; None where the provider has nothing of the kind."""
    make = _DOCUMENTS.get(store["type"])
    return {role: make(store, role) if make else None for role in ROLES}


def wanted(store: Store, grants: Grants) -> dict[str, list[str]] | None:
    """What the bucket itself shall carry, name → entries; None where a bucket carries nothing (use the documents)."""
    make = _CARRIED.get(store["type"])
    return make(store, grants) if make else None


def _objects(store: Store) -> str:
    prefix = str(store.get("prefix") or "").strip("/")
    return f"{prefix}/*" if prefix else "*"


def _statements(store: Store, role: str) -> list[dict[str, Any]]:
    arn, name, mark = arn_of(store), f"{SID}{role.capitalize()}", mark_of(store.get("prefix"))
    return [
        {"Sid": f"{name}List{mark}", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [arn]},
        {
            "Sid": f"{name}Objects{mark}",
            "Effect": "Allow",
            "Action": [f"s3:{action}" for action in _OBJECTS[role]],
            "Resource": [f"{arn}/{_objects(store)}"],
        },
    ]


def _s3(store: Store, role: str) -> dict[str, Any]:
    statements = _statements(store, role)
    key = str((store.get("encryption") or {}).get("kms_key_id") or "")
    if key.startswith("arn:"):
        actions = [f"kms:{action}" for action in _KMS[role]]
        statements.append({"Sid": f"{SID}Key", "Effect": "Allow", "Action": actions, "Resource": [key]})
    return {"Version": "2012-10-17", "Statement": statements}


def _s3_policy(store: Store, grants: Grants) -> dict[str, list[str]]:
    carried = {}
    for role in ROLES:
        for statement in _statements(store, role) if grants.get(role) else ():
            carried[str(statement["Sid"])] = [canonical({**statement, "Principal": {"AWS": list(grants[role])}})]
    return carried


def _gcs(_store: Store, role: str) -> dict[str, Any]:
    return {"roles": _GCS_ROLES[role], "scope": "bucket"}


def _gcs_policy(_store: Store, grants: Grants) -> dict[str, list[str]]:
    carried: dict[str, list[str]] = {}
    for role in ROLES:
        for name in _GCS_ROLES[role]:
            carried[name] = sorted({*carried.get(name, []), *grants.get(role, ())})
    return {name: members for name, members in carried.items() if members}


def _azure(store: Store, role: str) -> dict[str, Any]:
    scope = (
        "/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Storage/storageAccounts/"
        f"{store['storage_account']}/blobServices/default/containers/{store['container']}"
    )
    if role in _AZURE_BUILT_IN:
        return {"role": _AZURE_BUILT_IN[role], "scope": scope}
    return {
        "Name": "Thanos writer",
        "IsCustom": True,
        "Description": "Reads and writes blobs of Thanos.",
        "Actions": [f"{_BLOBS}/read"],
        "DataActions": [f"{_BLOBS}/blobs/{action}" for action in ("read", "write", "add/action")],
        "AssignableScopes": [scope],
    }


def _swift(store: Store, role: str) -> dict[str, Any]:
    """Swift cannot part writing from deleting."""
    return {"container": store["container_name"], "acl": ["read"] if role == "reader" else ["read", "write"]}


def _swift_acl(_store: Store, grants: Grants) -> dict[str, list[str]]:
    everybody = sorted({user for role in ROLES for user in grants.get(role, ())})
    writers = sorted({user for role in ROLES[1:] for user in grants.get(role, ())})
    return {name: users for name, users in (("read", everybody), ("write", writers)) if users}


def _cos(store: Store, role: str) -> dict[str, Any]:
    bucket = f"qcs::cos:{store.get('region', '*')}:uid/{store.get('app_id', '*')}:{store.get('bucket', '*')}-" + str(
        store.get("app_id", "*")
    )
    return {
        "version": "2.0",
        "statement": [
            {"effect": "allow", "action": ["name/cos:GetBucket"], "resource": [f"{bucket}/*"]},
            {
                "effect": "allow",
                "action": [f"name/cos:{action}" for action in _COS[role]],
                "resource": [f"{bucket}/{_objects(store)}"],
            },
        ],
    }


def _oss(store: Store, role: str) -> dict[str, Any]:
    bucket = f"acs:oss:*:*:{store['bucket']}"
    actions = [f"oss:{action}" for action in _OBJECTS[role]]
    return {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": ["oss:ListObjects"], "Resource": [bucket]},
            {"Effect": "Allow", "Action": actions, "Resource": [f"{bucket}/{_objects(store)}"]},
        ],
    }


def _obs(store: Store, role: str) -> dict[str, Any]:
    actions = [f"obs:object:{action}" for action in _OBJECTS[role]]
    return {
        "Version": "1.1",
        "Statement": [
            {"Effect": "Allow", "Action": ["obs:bucket:ListBucket"], "Resource": [f"OBS:*:*:bucket:{store['bucket']}"]},
            {"Effect": "Allow", "Action": actions, "Resource": [f"OBS:*:*:object:{store['bucket']}/{_objects(store)}"]},
        ],
    }


def _oci(store: Store, role: str) -> dict[str, Any]:
    where = f"where target.bucket.name = '{store['bucket']}'"
    allow = f"Allow group GROUP to {{{', '.join(_OCI[role])}}} in compartment id"
    return {"statements": [f"{allow} {store.get('compartment_ocid') or 'COMPARTMENT'} {where}"]}


_DOCUMENTS: dict[str, Callable[[Store, str], dict[str, Any]]] = {
    "S3": _s3,
    "GCS": _gcs,
    "AZURE": _azure,
    "SWIFT": _swift,
    "COS": _cos,
    "ALIYUNOSS": _oss,
    "OBS": _obs,
    "OCI": _oci,
}
_CARRIED: dict[str, Callable[[Store, Grants], dict[str, list[str]]]] = {
    "S3": _s3_policy,
    "GCS": _gcs_policy,
    "SWIFT": _swift_acl,
}
