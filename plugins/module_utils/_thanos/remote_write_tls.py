# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of remote writes: on the port that senders write to, and between routers and ingestors."""

from __future__ import annotations

from dataclasses import replace

from .._findings import Finding, mistake
from .._options.rows import Option
from .channels import Channel
from .grpc_tls import CA, CERTIFICATE, FORWARD_DIR, KEY, MIN_VERSION, WRITE_DIR
from .model import Instance

REMOTE_WRITE = Channel("remote-write", 19291)
CAPNPROTO_PORT = 19391
REMOTE_WRITE_TLS = {
    "remote_write_tls": Option(
        "dict",
        options={
            "secret": Option(required=True, form="dns_name"),
            "client_ca": Option("bool", True),
            "min_version": MIN_VERSION,
        },
    ),
    "forward_tls": Option(
        "dict",
        options={
            "secret": Option(required=True, form="dns_name"),
            "ca": Option(default=CA, form="secret_key"),
            "certificate": Option("bool", True),
            "server_name": Option(form="dns_name"),
        },
    ),
}
OF_REMOTE_WRITE_TLS = {
    "remote-write.server-tls-cert": "remote_write_tls.secret",
    "remote-write.server-tls-key": "remote_write_tls.secret",
    "remote-write.server-tls-client-ca": "remote_write_tls.client_ca",
    "remote-write.server-tls-min-version": "remote_write_tls.min_version",
    "remote-write.client-tls-secure": "forward_tls",
    "remote-write.client-tls-ca": "forward_tls.ca",
    "remote-write.client-tls-cert": "forward_tls.certificate",
    "remote-write.client-tls-key": "forward_tls.certificate",
    "remote-write.client-server-name": "forward_tls.server_name",
}


def remote_write_channel(instance: Instance) -> Channel:
    """The channel of the port that senders write to."""
    tls = instance["remote_write_tls"]
    if not tls:
        return REMOTE_WRITE
    closed = "it asks for a client certificate" if tls["client_ca"] else ""
    return replace(REMOTE_WRITE, scheme="https", closed=closed)


def write_server_args(instance: Instance) -> list[str]:
    """The flags of the server that takes remote writes."""
    tls = instance["remote_write_tls"]
    if not tls:
        return []
    return [
        f"--remote-write.server-tls-cert={WRITE_DIR}/{CERTIFICATE}",
        f"--remote-write.server-tls-key={WRITE_DIR}/{KEY}",
        *([f"--remote-write.server-tls-client-ca={WRITE_DIR}/{CA}"] if tls["client_ca"] else []),
        f"--remote-write.server-tls-min-version={tls['min_version']}",
    ]


def forward_args(instance: Instance) -> list[str]:
    """The flags of what routers say to ingestors."""
    tls = instance["forward_tls"]
    if not tls:
        return []
    own = [("cert", CERTIFICATE), ("key", KEY)] if tls["certificate"] else []
    return [
        "--remote-write.client-tls-secure",
        f"--remote-write.client-tls-ca={FORWARD_DIR}/{tls['ca']}",
        *(f"--remote-write.client-tls-{flag}={FORWARD_DIR}/{key}" for flag, key in own),
        *([f"--remote-write.client-server-name={tls['server_name']}"] if tls["server_name"] else []),
    ]


def problems_of_remote_write_tls(instance: Instance) -> list[Finding]:
    """Sides of a connection of which one speaks TLS and the other does not."""
    serves, forwards = bool(instance["grpc_tls"]), bool(instance["forward_tls"])
    problems = []
    if instance["replication_protocol"] == "capnproto":
        if forwards:
            what = "Cap'n Proto knows no TLS, and routers send nothing else to ingestors"
            problems.append(
                mistake("option-conflict", "forward_tls", what, "leave it out, or set replication_protocol: protobuf")
            )
    elif serves != forwards:
        has, lacks = ("grpc_tls", "forward_tls") if serves else ("forward_tls", "grpc_tls")
        what = f"is needed beside {has}: routers and ingestors speak TLS with each other, or neither does"
        problems.append(mistake("tls-one-sided", lacks, what, "give both, or none", joint=" "))
    elif forwards and instance["grpc_tls"]["client_ca"] and not instance["forward_tls"]["certificate"]:
        what = "ingestors ask for a client certificate (grpc_tls.client_ca), and routers would show none"
        advice = "leave it at true, or set grpc_tls.client_ca: false"
        problems.append(mistake("option-conflict", "forward_tls.certificate", what, advice))
    return problems
