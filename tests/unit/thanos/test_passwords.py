# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords in URLs are refused and not quoted; what only looks like one is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput

from .cases import one, render


def scraped(sidecar: dict[str, Any]) -> list[dict[str, Any]]:
    """The jobs of the Prometheus of a sidecar with these options."""
    data = one(render({"sidecar": sidecar}), "ConfigMap", "thanos-sidecar")["data"]
    return list(json.loads(data["prometheus.yml"])["scrape_configs"])


PASSWORDS: list[tuple[str, dict[str, Any], str]] = [
    ("ruler", {"alertmanagers": ["http://u:canary@am:9093"]}, "ruler.alertmanagers[0]: a URL with a password, which"),
    (
        "ruler",
        {"alertmanagers": ["htp://u:canary@am:9093"]},
        "ruler.alertmanagers[0]: '…@am:9093' is not a URL with its",
    ),
    (
        "ruler",
        {"alertmanagers": ["http://u:can/ary@am"]},
        "ruler.alertmanagers[0]: '…@am' is not a URL with its scheme",
    ),
    ("ruler", {"query": ["dns+https://u:canary@query"]}, "ruler.query[0]: a URL with a password, which"),
    ("ruler", {"alert_query_url": "https://u:canary@x"}, "is part of every alert"),
    ("query", {"alert_query_url": "https://u:canary@x"}, "query.alert_query_url: a URL with a password, which"),
    ("query", {"endpoints": ["u:canary@x:1"]}, "'…@x:1' is not an address of a StoreAPI"),
    ("query", {"endpoints": ["http://u:canary@x:1"]}, "'…@x:1' is not an address of a StoreAPI"),
    (
        "store",
        {"env": [{"name": "HTTPS_PROXY", "value": "http://u:canary@p:3128"}]},
        "store.env[0].value: a URL with a",
    ),
    ("ruler", {"extra_args": ["--alertmanagers.url=http://u:canary@am"]}, "ruler.extra_args[0]: a URL with a password"),
    ("ruler", {"alertmanagers": ["http://u:$(P)@am"]}, "there is no variable P for $(P); keep it in a Secret, write "),
    ("compact", {"annotations": {"see": "https://u:canary@x"}}, "compact.annotations.see: a URL with a password"),
]


@pytest.mark.parametrize(("tier", "options", "sentence"), PASSWORDS, ids=lambda x: str(x)[:60])
def test_password_in_a_url_is_refused_and_not_quoted(tier: str, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        render({tier: options})
    assert sentence in str(raised.value)
    assert "can" not in str(raised.value).replace("cannot", "")


def test_json_in_an_annotation_is_no_url_with_a_password() -> None:
    text = '[{"url":"http://host","mail":"a@b.example"}]'
    assert render({"query": {"pod_annotations": {"x": text}, "annotations": {"x": text}}})
