# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a querier tells of the Prometheis behind its endpoints: new samples, one copy of each, none left out.

Which there are is not told by any option of this cluster, so it is read from the external labels that the endpoints
announce. Those of blocks stay long after their Prometheus: only one that had samples within the last hour is missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..._findings import Finding
from ..._thanos.tier import Duty
from ..._thanos.tiers import TIERS
from ..answers import Answers, Pod, Question, Reply, matchers, promql, silent
from ..expect import Expectations, Promise
from ..report import failed, pending
from .remotes import Known, Remote, empty, has_new, known_to, remotes_of

# How long ago a Prometheus may have stopped to be missed, and not taken for one of former times.
_RECENT = "1h"
# In distributed mode, Thanos' own engine looks at neither dedup nor edges with young data.
_LOCAL = {"partial_response": "true", "engine": "prometheus"}
_Labels = tuple[tuple[str, str], ...]
# What StoreAPIs of Prometheis are listed as.
_SCRAPING = frozenset(tier.store_api for tier in TIERS.values() if Duty.SCRAPE in tier.duties)
_FOUND = {"name": "", "address": "found by labels", "server_name": "", "group": False}


@dataclass(frozen=True)
class Group:
    """Prometheis, or rulers, that are replicas of each other: labels that they share, and those that they differ in."""

    remote: Remote
    querier: Promise
    pod: Pod
    shared: _Labels
    replicas: frozenset[_Labels]

    @property
    def by(self) -> str:
        """The names of the labels that differ."""
        return ", ".join(sorted({name for labels in self.replicas for name, _value in labels}))

    @property
    def selector(self) -> str:
        """``up`` of these."""
        return f"up{{{matchers(dict(self.shared))}}}"

    def now(self) -> Question:
        """Which of them have samples that a query sees."""
        return self._ask(f"count by ({self.by}) ({self.selector})", "false")

    def lately(self) -> Question:
        """Which of them had some of late."""
        return self._ask(f"count by ({self.by}) (last_over_time({self.selector}[{_RECENT}]))", "false")

    def copies(self) -> Question:
        """How often the most frequent target shows once it is deduplicated."""
        return self._ask(f"max(count without ({self.by}) ({self.selector}))", "true")

    def seen(self, reply: Reply) -> set[_Labels]:
        """Those of them that an answer names."""
        items = [] if reply.error else reply.body["result"]
        return {tuple(sorted(item["metric"].items())) for item in items} & self.replicas

    def _ask(self, expression: str, dedup: str) -> Question:
        return promql(self.pod, expression, {"dedup": dedup, **_LOCAL})


def groups_of(expected: Expectations, answers: Answers) -> Iterator[Group]:
    """The groups behind every endpoint of every querier, as far as the querier lists them."""
    for querier in expected.doing(Duty.QUERY):
        names = set(querier.instance["replica_labels"])
        for pod in answers.ready(querier) if _reads_others(querier) else ():
            for remote, announced in _announced(expected, querier, known_to(pod, answers)):
                groups: dict[_Labels, set[_Labels]] = {}
                for labels in announced:
                    apart = tuple(sorted((k, v) for k, v in labels.items() if k in names))
                    shared = tuple(sorted((k, v) for k, v in labels.items() if k not in names))
                    if apart:
                        groups.setdefault(shared, set()).add(apart)
                yield from (Group(remote, querier, pod, shared, frozenset(of)) for shared, of in groups.items())


def _reads_others(querier: Promise) -> bool:
    return bool(remotes_of(querier) or querier.instance["endpoint_services"])


def _announced(
    expected: Expectations, querier: Promise, known: Known
) -> Iterator[tuple[Remote, list[Mapping[str, str]]]]:
    """The label sets behind each endpoint, and those of all Prometheis that are found by the labels of Services."""
    remotes = [remote for remote in remotes_of(querier) if remote.address in known]
    yield from ((remote, known[remote.address][1]["labelSets"]) for remote in remotes)
    if querier.instance["endpoint_services"]:
        ours = [dict(labels) for promise in expected.promises for labels in promise.labels.values()]
        named = {remote.address for remote in remotes}
        others = [entry for address, (kind, entry) in known.items() if kind in _SCRAPING and address not in named]
        sets = [labels for entry in others for labels in entry["labelSets"] if labels not in ours]
        yield Remote(_FOUND, f"instances.{querier.instance.name}.endpoint_services"), sets


def not_read(expected: Expectations, answers: Answers) -> list[Finding]:
    """A pending line for each endpoint of which a querier has no label sets; the check endpoints says what is wrong."""
    lines = []
    for querier in expected.doing(Duty.QUERY):
        for pod in answers.ready(querier) if remotes_of(querier) else ():
            known = known_to(pod, answers)
            lines += [
                pending(f"on {pod.name}: waits until it is read", remote.title, soon=True)
                for remote in remotes_of(querier)
                if remote.address not in known or empty(known[remote.address][1])
            ]
    return lines


def fleet_fresh(expected: Expectations, answers: Answers) -> tuple[list[Finding], int]:
    """A line for each Prometheus of an edge that has no new samples, and for each edge without any; how many have."""
    lines: list[Finding] = not_read(expected, answers)
    fresh: set[tuple[_Labels, _Labels]] = set()
    alive: dict[tuple[str, str], bool] = {}
    for group in groups_of(expected, answers):
        replies = answers.reply(group.now()), answers.reply(group.lately())
        if any(reply.error for reply in replies):
            lines.append(silent(group.pod, *replies))
            continue
        now, lately = (group.seen(reply) for reply in replies)
        place = (group.pod.name, group.remote.address)
        alive[place] = alive.get(place, False) or bool(now)
        fresh |= {(group.shared, labels) for labels in now}
        for labels in sorted(lately - now):
            what = "{" + matchers(dict(sorted((*group.shared, *labels)))) + "}"
            message = f"on {group.pod.name}: no sample of {what} in the last 5 minutes"
            advice = "run verify there; it says what is wrong with that Prometheus"
            wanted = "new samples, as there were some within the last hour"
            lines.append(failed(message, group.remote.title, wanted, "none", advice, [group.remote.option]))
    lines += _dead(expected, answers, alive)
    return lines, len(fresh)


def _dead(expected: Expectations, answers: Answers, alive: dict[tuple[str, str], bool]) -> Iterator[Finding]:
    """Edges of whose Prometheis none has new samples; what serves blocks alone does not say that it has any."""
    for querier in expected.doing(Duty.QUERY):
        for pod in answers.ready(querier):
            for remote in remotes_of(querier):
                if alive.get((pod.name, remote.address)) is False and has_new(
                    known_to(pod, answers)[remote.address][1]
                ):
                    message = f"on {pod.name}: no Prometheus behind it has a sample in the last 5 minutes"
                    advice = "run verify there; it says what is wrong with its Prometheis"
                    yield failed(message, remote.title, "new samples", "none", advice, [remote.option])


def fleet_dedup(expected: Expectations, answers: Answers) -> tuple[list[Finding], int]:
    """A line for each group whose replicas show as several; how many show as one."""
    lines: list[Finding] = not_read(expected, answers)
    done: set[_Labels] = set()
    for group in groups_of(expected, answers):
        fresh = answers.reply(group.now())
        if fresh.error or len(group.seen(fresh)) < 2:
            continue
        reply = answers.reply(group.copies())
        if reply.error:
            lines.append(silent(group.pod, reply))
            continue
        found = max((float(item["value"][1]) for item in reply.body["result"]), default=0)
        done.add(group.shared)
        if found != 1:
            message = f"on {group.pod.name}: a target shows {found:g} times instead of once with dedup=true"
            advice = f"see that replica_labels of {group.querier.name} has {group.by}"
            wanted = f"each target of {group.selector} once"
            lines.append(failed(message, group.remote.title, wanted, f"{found:g} times", advice))
    return lines, len(done)


def fleet_questions(expected: Expectations, answers: Answers) -> Iterator[tuple[Pod, Question]]:
    """The queries above, of which none may come with a warning."""
    for group in groups_of(expected, answers):
        yield from ((group.pod, question) for question in (group.now(), group.lately()))


def left_out(expected: Expectations, answers: Answers) -> list[Finding]:
    """Edges that a querier in distributed mode leaves out: it is asked for the same once more, without its engine.

    It does so with status 200 and no warning, while an edge's data is younger than a query's window.
    """
    lines: list[Finding] = []
    for group in groups_of(expected, answers):
        if group.querier.instance["mode"] != "distributed" or not group.seen(answers.reply(group.now())):
            continue
        names = ", ".join(name for name, _value in group.shared)
        spread, local = (_count(answers, group, f"count by ({names}) (up)", engine) for engine in _ENGINES)
        for reply in (spread, local):
            if reply.error:
                lines.append(silent(group.pod, reply))
        if not spread.error and not local.error:
            lines += _compared(group, _of(group, spread), _of(group, local))
    return lines


_ENGINES = ("thanos", "prometheus")


def _count(answers: Answers, group: Group, expression: str, engine: str) -> Reply:
    return answers.reply(promql(group.pod, expression, {"dedup": "true", **_LOCAL, "engine": engine}))


def _of(group: Group, reply: Reply) -> float:
    """What is counted of a group."""
    items = [i for i in reply.body["result"] if dict(group.shared).items() <= i["metric"].items()]
    return sum(float(item["value"][1]) for item in items)


def _compared(group: Group, spread: float, local: float) -> list[Finding]:
    if spread >= local:
        return []
    message = f"on {group.pod.name}: distributed mode counts {spread:g} of {local:g} targets"
    advice = "its data is younger than that of other edges; wait, or set mode: local"
    option = f"instances.{group.querier.instance.name}.mode"
    return [
        failed(message, group.remote.title, f"{local:g} targets, as in local mode", f"{spread:g}", advice, [option])
    ]
