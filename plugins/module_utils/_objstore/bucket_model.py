# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a bucket: what was read, what is wished for, one lifecycle rule, one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from .._errors import Failure


class State(Enum):
    """What a read of one feature found."""

    VALUE = "value"
    ABSENT = "absent"
    UNSUPPORTED = "unsupported"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True)
class Read:
    """``value`` is normalised, the same for all providers; ``detail`` names the permission or the server's answer."""

    state: State
    value: Any = None
    detail: str = ""


ABSENT = Read(State.ABSENT)


@dataclass(frozen=True)
class LifecycleRule:
    """A lifecycle rule for keys that begin with one of ``prefixes``; ``raw`` is the provider's own form of it.

    ``expires`` deletes live objects. ``archives`` are storage classes whose objects cannot be read at once, ``cools``
    others that live objects move to. ``nameless``: only what it does tells that it is ours; it may be somebody else's.
    """

    id: str
    prefixes: tuple[str, ...] = ("",)
    enabled: bool = True
    abort_days: int = 0
    noncurrent_days: int = 0
    delete_markers: bool = False
    expires: bool = False
    archives: tuple[str, ...] = ()
    cools: tuple[str, ...] = ()
    raw: Any = field(default=None, compare=False, repr=False)
    nameless: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Wish:
    """One wished feature. ``asked``: the user named it, so a server without it is an error.

    Otherwise the profile adds it, and a server without it is a warning.
    """

    feature: str
    value: Any
    asked: bool


@dataclass(frozen=True)
class Desired:
    """Everything that a bucket shall be. ``unsupported`` is fail, warn, ignore or empty (by who wished for it)."""

    wishes: tuple[Wish, ...]
    region: str = ""
    prefix: str = ""
    unsupported: str = ""
    allow: frozenset[str] = frozenset()
    purge_tags: bool = False


@dataclass(frozen=True)
class FeatureChange:
    """One write: ``after`` is the whole new value of the feature, ``before`` what was read."""

    feature: str
    before: Read
    after: Any


@dataclass(frozen=True)
class Observed:
    """A bucket as it was read. ``region`` is empty when the server reports none that means something.

    ``rest``: it does not exist as a whole, but a part of it does, such as one of two containers.
    ``refuses``: features, and fields of a ``LifecycleRule``, that this server is known not to take, and why.
    """

    exists: bool
    region: str = ""
    features: Mapping[str, Read] = field(default_factory=dict)
    rest: bool = False
    refuses: Mapping[str, str] = field(default_factory=dict)


class Transient(Failure):
    """The server asks to try again: another operation is under way, or a new bucket is not yet known everywhere."""


class Unreachable(Failure):
    """The server did not answer. From elsewhere, as from pods, it may."""


class Unsupported(Failure):
    """The server refused a write because it lacks the feature, which the read before could not show."""


class Refused(Failure):
    """The server has the feature and refused what was written: it does not take this value."""


@dataclass(frozen=True)
class Contents:
    """How much is in a bucket, versions and unfinished uploads included; ``blocks`` are ULIDs of Thanos blocks.

    ``outside``: the first few keys that are not beneath the store's prefix.
    """

    objects: int
    blocks: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


class Objects(Protocol):
    """What is in a bucket. Every method raises Failure with a sentence that names the missing permission."""

    def everything(self) -> Iterable[Iterable[str]]:
        """The keys of all that a deletion would destroy, page by page, each read when it is asked for.

        A version or unfinished upload counts like an object; a part of a large object has the key of that object.
        """

    def empty(self) -> None:
        """Remove every object, version and unfinished upload."""

    def names(self, beneath: str, most: int) -> list[str]:
        """The first ``most`` keys that begin with ``beneath``."""

    def holds(self, key: str) -> bool:
        """Whether the object exists; not all of its content is read."""

    def put(self, key: str) -> None:
        """Write an empty object."""

    def remove(self, key: str, every_version: bool) -> None:
        """Remove the object as Thanos does, or with ``every_version`` for good. A missing one is no error."""


class Adapter(Protocol):
    """One provider. Every method raises Failure with a sentence that holds no secret."""

    profile: Mapping[str, Any]
    """Feature → the value that suits Thanos here."""

    @property
    def objects(self) -> Objects:
        """What is in the bucket."""

    def describe(self) -> str:
        """Where the bucket is, for people: ``s3://metrics-eu at s3.example.org``."""

    def observe(self, features: tuple[str, ...]) -> Observed:
        """Read the bucket and these features, in parallel where that pays."""

    def create(self, region: str) -> None:
        """Make the bucket with nothing but its name and place."""

    def apply(self, step: FeatureChange) -> None:
        """Write one feature."""

    def delete(self) -> None:
        """Remove the empty bucket."""
