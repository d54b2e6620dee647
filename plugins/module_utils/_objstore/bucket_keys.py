# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of ``objstore.yml`` that names the bucket, where it is not ``bucket``."""

from __future__ import annotations

BUCKET = {"AZURE": "container", "SWIFT": "container_name", "FILESYSTEM": "directory"}
