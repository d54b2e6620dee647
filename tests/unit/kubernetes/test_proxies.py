# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NO_PROXY in every form that people write, as kubectl reads it."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.proxies import is_exempt, is_loopback

NAME, FOUR, SIX = "https://API.k8s.example:6443", "https://10.1.2.3", "https://[fd00::1]:6443/path"


@pytest.mark.parametrize(
    ("url", "no_proxy", "exempt"),
    [
        (NAME, "api.k8s.example", True),
        (NAME, "K8S.example", True),
        (NAME, ".k8s.example", True),
        (NAME, "*.k8s.example", True),
        (NAME, "other, .example ,", True),
        (NAME, "k8s.example:6443", True),
        (NAME, ".k8s.example:443", False),
        (NAME, "pi.k8s.example", False),
        (NAME, "10.0.0.0/8", False),
        (NAME, "*", True),
        (NAME, "a,*", True),
        (NAME, "", False),
        (NAME, ",.,*.,:6443", False),
        (FOUR, "10.0.0.0/8", True),
        (FOUR, "10.1.2.3/8", True),
        (FOUR, "11.0.0.0/8", False),
        (FOUR, "10.1.2.3", True),
        (FOUR, "10.1.2.3:443", True),
        (FOUR, "10.1.2.3:6443", False),
        (FOUR, "1.2.3", False),
        (FOUR, "/8", False),
        (SIX, "fd00::/8", True),
        (SIX, "fd00::1", True),
        (SIX, "[fd00:0::1]", True),
        (SIX, "[fd00::1]:6443", True),
        (SIX, "[fd00::1]:443", False),
        (SIX, "10.0.0.0/8", False),
        ("https://x:port", "x", False),
    ],
)
def test_host_that_no_proxy_names_is_reached_without_one(url: str, no_proxy: str, exempt: bool) -> None:
    assert is_exempt(url, no_proxy) is exempt


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("https://localhost:6443", True),
        ("https://127.8.9.1", True),
        ("https://[::1]:6443", True),
        ("https://localhost.example", False),
        (FOUR, False),
        ("https://[", False),
    ],
)
def test_this_host_is_known(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback
