# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What promtool says of rule files and scrape jobs, where it is installed. Thanos' own keys are taken out first."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping

from .._body import Command, Ended
from .._findings import Finding, mistake
from .versions import minor

SECONDS = 30
RULES, JOBS = "rules", "jobs"
# What was not judged, and when what is wrong with it shows.
_UNJUDGED = {
    RULES: ("the expressions and templates of rules", "a ruler refuses to load them"),
    JOBS: ("scrape jobs", "Prometheus does not start with them"),
}
_VERSION = re.compile(r"version v?(\d+\.\d+\.\d+)")
# Each configuration that it does not take; Prometheus itself ends with what follows the name of the file.
_FAILED = re.compile(r"^\s*FAILED: ", re.M)
_LINE = re.compile(r"\bline \d+: ")
# What it logs beside its judgement.
_LOGGED = re.compile(r"^(?:time|ts|level|caller)=.*\n?", re.M)


class _Silent(Exception):
    """It gave no judgement, and why."""


def unjudged(given: Mapping[str, bool]) -> list[str]:
    """A sentence where there are rules or jobs and no promtool. The same for each host, so that it shows once."""
    found = [_UNJUDGED[kind] for kind in _UNJUDGED if given.get(kind)]
    if not found or shutil.which("promtool"):
        return []
    what, when = (each for each in zip(*found, strict=True))
    return [
        f"promtool is not on the PATH of the host where this task runs, so that nothing judged {' and '.join(what)}: "
        f"what is wrong with them shows when {' or '.join(when)}"
    ]


def problems_of(files: Mapping[str, str], where: str, command: Command) -> tuple[list[Finding], list[str]]:
    """Sentences of ``promtool check rules`` for files whose structure is right, none without promtool on the PATH, and
    warnings about files that it did not judge.
    """
    promtool = shutil.which("promtool")
    if not promtool or not files:
        return [], []
    problems: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="thanos-rules-") as folder:
        for name, text in sorted(files.items()):
            path = _written(folder, name, _for_prometheus(text))
            try:
                done = _asked(command, promtool, "check", "rules", "--lint=none", path)
            except _Silent as why:
                # The others would wait as long, so they are not asked about.
                what = f"the expressions and templates of {name} and what follows it"
                return problems, [_not_judged(where, what, RULES, why)]
            if done.code:
                said = _plain(done.said.replace(f"{folder}/", ""))
                problems.append(mistake("rules-invalid", where, f"{name}: promtool: {said}"))
    return problems, []


def problems_of_jobs(
    jobs: Mapping[str, str], where: str, version: str, certain: bool, command: Command
) -> tuple[list[Finding], list[str]]:
    """The same of ``promtool check config`` for scrape jobs.

    A job that promtool refuses is a mistake only where the pods' Prometheus is of the same minor release: another one
    may know other keys. And only what Prometheus would end with, too: promtool says more, of targets for instance.

    :param jobs: path of the job's option below ``where`` → a configuration with this job alone.
    :param version: of the Prometheus in the pods (``3.16.0``); ``certain`` if it is known to be that.
    """
    promtool = shutil.which("promtool")
    if not promtool or not jobs:
        return [], []
    with tempfile.TemporaryDirectory(prefix="thanos-jobs-") as folder:
        paths = {_written(folder, f"{i}.yml", text): place for i, (place, text) in enumerate(jobs.items())}
        try:
            # Files that jobs name are in the pods alone.
            done = _asked(command, promtool, "check", "config", "--syntax-only", *paths)
            if done.code and not _FAILED.search(done.said):
                # An old one does not know the option, for instance.
                raise _Silent(f"only said: {_plain(done.said)}")
            found = _VERSION.search(_asked(command, promtool, "--version").said) if done.code else None
        except _Silent as why:
            return [], [_not_judged(f"{where}.scrape_configs", "the jobs", JOBS, why)]
    if not done.code:
        return [], []
    refused, others = _of_files(_LOGGED.sub("", done.said), paths)
    own = found[1] if found else "of an unknown version"
    if certain and found and minor(own) == minor(version):
        problems = [mistake("jobs-invalid", f"{where}.{place}", f"promtool: {said}") for place, said in refused]
        return problems, [_doubt(f"{where}.scrape_configs", own, said) for said in others]
    doubts = [*((place, said) for place, said in refused), *(("scrape_configs", said) for said in others)]
    return [], [_doubt(f"{where}.{place}", own, said, version) for place, said in doubts]


def _of_files(said: str, paths: Mapping[str, str]) -> tuple[list[tuple[str, str]], list[str]]:
    """(place, why) of the files that are no configuration, and what else it said."""
    refused, others = [], []
    for text in filter(str.strip, _FAILED.split(said)):
        told = text.removeprefix("parsing YAML file ")
        path = next((path for path in paths if told.startswith(f"{path}: ")), "")
        why = _LINE.sub("", _plain(told.removeprefix(f"{path}: ").replace(path, "the job") if path else text))
        if path and told != text:
            refused.append((paths[path], why))
        else:
            others.append(why)
    return refused, others


def _doubt(where: str, own: str, said: str, version: str = "") -> str:
    other = f", which may not hold for the Prometheus {version} of the pods" if version else ""
    return f"{where}: promtool {own} says{other}: {said}"


def _written(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _asked(command: Command, *arguments: str) -> Ended:
    """How promtool ended. Raises _Silent if it did not end by itself."""
    try:
        done = command(arguments, SECONDS)
    except TimeoutError:
        raise _Silent(f"did not end within {SECONDS} seconds") from None
    except OSError as error:
        raise _Silent(f"cannot be started: {error.strerror}") from None
    if done.code < 0:
        raise _Silent(f"was ended by signal {-done.code}")
    return done


def _not_judged(where: str, what: str, kind: str, why: _Silent) -> str:
    when = _UNJUDGED[kind][1]
    return f"{where}: promtool {why}, so that nothing judged {what}: what is wrong with them shows when {when}"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _for_prometheus(text: str) -> str:
    import yaml

    document = yaml.safe_load(text)
    for group in document["groups"]:
        group.pop("partial_response_strategy", None)
    return str(yaml.safe_dump(document, sort_keys=False))
