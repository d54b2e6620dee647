# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences about certificates that several files say. None quotes a certificate or a key."""

from __future__ import annotations

from datetime import datetime, timedelta

from .._findings import Finding, mistake
from .pem import Unreadable

# What the instance of a Secret of ours begins with.
MADE_BY_PKI = "pki-"


def certificates_of(where: str, error: Unreadable) -> Finding:
    """The finding about a text that is no certificates."""
    advice = "give the certificates alone, whole, from -----BEGIN to the end of -----END"
    return mistake("certificate-unreadable", where, str(error), advice, joint=" ")


def day(moment: datetime) -> str:
    """A moment as people read it."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def days(left: timedelta) -> str:
    """A length of time in whole days."""
    return "1 day" if left.days == 1 else f"{left.days} days"
