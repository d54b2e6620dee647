# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files for pods from Secrets and ConfigMaps of others: what is missing is told before pods wait for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.files import missing_files
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS

CA = "--grpc-client-tls-ca=/etc/thanos/secrets/tls/"
FILES = replace(FACTS, files={"Secret/tls": ("ca.crt", "tls.crt"), "Secret/gone": None, "ConfigMap/a": ("b",)})
ROWS: list[tuple[dict[str, Any], list[str]]] = [
    ({"secrets": ["tls"], "config_maps": ["a"], "extra_args": [f"{CA}ca.crt"]}, []),
    (
        {"secrets": ["gone"]},
        ["instances.query.secrets: the Secret monitoring/gone does not exist; make it, or leave it out."],
    ),
    (
        {"config_maps": ["b"]},
        ["instances.query.config_maps: the ConfigMap monitoring/b does not exist; make it, or leave it out."],
    ),
    (
        {"secrets": ["tls"], "extra_args": [f"{CA}ca.pem"]},
        ["instances.query.extra_args: the Secret monitoring/tls has no key ca.pem; it has: ca.crt, tls.crt."],
    ),
]


@pytest.mark.parametrize(("options", "sentences"), ROWS, ids=lambda x: str(x)[:50])
def test_missing_secret_or_key_is_told(options: dict[str, Any], sentences: list[str]) -> None:
    stack = parse({"cluster": "eu", "instances": {"query": options}})
    assert [str(finding) for finding in missing_files(stack, FILES)] == sentences
