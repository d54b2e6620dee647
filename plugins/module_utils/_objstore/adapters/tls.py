# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates an SDK shall trust for a ``store``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any


def trusted(store: Mapping[str, Any], directory: str) -> bool | str:
    """What SDKs call ``verify``: the file of a private authority, False to trust everybody, True for the default.

    SDKs take the authority as a file only, and read it whenever they connect: ``directory`` outlives the client.
    """
    if (store.get("http_config") or {}).get("insecure_skip_verify"):
        return False
    if not store.get("ca"):
        return True
    handle, path = tempfile.mkstemp(prefix="ca-", suffix=".crt", dir=directory)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(store["ca"])
    return path
