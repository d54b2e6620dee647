# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that the objects of every tier are put together from, by topic."""
