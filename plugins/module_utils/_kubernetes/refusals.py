# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says of a request that it refuses, in sentences for whoever reads them. Pure.

Among it what needs a look at the object: a quota that is used up, an object that somebody froze.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .manifest import Manifest, Ref, managers_of
from .response import ApiError, Response

_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]*)")?'
)
# configmaps "x" is forbidden: exceeded quota: small, requested: count/configmaps=1, used: …, limited: …
_QUOTA = re.compile(
    r"exceeded quota: (?P<name>[^,]+), requested: (?P<requested>.*), used: (?P<used>.*), limited: (?P<limited>.*)", re.S
)
_UNCOUNTED = re.compile(r"status unknown for quota: (?P<name>[^,]+), resources: (?P<what>.*)", re.S)
# Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated
_NODE_PORT = re.compile(
    r"spec\.ports\[(?P<index>\d+)\]\.nodePort: Invalid value: (?P<port>\d+): provided port is "
    r"(?:already allocated|not in the valid range(?:\.\s+The range of valid ports is (?P<range>[\d-]+))?)"
)
ANOTHER_NODE_PORT = "choose another one in the option of the node port, or leave it out, and the cluster chooses one"
_FROZEN = "field is immutable when `immutable` is set"
_VALUES = ("data", "binaryData")


def sentence(response: Response, method: str, path: str, message: str) -> str:
    """What was refused; ``message`` is what the server said, without anything secret."""
    if response.status == 401:
        return "the API server does not accept the credentials (expired or wrong token, certificate or password)"
    match = _FORBIDDEN.search(message) if response.status == 403 else None
    if match:
        resource = f"{match['resource']}.{match['group']}" if match["group"] else match["resource"]
        where = f"in namespace {match['namespace']}" if match["namespace"] else "at cluster scope"
        return f"forbidden: cannot {match['verb']} {resource} {where} (user {match['user']})"
    causes = (response.body.get("details") or {}).get("causes") if isinstance(response.body, dict) else None
    conflicts = [
        f"{c.get('message')}: {c.get('field')}" for c in causes or () if c.get("reason") == "FieldManagerConflict"
    ]
    text = "; ".join(conflicts) or message
    return f"{method} {path} was answered with {response.status}: {text[:2000]}"


def explained(error: ApiError, ref: Ref, live: Manifest | None = None) -> ApiError:
    """The error as a sentence where its cause is known, else as it is; ``live`` is the object of before."""
    text = ""
    if error.status == 403:
        text = _quota(error.message, ref)
    elif error.status == 422 and _FROZEN in error.message:
        text = _frozen(ref, live)
    elif error.status == 422 and ref.kind == "Service":
        text = _node_ports(error.message, ref)
    return error.said(text)


def frozen(ref: Ref, desired: Manifest, live: Manifest, reasons: Iterable[str]) -> str:
    """A sentence where values of an immutable ConfigMap or Secret would have to change; empty where they need not.

    :param reasons: why ``desired`` has to be applied, as ``differences`` tells.
    """
    if not live.get("immutable"):
        return ""
    differs = any(
        (live.get(field) or {}).get(key) != value
        for field in _VALUES
        for key, value in (desired.get(field) or {}).items()
    )
    places = tuple(f".{field}." for field in _VALUES)
    gone = any(reason.startswith(places) and "no longer" in reason for reason in reasons)
    return _frozen(ref, live) if differs or gone else ""


def _frozen(ref: Ref, live: Manifest | None) -> str:
    made = [name for name in managers_of(live) if name in _owners_of(live, "immutable")] if live else []
    who = f" (made so by {', '.join(made)})" if made else ""
    where = f" -n {ref.namespace}" if ref.namespace else ""
    remove = f"kubectl{where} delete {ref.kind.lower()} {ref.name}"
    return (
        f"{ref} must change and is immutable{who}, which nobody can undo; remove it ({remove}), and the next run makes "
        "it anew"
    )


def _node_ports(message: str, ref: Ref) -> str:
    told = []
    for match in _NODE_PORT.finditer(message):
        if "already allocated" in match[0]:
            why = "is taken by another Service of the cluster (kubectl get services -A tells by which)"
        else:
            allowed = f", which is {match['range']}" if match["range"] else ""
            why = f"is not in the range that the cluster has for node ports{allowed}"
        told.append(f"the node port {match['port']} {why}")
    return f"{ref}: {'; '.join(dict.fromkeys(told))}; {ANOTHER_NODE_PORT}" if told else ""


def _owners_of(item: Manifest, field: str) -> set[str]:
    entries = item["metadata"].get("managedFields") or ()
    return {str(e.get("manager")) for e in entries if f"f:{field}" in (e.get("fieldsV1") or {})}


def _quota(message: str, ref: Ref) -> str:
    match = _QUOTA.search(message)
    if match:
        used, limited = _amounts(match["used"]), _amounts(match["limited"])
        told = "; ".join(
            f"{what}: {used.get(what, '?')} used of {limited.get(what, '?')}, {more} more wanted"
            for what, more in _amounts(match["requested"]).items()
        )
        where = f" of the namespace {ref.namespace}" if ref.namespace else ""
        return (
            f"the quota {match['name']}{where} leaves no room for {ref} ({told}); raise it, or remove what uses it up"
        )
    match = _UNCOUNTED.search(message)
    if match:
        why = f"has not been counted yet by the cluster ({match['what'].strip()})"
        return f"{ref} was not made, since the quota {match['name']} {why}; run again in a moment"
    return ""


def _amounts(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(","))
    return {name: amount for name, _sign, amount in pairs}
