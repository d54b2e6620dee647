# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags of the Prometheus beside the sidecar: which a user may not set, and the path that some of them move it to."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from .._findings import Finding, mistake
from .flags import name_of, shown

_BLOCKS = "the sidecar uploads blocks of two hours, which Prometheus must not compact before"
_PORT = "the port is 9090, at which the kubelet, the sidecar and verify speak to Prometheus"
_HEAD = "the sidecar reads the database of Prometheus, which an agent does not have"
_AGENT = "set agent: true for a Prometheus that only pushes, without a sidecar"
_RELOAD = "the sidecar has Prometheus reload its configuration over HTTP"
_IN_FRONT = "leave it out; a proxy in front of Prometheus can ask people for TLS or a password"
_OUT = "leave it out"
_IS_AGENT = ("the option agent sets it", _OUT)
_OF_AGENT = {
    "agent": _IS_AGENT,
    "no-agent": _IS_AGENT,
    "config.auto-reload-interval": ("the option config_reload_interval sets it", "use config_reload_interval"),
}

# Flag → why it cannot be set, and what to do.
_REFUSED: dict[str, tuple[str, str]] = {
    "config.file": ("the configuration is written from options", "use scrape_configs and external_labels"),
    "storage.tsdb.retention.time": ("the option retention sets it", "use retention"),
    "storage.tsdb.retention": ("the option retention sets it, under another name", "use retention"),
    "storage.tsdb.path": ("the database lies on the volume of the option storage", _OUT),
    "storage.agent.path": ("what an agent has not pushed yet lies on the volume of the option storage", _OUT),
    "storage.tsdb.min-block-duration": (_BLOCKS, _OUT),
    "storage.tsdb.max-block-duration": (_BLOCKS, _OUT),
    "log.level": ("the option log_level sets it", "use log_level"),
    "log.format": ("the option log_format sets it", "use log_format"),
    "web.listen-address": (_PORT, _OUT),
    "web.config.file": ("neither the kubelet nor the sidecar has a certificate or a password for it", _IN_FRONT),
    "web.enable-lifecycle": ("it is always set", _OUT),
    "no-web.enable-lifecycle": (_RELOAD, _OUT),
    "agent": (_HEAD, _AGENT),
    "enable-feature=agent": (_HEAD, _AGENT),
    "version": ("Prometheus would print it and end", _OUT),
    "help": ("Prometheus would print it and end", _OUT),
    "help-long": ("Prometheus would print it and end", _OUT),
}
# What the names begin with of flags with which Prometheus ends at start as an agent, and of those where it is none.
_OF_A_SERVER = ("storage.tsdb.", "storage.remote.read-", "rules.", "alertmanager.", "query.")
_OF_AN_AGENT = "storage.agent."
# Those that may be there several times.
_REPEATABLE = frozenset({"enable-feature", "web.remote-write-receiver.accepted-protobuf-messages"})


def problems_of_flags(extra: Sequence[str], agent: bool = False) -> list[Finding]:
    """What is wrong with ``prometheus_extra_args``. Which flags a version of Prometheus has is not known here."""
    refused = {**_REFUSED, **(_OF_AGENT if agent else {})}
    told: list[tuple[str, str]] = []
    names = [name_of(argument) for argument in extra]
    for argument, name in zip(extra, names, strict=True):
        features = argument.partition("=")[2].split(",") if name == "enable-feature" else []
        if not argument.startswith("--"):
            told.append((f"'{shown(argument)}' is not a flag", "write it as --name=value"))
        elif other := _of_the_other_mode(name, agent):
            told.append((f"--{shown(name)}: {other}", _OUT))
            continue
        for key in (name, *(f"{name}={feature}" for feature in features)):
            if key in refused:
                told.append((f"--{key}: {refused[key][0]}", refused[key][1]))
    twice = {name for name in names if names.count(name) > 1} - _REPEATABLE
    told += [(f"--{shown(name)} is there more than once", "leave one of them") for name in sorted(twice)]
    return [mistake("flag-refused", "prometheus_extra_args", what, advice) for what, advice in told]


def _of_the_other_mode(name: str, agent: bool) -> str:
    """Why Prometheus does not start with a flag as an agent, or as none; empty if it does."""
    positive = name.removeprefix("no-")
    if agent and positive.startswith(_OF_A_SERVER):
        return "Prometheus does not start with it as an agent, which has no database, rules or queries"
    if not agent and positive.startswith(_OF_AN_AGENT):
        return "Prometheus starts with it only as an agent"
    return ""


def path_of(extra: Sequence[str]) -> str:
    """The path before everything that Prometheus serves, health and metrics included: ``/prometheus``, or empty."""
    values = {name_of(argument): argument.partition("=")[2] for argument in extra}
    path = values.get("web.route-prefix") or urlsplit(values.get("web.external-url", "")).path
    return f"/{path.strip('/')}" if path.strip("/") else ""
