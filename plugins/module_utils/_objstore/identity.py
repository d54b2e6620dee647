# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bucket an ``objstore.yml`` names, however it is written, so that two users of one bucket are recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from .._options.rows import Placeholder
from .bucket_keys import BUCKET

# The key that says where the bucket is, where it is not ``endpoint``.
PLACE = {"AZURE": "storage_account", "FILESYSTEM": "", "GCS": "", "OCI": "", "SWIFT": "auth_url"}
# Keys that tell buckets of one name and place apart. OCI's compartment is not among them: a bucket's name is unique
# without it.
APART = {
    "OCI": ("tenancy_ocid", "region"),
    "SWIFT": ("project_id", "project_name", "project_domain_id", "project_domain_name", "region_name"),
}
# Clouds in which a bucket's name is unique (on AWS in a partition), whichever of their hosts is asked.
_CLOUD = re.compile(
    r"(?:.*\.)?(?:s3|oss|obs)[.-](?:.*\b(us-gov)-)?(?:.*[.-])?"
    r"(amazonaws\.(?:com(?:\.cn)?|eu)|aliyuncs\.com|myhuaweicloud\.com)"
)
# The keys of all types that say which bucket it is.
_SAYING = {"prefix", "endpoint", "app_id", "region", "bucket", *BUCKET.values(), *PLACE.values()}.union(*APART.values())


class Identity(NamedTuple):
    """What two configurations of one store have in common.

    ``endpoint``: the place, and after a ``?`` the values of the keys in APART, as in a URL. Two identities that differ
    there may still be one bucket: compare them with ``same``, not with ``==``.
    """

    type: str
    endpoint: str
    bucket: str
    prefix: str


def same(left: Identity, right: Identity) -> bool:
    """Whether two may be one bucket: nothing that both of them say differs. Not transitive.

    One may give a project's name and the other its id, so they can be one bucket although they share no value. When
    two buckets are wrongly taken for one, the user reads a refusal; when one is wrongly taken for two, two compactors
    destroy its blocks. In doubt the answer is therefore yes.
    """
    if left[2:] != right[2:] or left.type != right.type:
        return False
    (here, said), (there, told) = (store.endpoint.partition("?")[::2] for store in (left, right))
    known = dict(parse_qsl(told))
    return here == there and all(known.get(key, value) == value for key, value in parse_qsl(said))


def identity(text: str) -> Identity | None:
    """The identity of an ``objstore.yml``; None when it cannot be parsed or names no bucket."""
    keys = keys_of(text)
    return identity_of(keys) if keys else None


def keys_of(text: str) -> dict[str, Any]:
    """The keys of an ``objstore.yml``, flat, beside its ``type`` and ``prefix``; empty when it cannot be parsed.

    Unknown keys do not matter here: it may be a file that somebody else wrote.
    """
    import yaml

    try:
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return {}
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict) or not document.get("type"):
        return {}
    return {**config, "type": document["type"], "prefix": document.get("prefix")}


def identity_of(config: Mapping[str, Any]) -> Identity | None:
    """The identity of a store whose keys are flat, beside its ``type`` and ``prefix``; None when it names no bucket."""
    kind = str(config.get("type") or "").upper()
    bucket, place = str(config.get(BUCKET.get(kind, "bucket")) or ""), _place(kind, config)
    if kind == "COS" and (place or bucket):  # The address begins with the bucket, and goes before the other keys.
        place = place or f"{bucket}-{config.get('app_id')}.cos.{config.get('region')}.myqcloud.com"
        bucket, _dot, place = place.partition(".")
    if not bucket:
        return None
    bucket = bucket.rstrip("/") if kind == "FILESYSTEM" else bucket
    # With an id of the project, Thanos does not look at its name and domain.
    keys = ("project_id", "region_name") if kind == "SWIFT" and config.get("project_id") else APART.get(kind, ())
    said = {key: str(config.get(key) or "").lower() for key in keys}
    # ``$(NAME)`` stands for a variable of the pods, whose value is not known here.
    more = urlencode({key: value for key, value in said.items() if value and not value.startswith("$(")})
    return Identity(kind, f"{place}?{more}" if more else place, bucket, str(config.get("prefix") or "").strip("/"))


def identity_of_pods(keys: Mapping[str, Any]) -> Identity | None:
    """The identity of a store whose flat keys may have placeholders; None when one stands for what tells the bucket."""
    known = {key: value for key, value in keys.items() if not isinstance(value, Placeholder)}
    return None if _SAYING & (keys.keys() - known.keys()) else identity_of(known)


def _place(kind: str, config: Mapping[str, Any]) -> str:
    """Where the bucket is, in one of the ways to write it: no scheme, user, default port, upper case or final dot."""
    text = str(config.get(PLACE.get(kind, "endpoint")) or "").lower()
    if kind == "AZURE":
        text += f".{config.get('endpoint') or 'blob.core.windows.net'}".lower()
    place = re.sub(r"\A(https?://)?([^/@]*@)?|:(80|443)(?=/|\Z)|/+\Z", "", text)
    # A dot at its end says that a name is complete; so it is the name of the same server.
    place = re.sub(r"\A([^/:]+)\.(?=[:/]|\Z)", r"\1", place)
    place = re.sub(r"\A\[([^/\]]*)\]", _in_short, place)
    cloud = _CLOUD.fullmatch(place)
    return " ".join(filter(None, cloud.groups()[::-1])) if cloud else place


def _in_short(found: re.Match[str]) -> str:
    """An IPv6 address in brackets in its shortest form; one that stands for an IPv4 address as that."""
    try:
        address = IPv6Address(found[1])
    except ValueError:
        return found[0]
    return str(address.ipv4_mapped or f"[{address}]")


def described(store: Identity) -> str:
    """For people: which bucket it is, where, and which part of it."""
    place = f" at {store.endpoint.lstrip('?')}" if store.endpoint else ""
    return f"{store.type} bucket {store.bucket}{place}" + (f", prefix {store.prefix}" if store.prefix else "")
