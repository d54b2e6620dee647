# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Optional APIs: which of the kinds that a cluster may lack are there, asked at most once in a run."""

from __future__ import annotations

from collections.abc import Iterable

from .client import Client, in_parallel
from .kinds import KINDS, Kind
from .manifest import Listing, Manifest, Ref
from .response import ApiError


class Apis:
    """The optional kinds of one cluster, as a run gets to know them.

    An API group's version is asked for only when one of its kinds is named: one GET of a few kilobytes, which every
    authenticated user may send (``system:discovery``). The list of all groups would be one request for any number of
    kinds, but does not say which kinds a group has, and grows with everybody's APIs.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: dict[str, frozenset[str] | None] = {}

    def lacks(self, names: Iterable[str]) -> frozenset[str]:
        """The optional ones among these kinds that the cluster does not serve.

        Where discovery is forbidden nothing is known to be lacking: then the server's answer to the object has to do.
        """
        rows = [KINDS[name] for name in set(names) if KINDS[name].optional]
        new = {row.api_version for row in rows} - set(self._found)
        self._found.update(in_parallel(self._ask, sorted(new)))
        return frozenset(row.name for row in rows if not self._serves(row))

    def problems(self, refs: Iterable[Ref]) -> list[str]:
        """A sentence for each of these objects whose API the cluster lacks."""
        wanted = list(refs)
        lacking = self.lacks(ref.kind for ref in wanted)
        return [_sentence(ref) for ref in wanted if ref.kind in lacking]

    def _serves(self, row: Kind) -> bool:
        found = self._found[row.api_version]
        return found is None or row.name in found

    def _ask(self, api_version: str) -> tuple[str, frozenset[str] | None]:
        answer = self._client.request("GET", f"/apis/{api_version}", ok=(403, 404))
        if answer.status == 403:
            return api_version, None
        resources = answer.body.get("resources") or () if answer.status == 200 else ()
        # A name with a slash is a part of an object, such as its status.
        return api_version, frozenset(str(r["kind"]) for r in resources if "/" not in r["name"])


def listed(client: Client, listing: Listing, selector: str, *, metadata_only: bool = False) -> list[Manifest]:
    """The objects of a listing that carry a label; none where the API of an optional kind has gone."""
    kind = KINDS[listing.kind]
    try:
        return client.list(kind, listing.namespace, selector, metadata_only=metadata_only)
    except ApiError as error:
        if kind.optional and error.status == 404:
            return []
        raise


def _sentence(ref: Ref) -> str:
    kind = KINDS[ref.kind]
    return (
        f"{ref} cannot be made: this cluster has no {kind.name} in the API {kind.api_version}, which comes with "
        f"{kind.comes_with}; install that, or turn off the option that asks for the {kind.name}"
    )
