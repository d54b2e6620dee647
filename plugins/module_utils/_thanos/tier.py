# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tier declares of itself. Nothing has a default: a tier that leaves a part out fails where it is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from .._findings import Finding
from .._options.rows import Options
from .._options.switches import is_true
from .flags import Flag

if TYPE_CHECKING:
    from .model import Context, Instance, Manifest, Stack
    from .workloads import Workload

# When workloads that are not there yet are made. Queriers last: one that starts before its endpoints have names knows
# none of them for a while.
STARTS = ("new workloads", "new queriers")
ACCESS_ROLES = ("reader", "writer", "compactor")


class Duty(Enum):
    """What a tier does for a stack. Checks, gates and verify ask for a duty and never for a tier's name."""

    QUERY = "answers PromQL from the StoreAPIs of the stack"
    FRONT = "answers PromQL from a querier, and may remember what that said"
    STORE_API = "has a StoreAPI that queriers read"
    SCRAPE = "scrapes, and answers with samples of its own under external labels"
    BLOCKS = "serves the blocks of a bucket"
    SHOW = "shows the blocks of a bucket"
    COMPACT = "compacts a bucket, on which it must be alone"
    RULES = "evaluates rules, has them reloaded, and sends alerts"
    ROUTE = "takes remote writes, and sends each series to members of a hashring"
    INGEST = "is a member of a hashring, and keeps the samples that routers send it"
    UPLOAD = "uploads the blocks of a database of its own"


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program in a tier's pods, and how verify learns its version.

    ``version`` and ``image`` are the options that say which one is wanted; ``metric`` is the metric that has the
    version as a label, empty where the API tells it. ``reloaded`` is the metric that is 0 while the program refuses its
    configuration, and ``configuration`` the option with that; both empty where there is no such metric.
    """

    name: str
    port: str
    version: str
    image: str
    metric: str
    reloaded: str
    configuration: str


THANOS = Program(name="Thanos", port="http", version="version", image="image", metric="", reloaded="", configuration="")


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What verify asks of a tier's pods, and how it speaks of them.

    ``page`` is what its web page is called, on the channel ``page_port``; both empty without one. ``hints`` are the
    options to look at, by the check that fails. ``writer`` is what uploads blocks, in words, and ``database`` the
    channel with the metrics of its database; both empty where nothing is uploaded.
    """

    programs: tuple[Program, ...]
    page: str
    page_port: str
    hints: Mapping[str, tuple[str, ...]]
    writer: str
    database: str


def nothing_unread(_instance: Instance) -> Mapping[str, str]:
    """Every option of the tier has an effect on every instance of it."""
    return {}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Tier:
    """A tier: everything about it that is not the same for all.

    ``command``: Thanos' word for it. ``flags``: those of that command; ``option_of``: flag → the option that sets it.
    ``component``: the value of the label ``app.kubernetes.io/component``. ``by_default``: whether a host that lists no
    tiers has it. ``access``: the access role whose credentials it needs at its object store, empty where it has none;
    ``without_objstore``: the switch among its options with which an instance has none all the same, empty without one.
    ``store_api``: the type under which queriers list it, empty without a StoreAPI. ``order``: its place when existing
    workloads are rolled one tier at a time; those that feed others have lower numbers. ``start``: a row of STARTS.
    ``external_route``: whether ``--web.external-prefix`` moves its APIs too, and not only its links.

    ``check`` gives sentences about options that do not fit together; ``unread`` options that an instance does not look
    at, and why, which is a warning where they were given to it; ``workloads`` what an instance of a stack consists
    of; ``render`` every object of an instance; ``external_labels`` those of every series that an
    instance in a cluster writes, None where it writes none.
    """

    name: str
    command: str
    options: Options
    flags: Mapping[str, Flag]
    option_of: Mapping[str, str]
    component: str
    by_default: bool
    access: str
    without_objstore: str
    store_api: str
    order: int
    start: str
    duties: frozenset[Duty]
    external_route: bool
    check: Callable[[Instance], Sequence[Finding]]
    unread: Callable[[Instance], Mapping[str, str]]
    workloads: Callable[[Instance, Stack], tuple[Workload, ...]]
    render: Callable[[Instance, Context], list[Manifest]]
    external_labels: Callable[[Instance, str], Mapping[str, str]] | None
    questions: Questions

    def __post_init__(self) -> None:
        for wrong in self._mistakes():
            raise TypeError(f"tier {self.name}: {wrong}")

    def __repr__(self) -> str:
        return f"<tier {self.name}>"

    def __str__(self) -> str:
        return self.name

    def has_objstore(self, options: Mapping[str, Any]) -> bool:
        """Whether an instance with these options, as a user gives them or converted, has an object store."""
        without = options.get(self.without_objstore) if self.without_objstore else None
        return bool(self.access) and not is_true(without)

    @property
    def program(self) -> str:
        """What labels and containers call it, where Kubernetes takes no underscore: ``thanos-query-frontend``."""
        return f"thanos-{self.name}".replace("_", "-")

    def _mistakes(self) -> list[str]:
        """Parts that do not fit together."""
        empty = [part for part in ("name", "command", "options", "flags", "component") if not getattr(self, part)]
        agree = {
            "access is one of the access roles, or empty": self.access in ("", *ACCESS_ROLES),
            "without_objstore is a switch among its options": not self.without_objstore
            or getattr(self.options.get(self.without_objstore), "type", "") == "bool",
            "access is set where there is an option objstore": bool(self.access) == ("objstore" in self.options),
            "start is a row of STARTS": self.start in STARTS,
            "store_api is set where it has that duty": bool(self.store_api) == (Duty.STORE_API in self.duties),
            "external_labels is set where there is an option of that name": (self.external_labels is not None)
            == ("external_labels" in self.options),
            "questions.writer is set where it uploads": bool(self.questions.writer) == (Duty.UPLOAD in self.duties),
            "option_of leads from flags to options": all(
                flag in self.flags and option.split(".")[0] in self.options for flag, option in self.option_of.items()
            ),
            "hints name options": all(
                option in self.options for hint in self.questions.hints.values() for option in hint
            ),
        }
        return [
            *(f"{part} is empty" for part in empty),
            *(f"not true: {rule}" for rule, holds in agree.items() if not holds),
        ]


def table(*tiers: Tier) -> dict[str, Tier]:
    """The tiers by name. Raises TypeError for two that have a name, a component or a place in the order in common."""
    for part in ("name", "component", "order"):
        values = [getattr(tier, part) for tier in tiers]
        for value in {value for value in values if values.count(value) > 1}:
            raise TypeError(f"two tiers have the {part} {value}")
    return {tier.name: tier for tier in tiers}
