# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replica labels of Prometheus 2, and characters that parsers of YAML and Go read whole."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.plain_json import plain_json

from .cases import container, one, render

EXPANDING = "--enable-feature=expand-external-labels"


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        ({}, False),
        ({"prometheus_version": "3.0.0"}, False),
        ({"prometheus_version": "v2.55.1"}, True),
        ({"prometheus_image": "mirror.example:5000/prometheus:v2.55.1"}, True),
        ({"prometheus_image": "mirror.example/prometheus:v3.1.0@sha256:0", "prometheus_version": "2.55.1"}, False),
        ({"prometheus_image": "mirror.example/prometheus:lts", "prometheus_version": "2.53.3"}, True),
    ],
)
def test_prometheus_2_is_told_to_put_in_the_name_of_the_pod(options: dict[str, str], needed: bool) -> None:
    workload = one(render({"sidecar": options}), "StatefulSet", "thanos-sidecar")
    assert (EXPANDING in container(workload, "prometheus")["args"]) == needed


def test_character_that_json_writes_in_two_halves_is_whole() -> None:
    text = "\U0001f525 \x7f\x85\u2028\ufeff\uffff ä"
    written = plain_json({"a": text}, indent=2)
    assert "\U0001f525" in written
    assert "\\u007f\\u0085\\u2028\\ufeff\\uffff ä" in written
    assert yaml.safe_load(written) == {"a": text}
