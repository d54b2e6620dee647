# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a server that speaks S3 from the answers it gives: what it refuses, and in which region it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UPLOADS = "it takes no rule for unfinished uploads (it removes them by itself)"
# Header Server → features, and fields of a lifecycle rule, that it does not take, and why. Reads and writes of a bucket
# tell so too, but check mode does not write, and a bucket that is not there cannot be read.
_REFUSES: Mapping[str, Mapping[str, str]] = {
    "minio": {
        "abort_days": f"MinIO: {_UPLOADS}",
        "access": "MinIO takes a policy that names users and does not go by it: leave grant_to out, and give the "
        "documents that the module bucket_access returns to the server, as by 'mc admin policy create'",
        "public_access": "MinIO has no such setting",
        "ownership": "MinIO has no such setting",
    },
}


def refuses(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Feature or field of a ``LifecycleRule`` → why the server that sent these headers does not take it."""
    name = headers.get("server", "").partition("/")[0].strip().lower()
    return _REFUSES.get(name, {})


class ToldRegion:
    """The region that a server names when a request was signed for another one; empty until it does.

    boto3 follows it by itself and tells nobody. Servers name it in a header, or in the body of an error; HEAD has none.
    ``moved``: it was named in a redirect, which is about a bucket and not about the server.
    """

    def __init__(self, client: Any) -> None:
        self.region = ""
        self.moved = False
        client.meta.events.register_first("needs-retry.s3", self._listen)

    def _listen(self, response: Any = None, **_event: Any) -> None:
        # (HTTP response, parsed body), or None where there was no answer.
        if response is None or response[0].status_code not in (301, 400):
            return
        error = response[1].get("Error") or {}
        wrong = error.get("Code") == "AuthorizationHeaderMalformed"
        told = response[0].headers.get("x-amz-bucket-region") or (wrong and error.get("Region"))
        self.region = str(told or self.region)
        self.moved = self.moved or (bool(told) and response[0].status_code == 301)
