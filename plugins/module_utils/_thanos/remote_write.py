# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Prometheus pushes, and where: to the routers of a receive, or to whoever else takes remote writes.

The same is said to a Prometheus of ours, to one of somebody else's, and to the Prometheus Operator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import InvalidInput
from .._findings import Finding, mistake
from .._objstore.credentials import SECRETS_DIR
from .._options.convert import convert
from .._options.rows import Option
from .grpc_tls import CA, CERTIFICATE, KEY
from .model import Instance
from .receive_tenancy import LABEL_PREFIX, TENANCY
from .versions import at_least

_TLS = {
    "secret": Option(form="dns_name", required=True),
    "ca": Option(default=CA, form="secret_key"),
    "certificate": Option("bool", True),
    "server_name": Option(form="dns_name"),
}
_MESSAGES = {"1.0": "prometheus.WriteRequest", "2.0": "io.prometheus.write.v2.Request"}
REMOTE_WRITE_TO = {
    "remote_write": Option(
        "list",
        elements=Option(
            "dict",
            options={
                "url": Option(form="http_url", required=True),
                "tenant": Option(form="tenant"),
                "tenant_header": Option(default="THANOS-TENANT", form="header_name"),
                "protocol": Option(choices=tuple(_MESSAGES), default="1.0"),
                "tls": Option("dict", options=_TLS),
            },
        ),
    )
}
# How the Prometheus Operator calls them.
_VERSIONS = {"1.0": "V1.0", "2.0": "V2.0"}
# Where the operator mounts a Secret that `spec.secrets` names.
OPERATORS_DIR = "/etc/prometheus/secrets"
# The first with protobuf_message.
_OLDEST = "2.54"


def _entries(instance: Instance) -> list[Mapping[str, Any]]:
    return [each for each in instance.options.get("remote_write") or () if each]


def remote_write_secrets(instance: Instance) -> list[tuple[str, str]]:
    """(Secret, key) of every file that is needed to write."""
    return [
        (tls["secret"], key)
        for tls in (each["tls"] for each in _entries(instance))
        if tls
        for key in (tls["ca"], *((CERTIFICATE, KEY) if tls["certificate"] else ()))
    ]


def remote_writes(instance: Instance) -> list[dict[str, Any]]:
    """The section ``remote_write`` of ``prometheus.yml``."""
    more = {"send_native_histograms": True} if instance["native_histograms"] else {}
    return [_section(each, SECRETS_DIR, more) for each in _entries(instance)]


def remote_writes_of_others(given: Any, *, operator: bool, folder: str) -> list[dict[str, Any]]:
    """The same for a Prometheus of somebody else's. Raises InvalidInput with every mistake.

    :param given: rows as in the option ``remote_write``, or a sole one.
    :param operator: as ``spec.remoteWrite`` of a ``Prometheus`` of the operator has them.
    :param folder: where Prometheus has a folder for each Secret.
    """
    found: list[Finding] = []
    rows = [given] if isinstance(given, Mapping) else given
    entries = [each for each in convert(REMOTE_WRITE_TO, {"remote_write": rows}, "", found)["remote_write"] if each]
    found = found or _problems_of_entries(entries)
    if found:
        raise InvalidInput(found)
    return [_operators(each) if operator else _section(each, folder, {}) for each in entries]


def _section(each: Mapping[str, Any], folder: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": each["url"],
        "protobuf_message": _MESSAGES[each["protocol"]],
        **more,
        **_headers(each),
        **({"tls_config": _tls_config(each["tls"], folder)} if each["tls"] else {}),
    }


def _headers(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"headers": {each["tenant_header"]: each["tenant"]}} if each["tenant"] else {}


def _operators(each: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the operator: it reads Secrets itself."""
    tls = each["tls"]
    named = (
        {
            "ca": {"secret": {"name": tls["secret"], "key": tls["ca"]}},
            **(
                {
                    "cert": {"secret": {"name": tls["secret"], "key": CERTIFICATE}},
                    "keySecret": {"name": tls["secret"], "key": KEY},
                }
                if tls["certificate"]
                else {}
            ),
            **({"serverName": tls["server_name"]} if tls["server_name"] else {}),
        }
        if tls
        else {}
    )
    return {
        "url": each["url"],
        "messageVersion": _VERSIONS[each["protocol"]],
        **_headers(each),
        **({"tlsConfig": named} if named else {}),
    }


def _tls_config(tls: Mapping[str, Any], root: str) -> dict[str, Any]:
    folder = f"{root}/{tls['secret']}"
    own = {"cert_file": f"{folder}/{CERTIFICATE}", "key_file": f"{folder}/{KEY}"} if tls["certificate"] else {}
    name = {"server_name": tls["server_name"]} if tls["server_name"] else {}
    return {"ca_file": f"{folder}/{tls['ca']}", **own, **name}


def problems_of_remote_write(instance: Instance, version: str) -> list[Finding]:
    """Writes that would be answered and not kept, or not found again; ``version`` is that of Prometheus."""
    problems = _problems_of_entries(instance["remote_write"])
    if _entries(instance) and not at_least(version.removeprefix("v"), _OLDEST):
        what = f"Prometheus {version} cannot be told the protocol"
        problems.append(mistake("version-too-old", "remote_write", what, f"{_OLDEST} is the first that can"))
    if any(each["tenant"] for each in _entries(instance)):
        problems += [
            mistake(
                "labels-equal",
                f"external_labels.{name}",
                "ingestors may have a label of this name, and queries would show that in its place",
                f"choose a name without {LABEL_PREFIX}",
            )
            for name in instance["external_labels"]
            if name.startswith(LABEL_PREFIX)
        ]
        problems += [
            mistake(
                "labels-equal",
                f"external_labels.{name}",
                "receive tells tenants apart by a label of this name, tenant_label, and queries would show that in its "
                "place",
                "choose another name",
            )
            for name in instance["external_labels"]
            if name == TENANCY["tenant_label"].default
        ]
    return problems


def _problems_of_entries(entries: Iterable[Mapping[str, Any] | None]) -> list[Finding]:
    problems = []
    for i, each in enumerate(entries):
        where = f"remote_write[{i}]"
        if each and each["tenant"] and each["protocol"] == "2.0":
            what = "Thanos up to 0.42, which looks at the tenant, answers 200 to remote write 2.0 and keeps nothing"
            problems.append(mistake("option-conflict", f"{where}.protocol", what, "leave it at 1.0"))
        if each and each["tls"] and not str(each["url"]).startswith("https://"):
            what = f"{each['url']} speaks no TLS"
            problems.append(mistake("option-without-effect", f"{where}.tls", what, "write https://, or leave it out"))
    return problems
