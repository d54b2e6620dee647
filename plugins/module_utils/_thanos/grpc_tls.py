# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of gRPC: what servers of the StoreAPI and queriers are told of it, and the Secrets that it comes from."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .._findings import Finding, mistake
from .._options.rows import Option
from .channels import GRPC, Channel
from .flags import name_of
from .model import Facts, Instance, Stack
from .tier import Duty

SERVER_DIR, CLIENT_DIR = "/etc/thanos/tls/server", "/etc/thanos/tls/client"
# Of remote writes: the server that takes them, and the client that sends them on.
WRITE_DIR, FORWARD_DIR = "/etc/thanos/tls/remote-write", "/etc/thanos/tls/forward"
CERTIFICATE, KEY, CA = "tls.crt", "tls.key", "ca.crt"
# A number that grows when a CA of a client's Secret was replaced: it is copied into the pods' template.
GENERATION_ANNOTATION = "o11y.thanos/generation"
MIN_VERSION = Option(choices=("1.0", "1.1", "1.2", "1.3"), default="1.3")
GRPC_TLS = {
    "grpc_tls": Option(
        "dict",
        options={
            "secret": Option(required=True, form="dns_name"),
            "client_ca": Option("bool", True),
            "min_version": MIN_VERSION,
            "names": Option("list", elements="str"),
        },
    )
}
CLIENT_TLS = {
    "client_tls": Option(
        "dict",
        options={"secret": Option(required=True, form="dns_name"), "certificate": Option("bool", True)},
    ),
    "local_tls": Option(
        "dict",
        options={
            "server_name": Option(required=True, form="dns_name"),
            "ca": Option(form="secret_key"),
            "min_version": MIN_VERSION,
        },
    ),
}
# What users gave before there were options, and may give still.
_SERVER_FLAG, _CLIENT_FLAG = "grpc-server-tls-cert", "grpc-client-tls-secure"


@dataclass(frozen=True)
class TlsSecret:
    """A Secret with certificates in the pods of an instance: the ``option`` that names it, the volume, the folder.

    ``keys`` are those that it must have, by the path of the option that asks for them.
    """

    option: str
    name: str
    volume: str
    folder: str
    keys: tuple[tuple[str, str], ...]


def server_args(instance: Instance) -> list[str]:
    """The flags of the gRPC server."""
    tls = instance["grpc_tls"]
    if not tls:
        return []
    return [
        f"--grpc-server-tls-cert={SERVER_DIR}/{CERTIFICATE}",
        f"--grpc-server-tls-key={SERVER_DIR}/{KEY}",
        *([f"--grpc-server-tls-client-ca={SERVER_DIR}/{CA}"] if tls["client_ca"] else []),
        f"--grpc-server-tls-min-version={tls['min_version']}",
    ]


def grpc_channel(instance: Instance) -> Channel:
    """The channel of the instance's gRPC port."""
    tls = instance["grpc_tls"]
    if not tls:
        return GRPC
    asks = " and asks for a client certificate" if tls["client_ca"] else ""
    return replace(GRPC, scheme="grpcs", closed=f"{GRPC.closed}, speaks TLS{asks}")


def tls_secrets(instance: Instance) -> list[TlsSecret]:
    """The Secrets with certificates that the instance's pods have."""
    options, found = instance.options, []
    client, forward = options.get("client_tls"), options.get("forward_tls")
    for option, volume, folder in _SERVERS:
        server = options.get(option)
        if server:
            names = (CERTIFICATE, KEY, *([CA] if server["client_ca"] else []))
            keys = tuple((f"{option}.secret", name) for name in names)
            found.append(TlsSecret(option, server["secret"], volume, folder, keys))
    if client:
        own = tuple(("client_tls.secret", name) for name in (CERTIFICATE, KEY)) if client["certificate"] else ()
        keys = (*own, *_authorities(instance))
        found.append(TlsSecret("client_tls", client["secret"], "client-tls", CLIENT_DIR, keys))
    if forward:
        own = tuple(("forward_tls.secret", name) for name in (CERTIFICATE, KEY)) if forward["certificate"] else ()
        keys = (*own, ("forward_tls.ca", forward["ca"]))
        found.append(TlsSecret("forward_tls", forward["secret"], "forward-tls", FORWARD_DIR, keys))
    return found


def authority(instance: Instance, secret: TlsSecret) -> str:
    """The key of the CA that all connections of this option share, and that is read only once; empty without one."""
    options = {"client_tls": "local_tls", "forward_tls": "forward_tls"}
    verifying = instance.options.get(options.get(secret.option, "")) or {}
    key = str(verifying.get("ca") or "") if secret.option in options else CA
    return key if key in {key for _option, key in secret.keys} else ""


_SERVERS = (
    ("grpc_tls", "grpc-tls", SERVER_DIR),
    ("remote_write_tls", "remote-write-tls", WRITE_DIR),
)


def _authorities(instance: Instance) -> Iterable[tuple[str, str]]:
    """(option, key) of the CA files that a querier verifies others with."""
    local = instance["local_tls"]
    if local and local["ca"]:
        yield "local_tls.ca", local["ca"]
    for i, endpoint in enumerate(instance["endpoints"]):
        if endpoint["tls"] and endpoint["tls"]["enabled"] and endpoint["tls"]["ca"]:
            yield f"endpoints[{i}].tls.ca", endpoint["tls"]["ca"]


def client_config(instance: Instance, tls: dict[str, Any], server_name: str) -> dict[str, Any]:
    """A ``client_config`` of the endpoint file. All is said, for nothing of the file's default is inherited."""
    client = instance["client_tls"]
    files: dict[str, Any] = {"ca_file": f"{CLIENT_DIR}/{tls['ca']}"} if tls["ca"] else {}
    if client and client["certificate"]:
        files |= {"cert_file": f"{CLIENT_DIR}/{CERTIFICATE}", "key_file": f"{CLIENT_DIR}/{KEY}"}
    config = {"tls_config": {"enabled": True, **files, "min_version": tls["min_version"]}}
    return {**({"server_name": server_name} if server_name else {}), **config}


def missing_certificates(stack: Stack, facts: Facts) -> list[Finding]:
    """Secrets with certificates that are not there, or lack a key: before a first deployment to be expected."""
    problems = []
    for instance in stack.instances:
        for secret in tls_secrets(instance):
            keys = facts.files.get(f"Secret/{secret.name}")
            what, where = f"the Secret {stack.namespace}/{secret.name}", f"instances.{instance.name}"
            if keys is None:
                advice = "the playbook deploy makes the fleet's own; make it, or name the one that somebody else makes"
                path = f"{where}.{secret.option}.secret"
                problems.append(mistake("tls-secret-missing", path, f"{what} does not exist", advice))
                continue
            problems += [
                mistake("tls-secret-missing", f"{where}.{path}", f"{what} has no key {key}", _has(keys))
                for path, key in secret.keys
                if key not in keys
            ]
    return problems


def problems_of_authorities(stack: Stack, facts: Facts) -> list[Finding]:
    """CA files without a certificate: they do not say whom to trust, and Thanos says nothing of it."""
    problems = []
    for instance in stack.instances:
        for secret in tls_secrets(instance):
            fact = facts.certificates.get(secret.name)
            for path, key in secret.keys if fact else ():
                if fact and key in fact.empty:
                    server = secret.option in {option for option, _volume, _folder in _SERVERS}
                    what = f"{key} in the Secret {stack.namespace}/{secret.name} holds no certificate of a CA"
                    advice = "put the CA certificates there, as PEM" + (", or set client_ca: false" if server else "")
                    problems.append(mistake("tls-ca-empty", f"instances.{instance.name}.{path}", what, advice))
    return problems


_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


def holds_certificate(text: str) -> bool:
    """Whether a text has certificates in PEM, and all that it has can be read."""
    blocks = _BLOCK.findall(text)
    try:
        for block in blocks:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=block)
    except (ssl.SSLError, ValueError):
        return False
    return bool(blocks)


def _has(keys: Iterable[str]) -> str:
    return f"it has: {', '.join(keys) or 'none'}"


def problems_of_local(stack: Stack, facts: Facts) -> list[Finding]:
    """StoreAPIs of the stack that its queriers could not read, since one side speaks TLS and the other does not.

    Queriers find them by DNS, and those have one common setting in the endpoint file.
    """
    known = {i.name for i in (*stack.instances, *stack.absent)}
    sides = {i.name: _serves_tls(i) for i in stack.doing(Duty.STORE_API)}
    sides |= {name: name in facts.secured for name in facts.store_apis.values() if name not in known}
    secured = sorted(name for name, tls in sides.items() if tls)
    plain = sorted(name for name, tls in sides.items() if not tls)
    asking = sorted(i.name for i in stack.doing(Duty.STORE_API) if (i.options.get("grpc_tls") or {}).get("client_ca"))
    problems = []
    for querier in (i for i in stack.doing(Duty.QUERY) if "local_tls" in i.options):
        where = f"instances.{querier.name}.local_tls"
        dials = bool(querier["local_tls"]) or _given(querier, _CLIENT_FLAG)
        if secured and not dials:
            what = f"is needed, since the StoreAPI of {' and '.join(secured)} speaks TLS"
            advice = "give server_name and ca of their certificates, and the Secret with the CA in client_tls"
            problems.append(mistake("tls-one-sided", where, what, advice, joint=" "))
        if dials and querier["local_tls"] and plain:
            what = (
                f"the StoreAPI of {' and '.join(plain)} speaks no TLS, and a querier reads all of its own stack alike"
            )
            problems.append(mistake("tls-one-sided", where, what, "give each of them grpc_tls, or none"))
        client = querier["client_tls"]
        if querier["local_tls"] and asking and not (client and client["certificate"]):
            what = f"the StoreAPI of {' and '.join(asking)} asks for a client certificate, and the querier shows none"
            advice = "give client_tls and leave its certificate at true, or set grpc_tls.client_ca: false there"
            problems.append(mistake("option-conflict", where, what, advice))
    return problems


def _serves_tls(instance: Instance) -> bool:
    return bool(instance.options.get("grpc_tls")) or _given(instance, _SERVER_FLAG)


def _given(instance: Instance, flag: str) -> bool:
    return any(name_of(argument) == flag for argument in instance["extra_args"])


def speaks_tls(args: Iterable[str]) -> bool:
    """Whether a gRPC server with these arguments speaks TLS."""
    return any(name_of(argument) == _SERVER_FLAG for argument in args)
