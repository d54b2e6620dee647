# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader of the Prometheus text format: just enough for counters and gauges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sample:
    """One sample: its labels and its value."""

    labels: Mapping[str, str]
    value: float


class Metrics:
    """The samples of one scrape by metric name."""

    def __init__(self, text: str) -> None:
        self._samples: dict[str, list[Sample]] = {}
        for line in text.splitlines():
            # Histograms are nine tenths of a page and nobody asks for them.
            match = None if line.startswith("#") or "_bucket{" in line else _SAMPLE.match(line)
            if match:
                sample = Sample(dict(_LABEL.findall(match[2] or "")), float(match[3]))
                self._samples.setdefault(match[1], []).append(sample)

    def total(self, name: str) -> float:
        """The sum over all series of metric ``name``; 0 without one."""
        return sum(sample.value for sample in self._samples.get(name, []))

    def by(self, name: str, label: str, **more: str) -> dict[str, float]:
        """The sums of metric ``name`` by the value of ``label``, empty for series without it; of those that have
        ``more`` labels.
        """
        result: dict[str, float] = {}
        for sample in self._samples.get(name, []):
            if more.items() <= sample.labels.items():
                value = sample.labels.get(label, "")
                result[value] = result.get(value, 0.0) + sample.value
        return result

    def label(self, name: str, label: str) -> str:
        """The value of ``label`` on the first series of metric ``name``; empty without one."""
        samples = self._samples.get(name, [])
        return samples[0].labels.get(label, "") if samples else ""
